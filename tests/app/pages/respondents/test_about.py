"""The page about the answers says what holds for this survey, in every language, for as long as the link is known."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
import sqlalchemy as sa

from app import clock
from app.languages import LANGUAGES, day_in_words, time_in_words
from app.settings import Settings
from app.storage.database import Database
from surveys.contacts import erasure
from surveys.fieldwork import waves
from surveys.tables import Invitation, Survey
from tests.app.client import ask, make_key
from tests.app.pages.plain_http import call, everything
from tests.app.pages.report_pages import shown
from tests.app.pages.setting import Issued, issue, over, poll, token
from tests.conftest import SECRETS
from tests.factories import make_organisation
from tests.surveys.staff import LASTS, Employee, backdate, hire, make_enps, make_units, open_wave, team

ZONE = "Europe/Copenhagen"
ANONYMOUS = "This survey is anonymous"
CONFIDENTIAL = "This survey is not anonymous"


def get(settings: Settings, *paths: str) -> list[httpx.Response]:
    return call(settings, *(("GET", path, {}) for path in paths))


def heading(reply: httpx.Response) -> str:
    """What the one h1 of a page says."""
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", reply.text)
    return str(found)


def close(database: Database) -> None:
    with database.writing() as session:
        backdate(session)
        waves.close(session, 1, "w1", clock.now(), SECRETS)


TOTALS = "compares two results of the whole organisation"
WITHHELD = "taken together with those of earlier surveys, would tell something about fewer than 7 people"


@pytest.mark.parametrize("always", [False, True])
def test_an_anonymous_survey_tells_whether_its_total_is_always_released(
    database: Database, settings: Settings, always: bool
) -> None:
    one, *_ = poll(database, floor=7, always_release_total=always)
    (page,) = get(settings, f"{one.page}/about?lang=en")
    assert (TOTALS in page.text, WITHHELD in page.text) == (always, not always)
    assert "the results of three or more surveys" in page.text or always


def test_an_anonymous_survey_tells_its_own_floors_segments_and_last_day(database: Database, settings: Settings) -> None:
    now = clock.now()
    one, *_ = poll(database, now=now, floor=7, comment_floor=13, segments=["site", "years"])
    (page,) = get(settings, f"{one.page}/about")
    assert (page.status_code, heading(page)) == (200, ANONYMOUS)
    for told in (
        "these details on record about you: site, years",
        "merged until each has at least 7 answers",
        "If fewer than 7 people have answered in all, no result is released",
        "results for groups of at least 7 answers",
        "only from groups of at least 13 answers",
        "only for groups of at least 10 invited people",
        "These results and comments may be published",
        "12 asked; 0 added within a day of opening; 0 erased since.",
        "known here for 14 days or longer when the survey opened",
        f"closes on {day_in_words(now + LASTS, 'en', ZONE)} at the latest",
    ):
        assert told in page.text
    assert page.text.count("<h2>") == 7


def test_whoever_is_asked_sees_that_nine_were_made_up_and_erased(database: Database, settings: Settings) -> None:
    """So do the wave and the report; a sender alone could read the one who is real otherwise."""
    now, invented = clock.now(), team("crew", 9)
    with database.writing() as session:
        number = make_organisation(session).id
        make_units(session, number, {"crew": None})
        hire(session, number, [Employee("target", "crew")])
        hire(session, number, invented, since=now - timedelta(hours=20))
        asked = open_wave(session, make_enps(session, number), "w1", [*invented, Employee("target", "crew")], now)
        for one in invented:
            erasure.erase(session, number, one.ref, now, SECRETS)
        owner, target = make_key(session, number), asked["target"]
        page = f"/s/{token('answer', target)}/about?lang=en"
    said = "10 asked; 9 added within a day of opening; 9 erased since."
    assert said in get(settings, page)[0].text
    assert said in shown(settings, owner).text
    (wave,) = ask(settings, owner, ("GET", "/waves/w1"))
    assert [wave.json()[name] for name in ("asked", "known", "added", "erased", "known_days")] == [10, 1, 9, 9, 14]


def test_it_says_where_everybody_counts_however_lately_they_were_added(database: Database, settings: Settings) -> None:
    (page,) = get(settings, f"{poll(database, known_days=0)[0].page}/about")
    assert "Everybody asked counts towards the size of a group" in page.text
    assert "days or longer" not in page.text


KEPT = {
    "groups": "no more is kept than whether it was from 0 to 6, 7 or 8, or 9 or 10",
    "scores": "The number itself is kept",
}


@pytest.mark.parametrize("scores", KEPT)
def test_it_says_what_is_kept_of_a_number_whatever_the_survey_says_later(
    database: Database, settings: Settings, scores: str
) -> None:
    one, *_ = poll(database, scores=scores)
    with database.writing() as session:
        session.execute(sa.update(Survey).values(scores=None))
    (page,) = get(settings, f"{one.page}/about")
    assert [kept for kept, words in KEPT.items() if words in page.text] == [scores]


def test_it_says_what_a_comment_gives_away_and_that_nothing_is_noted_on_the_invitation(
    database: Database, settings: Settings
) -> None:
    one, *_ = poll(database, comment_floor=13)
    (page,) = get(settings, f"{one.page}/about")
    assert "If only one of 13 people in a group gave a very low number, and only one comment is angry" in page.text
    assert "Nothing about your answer, not even that you have given one." in page.text


def test_it_names_the_segments_of_its_own_wave_whatever_the_survey_declares_later(
    database: Database, settings: Settings
) -> None:
    one, *_ = poll(database, segments=["site", "years"])
    close(database)
    with database.writing() as session:
        session.execute(sa.update(Survey).values(segments=["years", "income"]))
    (page,) = get(settings, f"{one.page}/about")
    assert "these details on record about you: site, years</li>" in page.text


def test_a_survey_without_segments_names_none(database: Database, settings: Settings) -> None:
    (page,) = get(settings, f"{poll(database)[0].page}/about")
    assert "on record about you" not in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_every_language_with_its_dates(database: Database, settings: Settings, language: str) -> None:
    now = clock.now()
    one, *_ = poll(database, now=now)
    asked = f"?lang={language}"
    survey, page = get(settings, one.page + asked, f"{one.page}/about{asked}")
    assert f'<html lang="{language}">' in page.text
    assert day_in_words(now + LASTS, language, ZONE) in page.text
    assert (heading(page) == ANONYMOUS) == (language == "en")
    # Both ways the language stays.
    assert urljoin(one.page, link(survey, "about")) == f"{one.page}/about{asked}"
    assert urljoin(f"{one.page}/about", link(page, "../")) == one.page + asked


def link(reply: httpx.Response, part: str) -> str:
    """The address of the one link with `part` in it, leaving out those to the same page in another language."""
    (found,) = [to for to in re.findall(r'<a (?:class="\w+" )?href="([^"]*)"', reply.text) if part in to]
    return str(found)


def test_a_confidential_survey_says_plainly_that_answers_are_linked(database: Database, settings: Settings) -> None:
    issued = issue(database)
    survey, page = get(settings, issued.page, f"{issued.page}/about")
    assert (page.status_code, heading(page)) == (200, CONFIDENTIAL)
    assert "link your answer to you" in page.text
    assert "together with your name and contact details" in page.text
    assert "How to have your answer erased" in page.text
    assert urljoin(issued.page, link(survey, "about")) == f"{issued.page}/about"
    assert urljoin(f"{issued.page}/about", link(page, "../")) == issued.page


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"edit_hours": 1}, "for 1 hour after you have given it, as long as the survey is open"),
        ({"edit_hours": 36}, "for 36 hours after you have given it, as long as the survey is open"),
        ({"edit_hours": 0}, "Once you have sent your answer, it can no longer be changed."),
        ({"answered_at": clock.now() - timedelta(days=9)}, "Your answer can no longer be changed."),
    ],
)
def test_it_says_until_when_an_answer_may_be_changed(
    database: Database, settings: Settings, facts: dict[str, Any], told: str
) -> None:
    (page,) = get(settings, f"{issue(database, **facts).page}/about")
    assert told in page.text


def test_after_answering_it_names_the_hour_until_which_the_answer_may_be_changed(
    database: Database, settings: Settings
) -> None:
    issued = issue(database, edit_hours=24)
    _, page = call(
        settings, ("POST", issued.page, {"data": {"score": "9"}}), ("GET", f"{issued.page}/about?lang=da", {})
    )
    with database.reading() as session:
        answered_at = session.execute(sa.select(Invitation)).scalar_one().answered_at
    assert time_in_words(answered_at + timedelta(hours=24), "da", ZONE) in page.text


def test_it_stays_readable_once_the_answer_is_given_and_once_the_survey_has_closed(
    database: Database, settings: Settings
) -> None:
    one, other, *_ = poll(database)
    call(settings, ("POST", one.page, {"data": {"score": "9"}}))
    given, survey = get(settings, f"{one.page}/about", one.page)
    close(database)
    after = get(settings, f"{one.page}/about", f"{other.page}/about", other.page)
    today = day_in_words(clock.now(), "en", ZONE)
    assert [(r.status_code, heading(r)) for r in (given, *after[:2])] == [(200, ANONYMOUS)] * 3
    assert all(f"The survey closed on {today}." in r.text for r in after[:2])
    assert "closed on" not in given.text
    # The sheets that say why there is nothing to answer lead there too.
    assert (survey.status_code, after[2].status_code) == (410, 410)
    assert urljoin(one.page, link(survey, "about")) == f"{one.page}/about"
    assert urljoin(other.page, link(after[2], "about")) == f"{other.page}/about"


@pytest.mark.parametrize(
    ("case", "status", "told"),
    [
        ("answered", 200, "Tämä kysely ei ole anonyymi"),
        ("closed", 200, "Tämä kysely ei ole anonyymi"),
        ("expired", 410, "Tämä kutsu on vanhentunut"),
        ("withdrawn", 410, "Tämä kutsu on peruttu"),
    ],
)
def test_a_link_that_is_over_is_told_as_on_the_survey_page_unless_it_was_answered_or_closed(
    database: Database, settings: Settings, case: str, status: int, told: str
) -> None:
    issued = over(database, case)
    (page,) = get(settings, f"{issued.page}/about")
    assert (page.status_code, heading(page)) == (status, told)
    assert ("/about" in page.text) is False


def test_an_unknown_link_has_no_such_page(settings: Settings, database: Database) -> None:
    issue(database)
    (page,) = get(settings, "/s/unknown/about?lang=sv")
    assert (page.status_code, heading(page)) == (404, "Den här länken fungerar inte")


def test_reading_it_writes_nothing_and_it_takes_nothing(database: Database, settings: Settings) -> None:
    one: Issued = poll(database)[0]
    before = everything(database)
    about = f"{one.page}/about"
    got, head, options, posted, json = call(
        settings,
        ("GET", about, {}),
        ("HEAD", about, {}),
        ("OPTIONS", about, {}),
        ("POST", about, {"data": {"score": "9"}}),
        ("POST", about, {"json": {"score": 9}}),
    )
    assert [r.status_code for r in (got, head, options, posted, json)] == [200, 200, 405, 405, 405]
    assert everything(database) == before
