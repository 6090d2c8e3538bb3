"""Bodies that are too long and addresses that guess too often are turned away early and clearly."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app import clock
from app.edge.limits import Guesses
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.tables import Response
from tests.app.client import client, make_key
from tests.app.pages.report_pages import enter, stocked
from tests.conftest import SECRET
from tests.factories import invited, make_organisation, make_survey

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


def test_who_is_right_is_let_in_whatever_others_behind_the_address_guess(
    settings: Settings, database: Database
) -> None:
    with database.writing() as session:
        _, _, invitation = invited(session)
        invitation.expires_at = clock.now() + timedelta(days=1)
        key = make_key(session, 1)
    link = f"/s/{links.sign(SECRET.encode(), 'answer', 1, invitation.id)}"

    async def run() -> list[Any]:
        async with client(settings) as http:
            wrong = [(await http.get("/s/guess")).status_code for _ in range(130)]
            form = await http.get("/sign-in")
            signed_in = {"key": key, "token": re.findall(r'name="token" value="([^"]+)"', form.text)[0]}
            return [
                wrong[-1],
                (await http.get("/s/guess")).status_code,
                (await http.post("/s/guess", json={"score": 9})).status_code,
                (await http.get("/api/v1/organisation", headers={"Authorization": "Bearer snd_guess"})).status_code,
                (await http.get(link)).status_code,
                (await http.post(link, json={"score": 9})).status_code,
                (await http.get("/api/v1/organisation", headers={"Authorization": f"Bearer {key}"})).status_code,
                (await http.post("/sign-in", data=signed_in)).status_code,
            ]

    assert asyncio.run(run()) == [429] * 4 + [200, 201, 200, 303]


def test_guesses_at_once_are_all_counted(settings: Settings) -> None:
    async def run() -> list[Any]:
        async with client(settings, "snd_guess") as http:
            return await asyncio.gather(*(http.get("/api/v1/organisation") for _ in range(150)))

    statuses = [reply.status_code for reply in asyncio.run(run())]
    assert (statuses.count(401), statuses.count(429)) == (100, 50)


def test_wrong_keys_on_the_sign_in_page_count_too(settings: Settings) -> None:
    async def run() -> list[Any]:
        async with client(settings) as http:
            form = await http.get("/sign-in")
            token = re.findall(r'name="token" value="([^"]+)"', form.text)[0]
            return [await http.post("/sign-in", data={"key": f"snd_{n}", "token": token}) for n in range(101)]

    replies = asyncio.run(run())
    assert [reply.status_code for reply in replies] == [401] * 100 + [429]
    assert int(replies[-1].headers["Retry-After"]) >= 1


def test_a_network_of_ipv6_counts_as_one_address_and_ipv4_by_itself() -> None:
    guesses = Guesses()
    for n in range(100):
        assert guesses.wrong(f"2001:db8:0:1::{n:x}", 0.0) == 0
    assert guesses.wrong("2001:db8:0:1:ffff::1", 0.0) == 60
    assert guesses.wrong("2001:db8:0:2::1", 0.0) == 0
    for _ in range(100):
        assert guesses.wrong("::ffff:192.0.2.7", 0.0) == 0
    assert guesses.wrong("192.0.2.7", 20.5) == 40
    assert guesses.wrong("192.0.2.8", 0.0) == 0
    assert guesses.wrong("192.0.2.7", 60.0) == 0


def test_the_table_of_guesses_is_bounded_and_forgets_after_a_minute() -> None:
    guesses = Guesses(most=1_000)
    for n in range(5_000):
        guesses.wrong(f"2001:db8:{n:x}::1", n / 1_000)
    assert len(guesses) == 1_000
    guesses.wrong("192.0.2.7", 120.0)
    assert len(guesses) == 1


def test_an_address_of_a_page_with_u_0000_leads_nowhere(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number)
    paths = ("/report?survey=%00", "/why?survey=a%00", "/report?survey=nps&period=%00", "/why%00", "/s/%00", "/q/a%00")

    async def run() -> list[int]:
        async with client(settings) as http:
            await enter(http, key)
            return [(await http.get(path)).status_code for path in paths]

    assert asyncio.run(run()) == [404] * len(paths)
