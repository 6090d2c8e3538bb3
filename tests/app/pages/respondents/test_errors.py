"""Whatever a respondent's link refuses, it says why in the language of the page, and nothing of it in English."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app import clock
from app.languages import LANGUAGES
from app.pages.respondents import reasons
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.answering import open_pages
from tests.app.pages.plain_http import FORM, Request, call, stored
from tests.app.pages.setting import issue
from tests.conftest import SECRET

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "en"}
LONG = b"score=9&comment=" + b"x" * 2_000_000
GUESSES = 101
ORGANISATION = "Fjord Ferries"


async def flowing() -> AsyncIterator[bytes]:
    """A long body whose length nobody announced."""
    for start in range(0, len(LONG), 100_000):
        yield LONG[start : start + 100_000]


def form(**fields: str) -> dict[str, Any]:
    return {"data": fields}


def plain(body: Any, kind: str = FORM["content-type"]) -> dict[str, Any]:
    return {"content": body, "headers": {"content-type": kind}}


CASES: list[tuple[str, str, dict[str, Any], int]] = [
    ("POST", "s", plain(b"score=%ff"), 422),
    ("POST", "s", plain(b"&".join([b"a=1"] * 2000)), 422),
    ("POST", "s", plain(LONG), 413),
    ("POST", "s", plain(flowing), 413),
    ("POST", "s", plain(b"score=9", "text/plain"), 415),
    ("POST", "s", plain(b"--x--", "multipart/form-data; boundary=x"), 415),
    ("DELETE", "s", {}, 405),
    ("GET", "s-forged", {}, 404),
    ("POST", "s-forged", form(score="9"), 404),
    ("GET", "s-forged/about", {}, 404),
    ("GET", "s/elsewhere", {}, 404),
    ("POST", "q", plain(b"score=%ff"), 422),
    ("POST", "q", form(score="9"), 422),
    ("POST", "q", plain(LONG), 413),
    ("POST", "q", plain(flowing), 413),
    ("POST", "q", plain(b"score=9", "text/plain"), 415),
    ("PUT", "q", {}, 405),
    ("GET", "q-forged", {}, 404),
    ("POST", "u", plain(LONG), 413),
    ("GET", "u-forged", {}, 404),
    ("POST", "u-forged", {}, 404),
    ("GET", "r-forged", {}, 404),
]


def sent(paths: dict[str, str], method: str, name: str, more: dict[str, Any], language: str) -> Request:
    """The request of a case by somebody whose browser speaks English and who chose the language on the page."""
    place, _, end = name.partition("/")
    path = paths[place.removesuffix("-forged")] + ("x" if place.endswith("-forged") else "") + (end and f"/{end}")
    body = {"content": flowing()} if more.get("content") is flowing else {}
    return method, f"{path}?lang={language}", more | body | {"headers": BROWSER | more.get("headers", {})}


def said(reply: httpx.Response) -> set[str]:
    """The title, heading and sentences of a page."""
    assert reply.headers["content-type"] == "text/html; charset=utf-8", reply.text
    texts = re.findall(r"<(?:title|h1|p)\b[^>]*>(.*?)</(?:title|h1|p)>", reply.text, re.S)
    return {re.sub(r"<[^>]+>", "", text).strip() for text in texts} - {ORGANISATION}


def assert_no_english(replies: dict[str, list[httpx.Response]], statuses: list[int]) -> None:
    """What each language says is whole, and nothing of it is what English says."""
    for language, answers in replies.items():
        assert [reply.status_code for reply in answers] == statuses
        for english, reply in zip(replies["en"], answers, strict=True):
            assert f'<html lang="{language}">' in reply.text
            assert len(said(reply)) >= 2
            assert language == "en" or said(reply) & said(english) == set(), reply.text


@pytest.fixture
def paths(database: Database) -> dict[str, str]:
    """The links of somebody who reads Finnish, and an open page."""
    issued = issue(database, locale="fi")
    with database.writing() as session:
        page = open_pages.make(session, 1, "support", survey="nps", unit=None, now=clock.now())
        code = links.sign(SECRET.encode(), "open", 1, page.id)
    return {"s": issued.page, "u": issued.unsubscribe, "q": f"/q/{code}", "r": "/r/wave"}


def test_no_error_page_is_english_where_another_language_was_chosen(
    database: Database, settings: Settings, paths: dict[str, str]
) -> None:
    replies = {
        language: call(settings, *(sent(paths, m, name, more, language) for m, name, more, _ in CASES))
        for language in LANGUAGES
    }
    assert_no_english(replies, [status for *_, status in CASES])
    assert stored(database) == ([], {})


def test_whoever_tries_too_often_or_meets_a_fault_reads_so_in_the_language_chosen(
    database: Database, settings: Settings, paths: dict[str, str]
) -> None:
    with database.writing() as session:
        session.execute(sa.text("DROP TABLE open_page"))
    calls = [sent(paths, "GET", "q", {}, language) for language in LANGUAGES]
    calls += [sent(paths, "POST", "q", form(score="9", submission_id="a"), language) for language in LANGUAGES]
    calls += [sent(paths, "GET", "s-forged", {}, "en")] * GUESSES
    calls += [sent(paths, "GET", "s-forged", {}, language) for language in LANGUAGES]
    faults, guesses = (answers := call(settings, *calls))[: 2 * len(LANGUAGES)], answers[-len(LANGUAGES) :]
    each = zip(LANGUAGES, faults[: len(LANGUAGES)], faults[len(LANGUAGES) :], guesses, strict=True)
    assert_no_english({language: replies for language, *replies in each}, [500, 500, 429])


@pytest.mark.parametrize("more", [plain(LONG), plain(b"score=%ff"), plain(b"score=9", "text/plain")])
def test_what_cannot_be_read_is_said_in_the_language_of_the_person_and_not_of_the_browser(
    settings: Settings, paths: dict[str, str], more: dict[str, Any]
) -> None:
    request = more | {"headers": BROWSER | more["headers"]}
    (reply,) = call(settings, ("POST", paths["s"], request))
    assert '<html lang="fi">' in reply.text
    assert "Mitään ei tallennettu." in reply.text
    assert ORGANISATION in reply.text


def test_a_program_is_told_a_problem(settings: Settings, paths: dict[str, str]) -> None:
    bodies = [b" " * 2_000_000, b"{"]
    calls: list[Request] = [("POST", paths[at], plain(body, "application/json")) for at in "sq" for body in bodies]
    replies = call(settings, *calls, *(("POST", paths[at], plain(b"9", "text/plain")) for at in "sq"))
    assert [reply.status_code for reply in replies] == [413, 422, 413, 422, 415, 415]
    assert {reply.headers["content-type"] for reply in replies} == {"application/problem+json"}
    assert [reply.headers.get("connection") for reply in replies[:4]] == ["close", None, "close", None]


@pytest.mark.parametrize("name", [*(kind.__name__ for kind in reasons.KINDS), *reasons.BY_STATUS.values()])
@pytest.mark.parametrize("anonymous", [False, True])
def test_every_reason_is_worded_in_every_language(name: str, anonymous: bool) -> None:
    headings, sentences = zip(
        *(reasons.worded(name, language, anonymous=anonymous) for language in LANGUAGES), strict=True
    )
    assert len(set(headings)) == len(set(sentences)) == len(LANGUAGES)
