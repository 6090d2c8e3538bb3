"""The page that says why: initiatives, drivers and words of one survey, with tables beside the figures."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session

from app import clock
from app.settings import Settings
from app.storage.database import Database
from culture import initiatives
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from tests.app.client import ask, make_key
from tests.app.pages.report_pages import shown
from tests.factories import NOW, SCORE, WHY, make_organisation, make_survey
from tests.surveys.results import make_results

HELPFUL = {
    "key": "helpful", "kind": "scale", "required": False,
    "texts": {"en": {"text": "How helpful was our staff?", "low": "not at all", "high": "very"}},
}  # fmt: skip
HERE = Slice("nps", locale="en")


def live(session: Session, **facts: str) -> int:
    """Ten weeks of detractors who waited, then ten of promoters who praise, around an initiative."""
    number = make_organisation(session).id
    make_survey(session, number, questions=[SCORE, HELPFUL, WHY], **facts)
    cells.ensure(session, number, [HERE])
    start = clock.now() - timedelta(weeks=10)
    entries = [
        Entry(
            number, uuid4(), "nps", HERE.id, (start + timedelta(days=day)).date(), 3 if day < 0 else 9,
            start + timedelta(days=day), "waiting forever" if day < 0 else "friendly people",
            answers={"helpful": 2.0 if (day + n) % 5 and day < 0 else 4.0},
        )
        for day in range(-70, 70)
        for n in range(2)
    ]  # fmt: skip
    responses.store(session, entries, NOW)
    initiatives.put(
        session, number, "desk", name="A second desk", kind="inform", scope={"survey": ["nps"]}, comparison=None,
        starts_on=start.date(), ends_on=None,
    )  # fmt: skip
    return number


def test_effects_drivers_and_words_come_in_sentences_tables_and_figures(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        key = make_key(session, live(session), "analyst")
    page = shown(settings, key, "/why?survey=nps")
    assert page.status_code == 200
    figures = json.loads(re.findall(r'id="figures">(.*?)</script>', page.text, re.S)[0])
    assert set(figures) == {"drivers", "words", "effect-0"}
    for name in figures:
        assert f'id="chart-{name}"' in page.text
    for said in ("A second desk", "consistent with", "How helpful was our staff?", "waiting", "friendly"):
        assert said in page.text
    assert "caused" not in page.text


def test_where_there_is_nothing_to_say_the_page_says_so(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        key = make_key(session, number, "analyst")
    page = shown(settings, key, "/why")
    assert "No initiative began" in page.text
    assert "no further question on a scale" in page.text
    assert "Nobody has written a comment yet." in page.text
    assert shown(settings, key, "/why?from=2026-13-01").status_code == 422


def test_the_kinds_of_initiatives_are_offered_in_the_language_of_the_page(
    settings: Settings, database: Database
) -> None:
    with database.writing() as session:
        number = make_organisation(session, locale="de").id
        make_survey(session, number)
        key = make_key(session, number, "analyst")
    page = shown(settings, key, "/why")
    assert '<option value="inspire">begeistern</option>' in page.text
    assert '<option value="incentive">Anreize geben</option>' in page.text


@pytest.mark.parametrize(("audience", "figure"), [("customers", "NPS"), ("staff", "eNPS")])
def test_the_figure_is_named_after_those_who_were_asked(
    settings: Settings, database: Database, audience: str, figure: str
) -> None:
    with database.writing() as session:
        number = live(session, audience=audience)
        # A scope need not name a survey: what it is called follows from whose answers it counts.
        start = (clock.now() - timedelta(weeks=10)).date()
        initiatives.put(
            session, number, "door", name="A new door", kind="involve", scope={"audience": audience}, comparison=None,
            starts_on=start, ends_on=None,
        )  # fmt: skip
        key = make_key(session, number)
    page = shown(settings, key, "/why?survey=nps").text
    effect, chart = ask(settings, key, ("GET", "/initiatives/door/effect"), ("GET", "/charts/effect?initiative=door"))
    for text in (page, effect.text, chart.text):
        assert set(re.findall(r"e?NPS", text)) == {figure}
    assert f"After the start the {figure} was" in effect.json()["wording"]
    assert f'aria-label="{figure} by week before and after' in page


def test_of_an_anonymous_survey_the_page_says_why_it_tells_less(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        key = make_key(session, number)
    page = shown(settings, key, "/why?survey=enps").text
    assert "five waves or more close" in page
    assert "no word can be set apart" in page
    assert "asks the score and a comment, nothing else" in page
    assert "comments so far" not in page
    assert 'href="/report?survey=enps"' in page
    assert 'href="/why?survey=enps"' in shown(settings, key, "/report?survey=enps").text
