"""Bodies that are too long and addresses that guess too often are turned away early and clearly."""

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from app.database import Database
from app.settings import Settings
from surveys.tables import Response
from tests.app.client import client, make_key
from tests.factories import make_organisation, make_survey

MIB = 1 << 20


@pytest.fixture
def owner(database: Database) -> str:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id)
        return make_key(session, organisation.id)


class Flood:
    """A body of 100 MiB that notes how much of it was read."""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> Any:
        yield b'{"items": [{"score": 9, "comment": "'
        for _ in range(100):
            self.read += MIB
            yield b"x" * MIB


@pytest.mark.parametrize("path", ["/api/v1/surveys/nps/responses", "/api/v1/keys", "/s/token"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_100_mb_is_refused_without_reading_it_all(
    settings: Settings, database: Database, owner: str, path: str, announced: bool
) -> None:
    flood = Flood()

    async def run() -> Any:
        headers = {"Content-Type": "application/json"} | ({"Content-Length": str(100 * MIB)} if announced else {})
        async with client(settings, owner) as http:
            return await http.post(path, content=flood, headers=headers)

    reply = asyncio.run(run())
    if path.startswith("/api/"):
        assert (reply.status_code, reply.json()["type"]) == (413, "urn:soundings:problem:too-large")
    else:
        assert reply.status_code in (404, 413)  # a token that is none of ours is refused first
    assert flood.read <= (0 if announced else 34) * MIB
    with database.reading() as session:
        assert session.exec(select(Response)).all() == []


@pytest.mark.parametrize(("path", "wrong"), [("/s/{}", 404), ("/api/v1/organisation", 401)])
def test_an_address_that_guesses_too_often_has_to_wait(settings: Settings, path: str, wrong: int) -> None:
    async def run() -> list[Any]:
        async with client(settings, "snd_guess") as http:
            return [await http.get(path.format(n)) for n in range(102)]

    replies = asyncio.run(run())
    assert [r.status_code for r in replies] == [wrong] * 100 + [429] * 2
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= 60
    assert replies[-1].json()["type"] == "urn:soundings:problem:too-many"
