"""A survey addresses people as it says, on every page and in its mails, and always with one voice."""

import re
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from app import clock
from app.languages import INFORMAL
from app.settings import Settings
from app.storage.database import Database
from surveys.fieldwork import outbox
from surveys.questionnaire import definitions, library
from surveys.tables import Invitation, Survey
from tests.app.client import ask, make_key
from tests.app.pages.plain_http import call
from tests.app.pages.setting import issue, poll
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation

FORMAL = {"de": r"\b(?:Ihnen|Ihre?[nmrs]?)\b|\bSie\b(?! (?:kann|wird|ist)\b)", "nl": r"\b(?:[Uu]|[Uu]w)\b"}
FAMILIAR = {"de": r"\b(?:du|dir|dich|deine?[nmrs]?)\b", "nl": r"\b(?:je|jou)\b"}


def address(database: Database, key: str, how: str) -> None:
    """Word a survey that is there for an address, as the API does."""
    with database.writing() as session:
        survey = session.get_one(Survey, (1, key))
        columns = survey.model_dump(exclude={"organisation_id", "key", "created_at"}) | {"address": how}
        template = library.template("enps" if key == "enps" else "nps-touchpoint", how)
        definitions.put(session, 1, key, columns=columns, questions=template.questions, now=NOW)


def voices(text: str, language: str) -> set[str]:
    """Which of the two addresses a page uses."""
    words = re.sub(r"<[^>]*>", " ", text.partition("<main")[2] or text)
    used = {"formal": re.search(FORMAL[language], words), "informal": re.search(FAMILIAR[language], words, re.I)}
    return {voice for voice, there in used.items() if there}


@pytest.mark.parametrize("how", ["formal", "informal"])
@pytest.mark.parametrize("language", INFORMAL)
def test_pages_and_questions_speak_with_one_voice(
    database: Database, settings: Settings, language: str, how: str
) -> None:
    page = issue(database).page
    address(database, "nps", how)
    form = {"content": "score=3", "headers": {"content-type": "application/x-www-form-urlencoded"}}
    lang = f"lang={language}"
    replies = call(
        settings,
        ("GET", f"{page}?{lang}", {}),
        ("GET", f"{page}/about?{lang}", {}),
        ("POST", f"{page}?{lang}", form),
        ("GET", f"{page}?{lang}&step=why", {}),
        ("GET", f"{page}?{lang}&step=thanks", {}),
    )
    assert [reply.status_code for reply in replies] == [200, 200, 303, 200, 200]
    for reply in replies[:2] + replies[3:]:
        assert voices(reply.text, language) == {how}, reply.text
        assert f'<html lang="{language}"' in reply.text
        assert reply.headers["content-language"] == language


@pytest.mark.parametrize("how", ["formal", "informal"])
@pytest.mark.parametrize("language", INFORMAL)
def test_an_anonymous_survey_of_staff_speaks_with_one_voice(
    database: Database, settings: Settings, language: str, how: str
) -> None:
    page = poll(database)[0].page
    address(database, "enps", how)
    replies = call(settings, *(("GET", f"{page}{path}?lang={language}", {}) for path in ("", "/about")))
    for reply in replies:
        assert voices(reply.text, language) == {how}, reply.text


@pytest.mark.parametrize("how", ["formal", "informal"])
def test_a_mail_that_is_due_carries_the_address_of_its_survey(database: Database, how: str) -> None:
    issue(database, locale="de")
    address(database, "nps", how)
    with database.writing() as session:
        session.execute(sa.update(Invitation).values(send_at=clock.now() - timedelta(minutes=1)))
        claimed = outbox.claim(session, clock.now(), SECRETS)
    assert claimed is not None
    (mail,) = claimed
    assert mail.address == how
    assert voices(mail.wording.text, "de") == {how}


def put(settings: Settings, key: str, *surveys: dict[str, str]) -> list[httpx.Response]:
    return ask(settings, key, *(("PUT", f"/surveys/s{at}", body) for at, body in enumerate(surveys)))


def test_staff_are_addressed_informally_and_customers_formally_unless_the_survey_says_otherwise(
    database: Database, settings: Settings
) -> None:
    with database.writing() as session:
        key = make_key(session, make_organisation(session).id)
    replies = put(
        settings,
        key,
        {"name": "Customers", "template": "nps"},
        {"name": "Staff", "template": "enps"},
        {"name": "Young customers", "template": "nps", "address": "informal"},
        {"name": "A ministry", "template": "enps", "address": "formal"},
        {"name": "Staff as customers", "template": "nps", "audience": "staff"},
    )
    addresses = ["formal", "informal", "informal", "formal", "informal"]
    assert [reply.json()["address"] for reply in replies] == addresses
    for reply, how in zip(replies, addresses, strict=True):
        for question in reply.json()["questions"]:
            assert voices(question["texts"]["de"]["text"], "de") == {how}
    (refused,) = put(settings, key, {"name": "Customers", "template": "nps", "address": "polite"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "address")
