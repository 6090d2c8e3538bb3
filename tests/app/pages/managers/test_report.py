"""The page for managers: who gets in, how long, and what it says where there is little to say."""

import asyncio
import json
import re
from datetime import date

import pytest

from analytics.counts import query
from analytics.reports import baselines
from app.access import keys, sign_in
from app.database import Database
from app.settings import Settings
from surveys.responses.cells import Slice
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
    assert "1 touchpoint has fewer than 5 answers: too few for an interval" in page.text
    assert "&lt;i&gt;Support&lt;/i&gt;" in page.text
    assert "<i>Support" not in page.text
    assert '<td class="verdict">up</td>' in page.text


def test_a_baseline_of_another_survey_is_not_offered_and_one_that_cannot_be_asked_leaves_the_rest(
    settings: Settings, database: Database
) -> None:
    with stocked(database) as (session, number):
        survey = make_survey(session, number, "shop", segments=["size"])
        big = Slice("shop", touchpoint="support", segments=(("size", "big"),))
        answered(session, number, [(big, date(2025, 3, 1), 9)] * 9)
        asked = query.parse(session, number, [("survey", "shop"), ("by", "segment.size"), ("to", "2025-12-31")])
        baselines.freeze(session, asked, "sizes", None, NOW)
        survey.segments = []
        key = make_key(session, number)
    shop, nps = (shown(settings, key, f"/report?survey={one}&baseline=sizes") for one in ("shop", "nps"))
    assert (shop.status_code, nps.status_code) == (200, 200)
    assert "Nothing can be told against the baseline “sizes” any more: " in shop.text
    assert "How the scores are spread" in shop.text
    assert "No baseline of this name for this survey" in nps.text
    assert "<option>sizes" not in nps.text


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


def test_nobody_gets_in_without_a_key(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        sender = make_key(session, number, "sender")

    async def run() -> None:
        async with client(settings) as http:
            away = await http.get("/report")
            assert (away.status_code, away.headers["location"]) == (303, "/sign-in")
            assert (await enter(http, "snd_nonsense")).status_code == 401
            assert (await enter(http, sender)).status_code == 403
            http.cookies.set(sign_in.COOKIE, "forged.cookie.here")
            assert (await http.get("/report")).status_code == 303

    asyncio.run(run())


def test_a_revoked_key_is_out_at_once(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        made, key = keys.create(session, number, role="reader", now=NOW)

    async def run() -> None:
        async with client(settings) as http:
            await enter(http, key)
            assert (await http.get("/report")).status_code == 200
            with database.writing() as session:
                keys.revoke(session, number, made.id, NOW)
            assert (await http.get("/report")).status_code == 303

    asyncio.run(run())


def test_the_cookie_holds_no_key_and_no_script_reads_it(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")

    async def run() -> None:
        async with client(settings) as http:
            cookie = (await enter(http, key)).headers["set-cookie"]
            assert key[4:] not in cookie
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie

    asyncio.run(run())


def test_a_form_of_another_site_signs_nobody_in_or_out(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")

    async def run() -> None:
        async with client(settings) as http:
            assert (await http.post("/sign-in", data={"key": key})).status_code == 403
            stranger = sign_in.form_token(settings.secrets, sign_in.new_nonce())
            assert (await http.post("/sign-in", data={"key": key, "token": stranger})).status_code == 403
            await enter(http, key)
            assert (await http.post("/sign-out", data={"token": stranger})).status_code == 403
            page = await http.get("/report")
            token = re.search(r'name="token" value="([^"]+)"', page.text)
            assert token
            assert (await http.post("/sign-out", data={"token": token[1]})).headers["location"] == "/sign-in"
            assert (await http.get("/report")).status_code == 303

    asyncio.run(run())


def test_a_manager_sees_the_own_unit_only(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "manager", "south")
    page = shown(settings, key)
    assert "Too few answers for an interval: only 1." in page.text
    assert "Support" not in page.text
    assert "year-one" not in page.text
    assert shown(settings, key, "/report?unit=north").status_code == 422


def test_a_wrong_parameter_is_told_on_the_page(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    for path in ("/report?survey=nobody", "/report?from=yesterday", "/report?period=decade"):
        page = shown(settings, key, path)
        assert page.status_code == 422
        assert 'role="alert"' in page.text
    assert shown(settings, key, "/report?survey=nps&from=&to=").status_code == 200


def test_an_organisation_without_answers_gets_a_page(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        key = make_key(session, make_organisation(session).id, "analyst")
    assert "No survey yet" in shown(settings, key).text


def test_definitions_are_open_to_everyone(settings: Settings, database: Database) -> None:
    async def run() -> None:
        async with client(settings) as http:
            page = await http.get("/definitions")
            assert page.status_code == 200
            assert "<code>response_rate_percent</code>" in page.text

    asyncio.run(run())


@pytest.mark.parametrize("name", ["manage.css", "report.js", "plotly.js"])
def test_what_a_page_needs_comes_from_the_service(settings: Settings, name: str) -> None:
    async def run() -> None:
        async with client(settings) as http:
            found = await http.get(f"/static/manage/{name}")
            assert found.status_code == 200
            assert len(found.content) > 500

    asyncio.run(run())


def test_a_session_survives_a_change_of_the_secret(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        _, key = keys.create(session, number, role="reader", now=NOW)
        caller = keys.authenticate(session, key, NOW)
        assert caller
        old, new = b"o" * 32, b"n" * 32
        sealed = sign_in.start(session, [old], caller, NOW)
        assert sign_in.caller_of(session, [new, old], sealed, NOW) == caller
        assert sign_in.caller_of(session, [new], sealed, NOW) is None
