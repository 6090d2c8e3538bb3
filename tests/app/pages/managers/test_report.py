"""The page for managers: figures with how sure they are, as data that nothing breaks out of, in one language."""

import asyncio
import json
import re
from datetime import date
from uuid import uuid4

import httpx
import pytest

from app.pages.managers import assets
from app.settings import Settings
from app.storage.database import Database
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from tests.analytics.rows import answered
from tests.app.client import client, make_key
from tests.app.pages.report_pages import enter, shown, stocked
from tests.factories import NOW, make_organisation, make_survey, make_touchpoint


def test_the_report_shows_figures_with_their_number_and_interval(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    page = shown(settings, key)
    assert page.status_code == 200
    assert "from 201 answers" in page.text
    assert "95 % interval" in page.text
    assert "1 touchpoint has fewer than 5 answers: too early to tell" in page.text
    assert "&lt;i&gt;Support&lt;/i&gt;" in page.text
    assert "<i>Support" not in page.text
    assert '<td class="verdict up" colspan="1">up</td>' in page.text


def test_the_figures_travel_as_data_that_no_name_can_break_out_of(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        make_touchpoint(session, number, "odd", name="</script><script>alert(1)</script>")
        answered(session, number, [(Slice("nps", touchpoint="odd"), date(2026, 3, 2), 9)] * 5)
        key = make_key(session, number, "analyst")
    page = shown(settings, key)
    held = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page.text, re.S)
    assert held
    figures = json.loads(held[1])
    assert set(figures) == {"touchpoints", "trend", "distribution", "baseline"}
    assert page.text.count("<script>") == 0


def test_a_page_runs_no_script_but_ours(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    policy = shown(settings, key).headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'" in policy
    entrance = shown(settings, key, "/sign-in")
    assert "unsafe-inline" not in entrance.headers["content-security-policy"]
    assert entrance.headers["cache-control"] == "no-store"


def test_an_organisation_without_answers_gets_a_page(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        key = make_key(session, make_organisation(session).id, "analyst")
    assert "No survey yet" in shown(settings, key).text


@pytest.mark.parametrize("name", ["manage.css", "report.js", "plotly-basic.min.js"])
def test_what_a_page_needs_comes_from_the_service_once_and_compressed(settings: Settings, name: str) -> None:
    async def run() -> None:
        async with client(settings) as http:
            file = await http.get(assets.address(name))
            assert file.status_code == 200
            assert file.headers["content-encoding"] == "gzip"
            assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert file.content == (assets.FOLDER / name).read_bytes()
            again = await http.get(assets.address(name), headers={"If-None-Match": file.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            plain_file = await http.get(assets.address(name), headers={"Accept-Encoding": "identity"})
            assert plain_file.content == file.content
            assert "content-encoding" not in plain_file.headers
            assert (await http.get("/static/manage/other.js")).status_code == 404

    asyncio.run(run())


def test_comments_are_on_the_report_with_score_and_day(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        place = Slice("nps", locale="da")
        cells.ensure(session, number, [place])
        words = Entry(number, uuid4(), "nps", place.id, date(2026, 3, 1), 3, NOW, "Jeg <ventede> længe")
        responses.store(session, [words], NOW)
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    assert '<blockquote lang="da">Jeg &lt;ventede&gt; længe</blockquote>' in page
    assert "3 of 10, 1 March 2026" in page


def test_a_page_speaks_the_language_of_the_browser_and_else_of_the_organisation(
    settings: Settings, database: Database
) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")

    async def run() -> tuple[httpx.Response, httpx.Response]:
        async with client(settings) as http:
            await enter(http, key)
            danish = await http.get("/report", headers={"Accept-Language": "da-DK, en;q=0.5"})
            return danish, await http.get("/report")

    danish, english = asyncio.run(run())
    assert '<html lang="da">' in danish.text
    assert "Marts 2026 ligger over marts 2025: +70,5 point" in danish.text
    assert "Where we stand" not in danish.text
    assert "Udgangspunkt −20,0" in danish.text  # on the charts
    assert '<html lang="en">' in english.text
    assert "Baseline −20.0" in english.text
