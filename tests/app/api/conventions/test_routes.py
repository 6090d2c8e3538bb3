"""What a body may be: of a kind that the route reads, and of text and numbers that both databases can hold."""

import asyncio
from typing import Any

import httpx
import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import client, make_key
from tests.factories import make_organisation, make_survey

BODIES = {
    ("POST", "/surveys/nps/responses"): '{"items": [{"score": 9, "comment": "%s"}]}',
    ("PUT", "/units/north"): '{"name": "%s"}',
    ("POST", "/surveys/nps/invitations"): '{"contacts": ["%s"], "deliver": "link"}',
    ("PUT", "/baselines/first"): '{"query": {"survey": "nps"}, "note": "%s"}',
}
JSON_SPELLINGS = (
    "application/json",
    "application/JSON",
    "APPLICATION/json; charset=utf-8",
    " application/json ;x=y",
    "",
)
UNREAD = ("application/problem+json", "text/plain", "application/x-www-form-urlencoded", "application/json, text/plain")


@pytest.fixture
def owner(database: Database) -> str:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id)
        return make_key(session, organisation.id)


def send(settings: Settings, key: str, kinds: tuple[str, ...], text: str, encoding: str = "utf-8") -> list[Any]:
    """The replies to each body with `text` inside, said to be of each kind."""

    async def run() -> list[httpx.Response]:
        async with client(settings, key) as http:
            return [
                await http.request(
                    method,
                    f"/api/v1{path}",
                    content=(body % text).encode(encoding),
                    headers={"Content-Type": kind} if kind else {},
                )
                for (method, path), body in BODIES.items()
                for kind in kinds
            ]

    return asyncio.run(run())


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\uDC00 after"])
def test_text_that_cannot_be_stored_is_refused_however_json_is_spelt(settings: Settings, owner: str, text: str) -> None:
    for reply in send(settings, owner, JSON_SPELLINGS, text):
        assert (reply.status_code, [e["field"] for e in reply.json()["errors"]]) == (422, ["body"]), reply.request.url


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_json_is_read_as_utf_8_and_nothing_else(settings: Settings, owner: str, encoding: str) -> None:
    for reply in send(settings, owner, ("application/json",), "\\u0000", encoding):
        assert (reply.status_code, [e["field"] for e in reply.json()["errors"]]) == (422, ["body"])


def test_a_kind_of_body_that_is_not_read_is_415(settings: Settings, owner: str) -> None:
    for reply in send(settings, owner, UNREAD, "\\u0000"):
        assert (reply.status_code, reply.json()["type"]) == (415, "urn:soundings:problem:unsupported-media-type")
        assert "application/json" in reply.json()["detail"]


def test_json_is_taken_however_it_is_spelt(settings: Settings, owner: str) -> None:
    for reply in send(settings, owner, JSON_SPELLINGS, "North"):
        # nobody is called North, so that the invitation is refused by its field
        assert reply.status_code in (200, 201) or reply.json()["errors"][0]["field"].startswith("contacts"), reply.text


def test_a_number_too_long_to_read_is_refused(settings: Settings, owner: str) -> None:
    async def run() -> httpx.Response:
        async with client(settings, owner) as http:
            content = b'{"name": "\\ud83d\\ude00", "parent": 1%s}' % (b"0" * 5_000)
            headers = {"Content-Type": "application/json"}
            return await http.put("/api/v1/units/north", content=content, headers=headers)

    reply = asyncio.run(run())
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "body")


def test_the_key_comes_before_the_body(settings: Settings, owner: str) -> None:
    read = 0

    async def body() -> Any:
        nonlocal read
        for _ in range(40):
            read += 1
            yield b" " * 65_536

    async def run() -> list[httpx.Response]:
        async with client(settings, "snd_" + "A" * 70) as http:
            headers = {"Content-Type": "application/json"}
            return [
                await http.request(method, f"/api/v1{path}", content=body(), headers=headers)
                for method, path in [*BODIES, ("POST", "/contacts")]
            ]

    assert [reply.status_code for reply in asyncio.run(run())] == [401] * (len(BODIES) + 1)
    assert read == 0
