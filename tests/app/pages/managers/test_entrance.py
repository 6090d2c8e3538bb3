"""Signing in leads to where one wanted to go, never away from this site; signing out holds on the server too."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import select

from app import clock
from app.access import keys, sign_in
from app.settings import Settings
from app.storage.database import Database
from surveys.tables import SignIn
from tests.app.client import client, make_key
from tests.app.pages.report_pages import enter, stocked
from tests.conftest import SECRET
from tests.factories import NOW

ELSEWHERE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "/\t/evil.example", "/\n/evil.example", "report", "", "/sign-in", "/sign-out?x=1", "/", "http:/report",
    "///evil.example", "/report?x=" + "x" * 2_000, "/æ",
]  # fmt: skip


@pytest.fixture
def key(database: Database) -> str:
    with stocked(database) as (session, number):
        return make_key(session, number, "analyst")


def posted(form: httpx.Response, key: str) -> dict[str, str]:
    """What a browser posts of the form, with this key."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.text)
    return {name: text.replace("&amp;", "&") for name, text in fields} | {"key": key}


def test_signing_in_leads_to_where_one_wanted_to_go(settings: Settings, key: str) -> None:
    async def run() -> None:
        async with client(settings) as http:
            for wanted in ("/report?survey=nps&period=year", "/why", "/why?survey=nps"):
                away = await http.get(wanted)
                assert away.status_code == 303
                assert parse_qs(urlsplit(away.headers["location"]).query) == {"next": [wanted]}
                form = await http.get(away.headers["location"])
                again = await http.post("/sign-in", data=posted(form, "snd_wrong"))
                assert again.status_code == 401
                there = await http.post("/sign-in", data=posted(again, key))
                assert (there.status_code, there.headers["location"]) == (303, wanted)
                assert (await http.get(wanted)).status_code == 200
                http.cookies.clear()

    asyncio.run(run())


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_signing_in_leads_nowhere_else(settings: Settings, key: str, onward: str) -> None:
    async def run() -> None:
        async with client(settings) as http:
            form = await http.get("/sign-in", params={"next": onward})
            fields = posted(form, key)
            assert "next" not in fields
            there = await http.post("/sign-in", data=fields | {"next": onward})
            assert (there.status_code, there.headers["location"]) == (303, "/report")

    asyncio.run(run())


def test_the_start_page_asks_for_a_key_or_leads_to_the_report(settings: Settings, key: str) -> None:
    async def run() -> None:
        async with client(settings) as http:
            start = await http.get("/")
            assert (start.status_code, 'name="key"' in start.text) == (200, True)
            assert (await http.post("/sign-in", data=posted(start, key))).headers["location"] == "/report"
            start = await http.get("/")
            assert (start.status_code, start.headers["location"]) == (303, "/report")

    asyncio.run(run())


def test_signing_out_holds_on_the_server_and_for_this_browser_alone(settings: Settings, key: str) -> None:
    async def run() -> None:
        async with client(settings) as http:
            await enter(http, key)
            other = http.cookies[sign_in.COOKIE]
            http.cookies.clear()
            await enter(http, key)
            copy = http.cookies[sign_in.COOKIE]
            assert copy != other
            fields = posted(await http.get("/report"), "")
            assert (await http.post("/sign-out", data={"token": "forged"})).status_code == 403
            assert (await http.get("/report")).status_code == 200
            assert (await http.post("/sign-out", data=fields)).status_code == 303
            for cookie, status in ((copy, 303), (other, 200)):
                http.cookies.clear()
                http.cookies.set(sign_in.COOKIE, cookie)
                assert (await http.get("/report")).status_code == status

    asyncio.run(run())


def test_a_sign_in_lasts_twelve_hours_and_leaves_nothing_behind(database: Database) -> None:
    secrets = [SECRET.encode()]
    with stocked(database) as (session, number):
        caller = keys.authenticate(session, make_key(session, number), NOW)
        assert caller is not None
        begun = clock.now()  # the cookie has its own time, which is the clock's
        cookie = sign_in.start(session, secrets, caller, begun)
        assert sign_in.caller_of(session, secrets, cookie, begun + timedelta(hours=11)) == caller
        assert sign_in.caller_of(session, secrets, cookie, begun + timedelta(hours=13)) is None
        later = sign_in.start(session, secrets, caller, begun + timedelta(hours=13))
        assert len(session.exec(select(SignIn)).all()) == 1
        sign_in.end(session, secrets, later)
        sign_in.end(session, secrets, later)
        sign_in.end(session, secrets, None)
        assert session.exec(select(SignIn)).all() == []
