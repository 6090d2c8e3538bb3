"""What an analyst does from a page: freeze a baseline, enter an initiative; and who may not."""

import asyncio
import re
from datetime import date
from html import unescape

import httpx
import pytest

from app.settings import Settings
from app.storage.database import Database
from culture.tables import Initiative
from surveys.tables import Baseline
from tests.app.client import client, make_key
from tests.app.pages.report_pages import enter, plain, stocked
from tests.surveys.results import make_results


def posted(settings: Settings, api_key: str, page: str, path: str, **fields: str) -> httpx.Response:
    """The answer to a form of a page, sent as a browser sends it and followed; `fields` are what a person fills in."""

    async def run() -> httpx.Response:
        async with client(settings) as http:
            await enter(http, api_key)
            text = (await http.get(page)).text
            form = text.partition(f'action="{path}"')[2]
            hidden = dict(re.findall(r'type="hidden" name="(token|query)" value="([^"]*)"', form or text)[:2])
            data = {name: unescape(value) for name, value in hidden.items()} | fields
            answer = await http.post(path, data=data)
            return await http.get(answer.headers["location"]) if answer.status_code == 303 else answer

    return asyncio.run(run())


def test_a_baseline_is_frozen_by_a_button_and_the_report_then_compares(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        session.delete(session.get_one(Baseline, (number, "year-one")))
        key = make_key(session, number, "analyst")
    path = "/report?survey=nps&touchpoint=support&to=2025-12-31"
    page = posted(settings, key, path, "/report/baseline", key="start", note="Before the new desk")
    assert page.status_code == 200
    assert "The score since 1 January 2026 is up on the baseline “start”" in page.text
    assert "Before the new desk" in page.text
    with database.reading() as session:
        frozen = session.get_one(Baseline, (number, "start"))
        assert frozen.query["touchpoint"] == ["support"]
        assert (frozen.query["survey"], frozen.query["to"]) == (["nps"], "2025-12-31")


def test_the_button_has_the_call_of_the_api_beside_it(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=1)
        key, reader = make_key(session, number), make_key(session, number, "reader")

    async def run() -> tuple[str, str]:
        async with client(settings) as http:
            await enter(http, key)
            own = (await http.get("/report")).text
            await enter(http, reader)
            return own, (await http.get("/report")).text

    own, looking = asyncio.run(run())
    assert (
        "PUT /api/v1/baselines/start {&#34;query&#34;: {&#34;survey&#34;: [&#34;enps&#34;], &#34;wave&#34;:"
        in plain(own)
    )
    assert "/report/baseline" not in looking


def test_an_initiative_is_entered_by_a_button_and_a_second_of_its_name_gets_a_key_of_its_own(
    settings: Settings, database: Database
) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    for day in ("2026-02-01", "2026-02-15"):
        page = posted(
            settings, key, "/why?survey=nps&touchpoint=support", "/why/initiative", name="Nytt skrivbord på jobbet",
            kind="involve", starts_on=day,
        )  # fmt: skip
        assert page.status_code == 200
    assert "Nytt skrivbord på jobbet" in page.text
    with database.reading() as session:
        first = session.get_one(Initiative, (number, "nytt-skrivbord-pa-jobbet"))
        second = session.get_one(Initiative, (number, "nytt-skrivbord-pa-jobbet-2"))
    assert (first.starts_on, second.starts_on) == (date(2026, 2, 1), date(2026, 2, 15))
    assert (first.scope, first.kind) == ({"survey": ["nps"], "touchpoint": ["support"]}, "involve")


@pytest.mark.parametrize(
    ("role", "fields", "status"),
    [
        ("reader", {"key": "start"}, 403),
        ("analyst", {"key": "start", "token": "forged"}, 403),
        ("analyst", {"key": "Not a key"}, 422),
        ("analyst", {"key": "year-one"}, 409),
        ("analyst", {"key": "other", "query": "survey=nps&to=2001-01-01"}, 409),
    ],
)
def test_who_may_not_or_asks_for_nonsense_is_refused_with_a_page_and_nothing_is_written(
    settings: Settings, database: Database, role: str, fields: dict[str, str], status: int
) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, role)
    sent = {"query": "survey=nps&touchpoint=support"} | fields
    page = posted(settings, key, "/report", "/report/baseline", **sent)
    assert page.status_code == status
    assert "This cannot be shown or done as asked" in page.text
    with database.reading() as session:
        assert session.get(Baseline, (number, fields["key"])) is None or fields["key"] == "year-one"


@pytest.mark.parametrize("fields", [{"name": " "}, {"starts_on": "soon"}, {"kind": "magic"}])
def test_an_initiative_needs_a_name_a_kind_and_a_day(
    settings: Settings, database: Database, fields: dict[str, str]
) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    filled = {"name": "Desk", "kind": "inform", "starts_on": "2026-02-01"} | fields
    page = posted(settings, key, "/why?survey=nps", "/why/initiative", **filled)
    assert page.status_code == 422
    assert next(iter(fields)) + ": " in page.text
