"""What the survey page refuses: forms it cannot take, bodies that are cut off, links that are over or unknown."""

import socket
from typing import Any

import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.pages.plain_http import FORM, call, everything, stored
from tests.app.pages.setting import FURTHER, issue, over
from tests.app.served import served


@pytest.mark.parametrize("score", ["", "11", "-1", "7.5", "nine", "٣", " 9", None, ["9", "8"]])
def test_a_form_without_a_score_says_what_to_do(database: Database, settings: Settings, score: Any) -> None:
    issued = issue(database, locale="da")
    (reply,) = call(settings, ("POST", issued.page, {"data": {"score": score} if score is not None else {"x": "y"}}))
    assert reply.status_code == 422
    assert "Vælg et tal fra 0 til 10." in reply.text
    assert stored(database) == ([], {})


@pytest.mark.parametrize("body", [b"score=9&comment=%ff", b"score=9&comment=\xff", b"&".join([b"a=1"] * 2000)])
def test_a_form_that_cannot_be_read_is_a_page_that_says_so(database: Database, settings: Settings, body: bytes) -> None:
    issued = issue(database)
    (reply,) = call(settings, ("POST", issued.page, {"content": body, "headers": FORM}))
    assert reply.status_code == 422
    assert "We could not read this" in reply.text
    assert stored(database) == ([], {})


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"score": 9, "comment": "\xff"}', "application/json", 422),
        (b'{"score": 9, "comment": "a\\u0000b"}', "application/json", 422),
        (b'{"score": 9, "comment": "\\ud800"}', "application/json", 422),
        (b'{"score": 9, "answers": {"why-not": "a\\u0000b"}}', "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b"", "application/json", 422),
        (b"score,9", "text/csv", 415),
        (b"<score>9</score>", "application/xml", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b" " * 2_000_000, "application/json", 413),
        (b" " * 2_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_no_body_is_worse_than_a_clear_refusal(
    database: Database, settings: Settings, body: bytes, kind: str, status: int
) -> None:
    further = [*FURTHER, {"key": "why-not", "kind": "text", "required": False, "texts": {"en": {"text": "Why not?"}}}]
    score = {"key": "score", "kind": "score", "required": True, "texts": {"en": {"text": "How likely?"}}}
    issued = issue(database, questions=[score, *further])
    (reply,) = call(settings, ("POST", issued.page, {"content": body, "headers": {"content-type": kind}}))
    assert reply.status_code == status
    assert stored(database) == ([], {})


@pytest.mark.parametrize(
    ("kind", "cut", "length"),
    [("application/x-www-form-urlencoded", b"score=1", 8), ("application/json", b'{"score": 9}', 20)],
)
def test_an_answer_that_is_cut_off_on_its_way_is_not_stored(
    database: Database, settings: Settings, kind: str, cut: bytes, length: int
) -> None:
    issued = issue(database)
    with served(settings) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            head = f"POST {issued.page} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
            connection.sendall(head.encode() + cut)
    assert stored(database) == ([], {})


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("expired", "Tämä kutsu on vanhentunut"),
        ("withdrawn", "Tämä kutsu on peruttu"),
        ("answered", "Olet jo vastannut"),
        ("closed", "Tämä kysely on päättynyt"),
    ],
)
def test_a_link_that_is_over_says_why_in_the_readers_language(
    database: Database, settings: Settings, case: str, words: str
) -> None:
    issued = over(database, case)
    before = everything(database)
    form = ("POST", issued.page, {"data": {"score": "9"}})
    got, posted, json = call(settings, ("GET", issued.page, {}), form, ("POST", issued.page, {"json": {"score": 9}}))
    for reply in (got, posted):
        assert reply.status_code == 410
        assert words in reply.text
        assert '<html lang="fi">' in reply.text
    assert (json.status_code, json.headers["content-type"]) == (410, "application/problem+json")
    assert everything(database) == before


def test_an_unknown_link_is_a_page_in_the_language_of_the_browser(settings: Settings, database: Database) -> None:
    token = issue(database).page
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    nl = {"headers": {"accept-language": "xx, nl-BE;q=0.9, en;q=0.5"}}
    form = ("POST", forged, nl | {"data": {"score": "1"}})
    for reply in call(settings, ("GET", "/s/x", nl), ("GET", forged, nl), form):
        assert reply.status_code == 404
        assert "Deze link werkt niet" in reply.text
