"""Pages are held, and still the very next one shows what has changed, in every process."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.storage.database import Database
from surveys.questionnaire import definitions, library
from surveys.tables import Survey
from tests.app.client import make_key
from tests.app.pages.setting import issue
from tests.conftest import SECRET
from tests.factories import NOW, make_organisation, make_survey
from tests.journeys.server import serving


@pytest.fixture
def addresses(database_url: str) -> Iterator[tuple[str, str]]:
    """Two servers on one database."""
    with (
        serving(database_url, SECRET, "--no-worker") as one,
        serving(database_url, SECRET, "--no-worker") as other,
    ):
        yield one, other


def survey(score_text: str) -> dict[str, Any]:
    """The survey of the tests as the API takes it, with another first question."""
    score, *rest = library.template("nps-touchpoint").questions
    score["texts"] = {locale: texts | {"text": f"{score_text} {locale}"} for locale, texts in score["texts"].items()}
    return {
        "template": "nps-touchpoint", "name": "Customer survey", "audience": "customers", "mode": "confidential",
        "questions": [score, *rest], "segments": [], "rest_days": 30, "edit_hours": 48, "expires_days": 30,
    }  # fmt: skip


def test_a_change_is_on_the_very_next_page_of_two_processes(database: Database, addresses: tuple[str, str]) -> None:
    issued = issue(database, locale=None)
    with database.writing() as session:
        key = make_key(session, 1, "owner")
    changes: list[tuple[str, str, dict[str, Any], str]] = [
        ("PUT", "surveys/nps", survey("Would you tell others?"), "Would you tell others? en"),
        ("PUT", "surveys/nps", survey("About {touchpoint}:"), "About Customer support: en"),
        ("PUT", "touchpoints/support", {"name": "The desk", "audience": "customers"}, "About The desk: en"),
        ("PATCH", "organisation", {"name": "Fjord & Sons"}, "Fjord &amp; Sons"),
        ("PATCH", "organisation", {"locale": "da"}, "About The desk: da"),
    ]
    for at, (method, path, body, words) in enumerate(changes):
        for address in addresses:
            assert words not in httpx.get(address + issued.page).text
        through = addresses[at % 2]
        changed = httpx.request(
            method, f"{through}/api/v1/{path}", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
        assert changed.status_code == 200, changed.text
        for address in addresses:
            assert words in httpx.get(address + issued.page).text


def test_each_change_of_a_survey_gives_it_another_version(database: Database) -> None:
    versions = set()
    with database.writing() as session:
        made = make_organisation(session)
        for text in ("One?", "Two?", "Two?"):
            questions = [{"key": "score", "kind": "score", "required": True, "texts": {"en": {"text": text}}}]
            make_survey(session, made.id, questions=questions)
            versions.add(session.get_one(Survey, (made.id, "nps")).version)
    assert len(versions) == 3
    assert 0 not in versions


def test_a_version_is_written_before_the_questions(database: Database) -> None:
    """So that of two who change a survey at once the second waits, and its version stands with its questions."""
    with database.writing() as session:
        survey = make_survey(session, make_organisation(session).id)
        before = survey.version
    columns = {"template": "nps", "name": "Customer survey", "audience": "customers", "mode": "confidential",
               "segments": [], "rest_days": 30, "edit_hours": 48, "expires_days": 30}  # fmt: skip
    with pytest.raises(KeyError), database.writing() as session:
        definitions.put(session, 1, "nps", columns=columns, questions=[{"key": "score"}], now=NOW)
    with database.reading() as session:
        assert session.get_one(Survey, (1, "nps")).version == before
