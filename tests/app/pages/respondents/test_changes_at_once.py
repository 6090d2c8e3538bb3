"""Pages are held, and still the very next one shows what has changed, in every process."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import clock
from app.storage.database import Database
from surveys import links
from surveys.answering import open_pages
from surveys.questionnaire import definitions, library
from surveys.questionnaire.wordings import without_brackets
from surveys.tables import Survey
from tests.app.cli.commands import run
from tests.app.client import make_key
from tests.app.pages.setting import issue, token
from tests.conftest import SECRET
from tests.factories import NOW, make_contact, make_invitation, make_organisation, make_survey
from tests.journeys.server import serving

ROOT = Path(__file__).parents[4]
FLOORS = ("app", "analytics", "culture", "surveys")
DESK = {"name": "The desk", "audience": "customers"}


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


def test_a_change_is_on_the_very_next_page_of_two_processes(
    database: Database, database_url: str, addresses: tuple[str, str]
) -> None:
    issued = issue(database, locale=None)
    with database.writing() as session:
        key = make_key(session, 1, "owner")
        made = open_pages.make(session, 1, "support", survey="nps", unit=None, now=clock.now())
        code = links.sign(SECRET.encode(), "open", 1, made.id)
    own, about, public = issued.page, f"{issued.page}/about", f"/q/{code}"
    both = (own, public)
    changes: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
        ("PUT", "surveys/nps", survey("Would you tell others?"), dict.fromkeys(both, "Would you tell others? en")),
        ("PUT", "surveys/nps", survey("About {touchpoint}:"), dict.fromkeys(both, "About Customer support: en")),
        ("PUT", "surveys/nps", survey("About {touchpoint}:") | {"edit_hours": 36}, {about: "for 36 hours"}),
        ("PUT", "touchpoints/support", DESK, dict.fromkeys(both, "About The desk: en")),
        ("PATCH", "organisation", {"name": "Fjord & Sons"}, dict.fromkeys((*both, about), "Fjord &amp; Sons")),
        ("PATCH", "organisation", {"locale": "da"}, dict.fromkeys(both, "About The desk: da") | {about: "dit svar"}),
    ]
    for at, (method, path, body, words) in enumerate(changes):
        places = [(address, page, text) for address in addresses for page, text in words.items()]
        for address, page, text in places:
            assert text not in httpx.get(address + page).text
        through = addresses[at % 2]
        changed = httpx.request(
            method, f"{through}/api/v1/{path}", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
        assert changed.status_code == 200, changed.text
        for address, page, text in places:
            assert text in httpx.get(address + page).text
    ask_from_the_command_line(database, database_url, addresses)


def ask_from_the_command_line(database: Database, database_url: str, addresses: tuple[str, str]) -> None:
    """Make surveys with the command while the servers run: each asks its own questions at once."""
    with database.writing() as session:
        contact = make_contact(session, 1, "bo", locale="en")
    for template in ("nps", "nps-touchpoint"):
        key = f"{template}-here"
        assert run(database_url, "survey", "create", key, "--template", template).exit_code == 0
        with database.writing() as session:
            made = session.get_one(Survey, (1, key))
            sent = make_invitation(session, made, contact, created_at=clock.now(), touchpoint="support")
        score, *_ = library.template(template).questions
        words = without_brackets(score["texts"]["en"])["text"].format(organisation="Fjord & Sons")
        for address in addresses:
            assert html.escape(words) in httpx.get(f"{address}/s/{token('answer', sent)}").text


def test_questions_and_version_of_a_survey_are_written_in_one_place() -> None:
    """Whatever writes questions elsewhere, on the command line too, would leave pages as they are held."""
    written = re.compile(r"(?<!class )\bQuestion\(|\.version = |update\((?:Question|Survey)\)|delete\(Question\)")
    places = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if written.search(path.read_text())]
    assert [str(path.relative_to(ROOT)) for path in places] == ["surveys/questionnaire/definitions.py"]


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
