"""Report pages for tests: an organisation with answers to report, and what someone sees who signed in."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import httpx
from sqlmodel import Session

from analytics.counts import query
from analytics.reports import baselines
from app.settings import Settings
from app.storage.database import Database
from surveys.responses.cells import Slice
from tests.analytics.rows import answered, scored
from tests.app.client import client
from tests.factories import NOW, make_organisation, make_survey, make_touchpoint, make_unit

SUPPORT = Slice("nps", touchpoint="support", unit="north")


@contextmanager
def stocked(database: Database) -> Iterator[tuple[Session, int]]:
    """An organisation with two touchpoints, one of which has too few answers, and a baseline."""
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        make_touchpoint(session, number, "support", name="<i>Support</i>", target_nps=40)
        make_touchpoint(session, number, "advice")
        for unit in ("north", "south"):
            make_unit(session, number, unit)
        rows = [(SUPPORT, date(2025, 3, 1), n) for n in scored(20, 40, 40)]
        rows += [(SUPPORT, date(2026, 3, 1), n) for n in scored(60, 30, 10)]
        rows += [(Slice("nps", touchpoint="advice", unit="south"), date(2026, 3, 2), 9)]
        answered(session, number, rows)
        baselines.freeze(session, query.parse(session, number, [("to", "2025-12-31")]), "year-one", "before", NOW)
        yield session, number


async def enter(http: httpx.AsyncClient, key: str) -> httpx.Response:
    """Sign in as a browser does: get the form, post what it holds."""
    form = await http.get("/sign-in")
    token = re.search(r'name="token" value="([^"]+)"', form.text)
    assert token
    return await http.post("/sign-in", data={"key": key, "token": token[1]})


def shown(settings: Settings, key: str, path: str = "/report") -> httpx.Response:
    async def run() -> httpx.Response:
        async with client(settings) as http:
            assert (await enter(http, key)).headers["location"] == "/report"
            return await http.get(path)

    return asyncio.run(run())


def first_line(text: str) -> str:
    """The verdict that a report starts with."""
    line = re.search(r'<p class="verdict">(.*?)</p>', text, re.S)
    assert line
    return plain(line[1])


def rows(text: str, caption: str) -> list[list[str]]:
    """The rows of the table with this caption, as plain words."""
    table = re.search(rf"<caption[^>]*>{caption}</caption>.*?<tbody>(.*?)</tbody>", text, re.S)
    assert table, caption
    lines = re.findall(r"<tr[^>]*>(.*?)</tr>", table[1], re.S)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S)] for line in lines]


def plain(html: str) -> str:
    """HTML without its tags, spaces and line breaks as single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
