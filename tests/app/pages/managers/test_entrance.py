"""Signing in leads to where one wanted to go, never away from this site; signing out holds on the server too."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.database import Database
from app.settings import Settings
from tests.app.client import client, make_key
from tests.app.pages.report_pages import stocked

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
