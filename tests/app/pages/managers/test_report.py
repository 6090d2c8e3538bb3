"""The page for managers: who gets in, how long, and what it says where there is little to say."""

import asyncio
import json
import re
from datetime import date
from uuid import uuid4

import httpx
import pytest

from analytics.counts import query
from analytics.reports import baselines
from app.access import keys, sign_in
from app.pages.managers import assets
from app.settings import Settings
from app.storage.database import Database
from surveys.questionnaire import definitions
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from tests.analytics.rows import answered, scored
from tests.app.client import client, make_key
from tests.app.pages.report_pages import SUPPORT, enter, first_line, rows, shown, stocked
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
    assert "The baseline “sizes” can no longer be compared with." in shop.text
    assert "How the scores are spread" in shop.text
    assert "There is no baseline of this name for this survey" in nps.text
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
    assert "1 answer so far: too early to tell." in page.text
    assert 'id="figures"' not in page.text
    assert "100.0" not in page.text
    assert "Support" not in page.text
    assert "year-one" not in page.text
    assert shown(settings, key, "/report?unit=north").status_code == 422


def test_a_wrong_parameter_is_named_on_the_page(settings: Settings, database: Database) -> None:
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


def test_the_report_starts_with_the_last_period_against_the_one_before(settings: Settings, database: Database) -> None:
    """March 2025 has 20 promoters and 40 detractors of 100, March 2026 61 and 10 of 101: from -20 to 50.5."""
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    assert first_line(page).startswith("March 2026 is up on March 2025: +70.5 points (+")
    assert '<span class="nps">50.5</span> <span class="unit">NPS</span>' in page
    assert "The score since 1 January 2026 is up on the baseline “year-one”: +70.5 points" in page
    assert "Since the first answer: NPS 15.4" in page


def test_a_period_with_one_answer_is_too_early_to_tell_and_does_not_lead(
    settings: Settings, database: Database
) -> None:
    with stocked(database) as (session, number):
        answered(session, number, [(SUPPORT, date(2026, 4, 2), 0)])
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    assert first_line(page).startswith("March 2026 is up on March 2025")
    assert "April 2026: 1 answer so far: too early to tell." in page


def test_touchpoints_that_surely_differ_stand_first_with_the_verdict_beside_their_name(
    settings: Settings, database: Database
) -> None:
    """60 of 100 promoters and no detractors, 20 and 30, 30 and 20, and 8 of 8: the last is high by chance."""
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        groups = {"good": (60, 40, 0), "bad": (20, 50, 30), "usual": (30, 50, 20), "lucky": (6, 2, 0), "new": (2, 0, 0)}
        for name, three in groups.items():
            make_touchpoint(session, number, name)
            place = Slice("nps", touchpoint=name)
            answered(session, number, [(place, date(2026, 3, 1), score) for score in scored(*three)])
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    order = [(row[0], row[1]) for row in rows(page, "NPS by touchpoint")]
    assert order == [("Good", "higher"), ("Usual", "lower"), ("Bad", "lower"), ("Lucky", "no clear difference")]
    assert rows(page, "Touchpoints with fewer than 5 answers")[0][:3] == ["New", "–", "too few answers"]
    assert "verdicts grey" in page


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


@pytest.mark.parametrize(
    ("filters", "answers"),
    [
        ("touchpoint=support", 200), ("unit=south", 1), ("channel=paper", 7), ("segment.size=big", 7),
        ("touchpoint=support&touchpoint=advice", 201), ("from=2026-01-01&touchpoint=support", 100),
    ],
)  # fmt: skip
def test_the_filters_of_the_api_hold_on_the_page(
    settings: Settings, database: Database, filters: str, answers: int
) -> None:
    with stocked(database) as (session, number):
        survey = definitions.get(session, number, "nps")
        survey.segments = ["size"]
        big = Slice("nps", channel="paper", segments=(("size", "big"),))
        answered(session, number, [(big, date(2025, 3, 1), 9)] * 7)
        key = make_key(session, number, "analyst")
    page = shown(settings, key, f"/report?survey=nps&{filters}")
    assert page.status_code == 200
    overall = page.text.partition("Since the first")[2] or page.text.partition("On the days chosen")[2] or page.text
    n = re.search(r"\b(\d+) answers?(?:\.| so far)", overall)
    assert n
    assert int(n[1]) == answers


@pytest.mark.parametrize(
    "path",
    [
        "/report?colour=red", "/report?touchpoint=nothing", "/report?segment.age=old", "/report?by=unit",
        "/why?period=week", "/why?unit=nowhere", "/why?colour=red", "/report?survey=nps&survey=shop",
    ],
)  # fmt: skip
def test_what_a_page_does_not_know_is_refused_with_a_way_back(
    settings: Settings, database: Database, path: str
) -> None:
    with stocked(database) as (session, number):
        make_survey(session, number, "shop")
        key = make_key(session, number, "analyst")
    page = shown(settings, key, path)
    assert page.status_code == 422
    name = re.search(r"[?&]([\w.]+)=[^&]*$", path)
    assert name
    assert f'<p class="wrong" role="alert" lang="en">{name[1]}: ' in page.text
    assert "Show the whole report" in page.text


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
    assert '<html lang="en">' in english.text


def test_a_session_survives_a_change_of_the_secret(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        _, key = keys.create(session, number, role="reader", now=NOW)
        caller = keys.authenticate(session, key, NOW)
        assert caller
        old, new = b"o" * 32, b"n" * 32
        sealed = sign_in.start(session, [old], caller, NOW)
        assert sign_in.caller_of(session, [new, old], sealed, NOW) == caller
        assert sign_in.caller_of(session, [new], sealed, NOW) is None
