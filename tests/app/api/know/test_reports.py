"""The reports of the API: shapes, roles, formats and refusals, through the application."""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest

from app.access import keys
from app.settings import Settings
from app.storage.database import Database
from surveys.responses.cells import Slice
from tests.analytics.rows import answered, scored
from tests.app.client import client
from tests.factories import NOW, make_organisation, make_survey, make_touchpoint, make_unit

ESTIMATE = {
    "nps", "low", "high", "confidence", "responses", "promoters", "passives", "detractors", "indicative", "suppressed",
    "at_least_percent",
}  # fmt: skip
SUMMARY = {
    "group", "slope", "slope_low", "slope_high", "p_value", "q_value", "verdict", "shifts", "hint", "last_year",
}  # fmt: skip
ALWAYS = {"low_always", "high_always", "p_value_always", "q_value_always"}
CHANGE = {
    "group",
    "baseline",
    "current",
    "change",
    "low",
    "high",
    "p_value",
    "q_value",
    "straying",
    "straying_assumed",
    "verdict",
}


@pytest.fixture
def key(database: Database) -> dict[str, str]:
    """Answers of two years, and a key per role."""
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number, segments=["tier"])
        for touchpoint in ("support", "advice"):
            make_touchpoint(session, number, touchpoint)
        for unit in ("north", "south"):
            make_unit(session, number, unit)
        support = Slice("nps", touchpoint="support", unit="north", channel="email", segments=(("tier", "=gold"),))
        advice = Slice("nps", touchpoint="advice", unit="south", channel="link")
        rows = [(support, date(2025, 3, 1), n) for n in scored(20, 40, 40)]
        rows += [(support, date(2026, 3, 1), n) for n in scored(60, 30, 10)]
        answered(session, number, rows + [(advice, date(2026, 3, 1), n) for n in scored(3, 2, 1)])
        made = {
            role: keys.create(session, number, role=role, now=NOW, unit="north" if role == "manager" else None)[1]
            for role in ("owner", "analyst", "sender", "manager", "reader")
        }
        stranger = make_organisation(session, "other").id
        return made | {"stranger": keys.create(session, stranger, role="owner", now=NOW)[1]}


def ask(settings: Settings, key: str, *paths: str, **more: Any) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        async with client(settings, key) as http:
            return [await http.get(f"/api/v1{path}", **more) for path in paths]

    return asyncio.run(run())


def test_scores_carry_groups_turnout_and_a_total(settings: Settings, key: dict[str, str]) -> None:
    grouped, alone = ask(
        settings, key["owner"], "/scores?by=touchpoint&survey=nps", "/scores?from=2025-01-01&to=2025-12-31"
    )
    body = grouped.json()
    assert [(i["group"], i["nps"], i["responses"]) for i in body["items"]] == [
        ({"touchpoint": "advice"}, 33.33, 6), ({"touchpoint": "support"}, 15, 200)
    ]  # fmt: skip
    assert set(body["items"][0]) == {"group", *ESTIMATE, "invited", "undelivered", "response_rate_percent"}
    assert (body["items"][0]["low"], body["items"][0]["high"], body["items"][0]["indicative"]) == (-26.74, 71.19, True)
    assert set(body["total"]) >= ESTIMATE
    assert body["definition"] == "http://soundings.test/definitions"
    assert [(i["group"], i["nps"]) for i in alone.json()["items"]] == [({}, -20)]


def test_a_trend_has_its_shape(settings: Settings, key: dict[str, str]) -> None:
    (found,) = ask(settings, key["owner"], "/trend?period=year&touchpoint=support")
    one, two = found.json()["items"]
    assert set(one) == {
        "group",
        "period",
        "starts_on",
        "ends_on",
        *ESTIMATE,
        "level",
        "level_low",
        "level_high",
        "signal",
    }
    assert [(i["period"], i["starts_on"], i["ends_on"], i["nps"]) for i in (one, two)] == [
        ("2025", "2025-01-01", "2025-12-31", -20), ("2026", "2026-01-01", "2026-12-31", 50)
    ]  # fmt: skip
    (monthly,) = ask(settings, key["owner"], "/trend?touchpoint=support")
    assert [i["period"] for i in monthly.json()["items"]][::12] == ["2025-03", "2026-03"]
    assert len(monthly.json()["items"]) == 13
    assert [set(said) for said in monthly.json()["summary"]] == [SUMMARY]


def test_a_trend_adds_up_a_window(settings: Settings, key: dict[str, str]) -> None:
    found, refused = ask(
        settings, key["reader"], "/trend?period=year&touchpoint=support&window=2", "/trend?window=0"
    )  # fmt: skip
    assert [i["responses"] for i in found.json()["items"]] == [100, 200]
    assert refused.json()["errors"][0]["field"] == "window"


def test_a_distribution_counts_each_score(settings: Settings, key: dict[str, str]) -> None:
    (found,) = ask(settings, key["owner"], "/distribution?by=touchpoint&touchpoint=advice")
    (item,) = found.json()["items"]
    assert item["counts"] == {str(n): {3: 1, 8: 2, 10: 3}.get(n, 0) for n in range(11)}


def test_two_slices_are_compared(settings: Settings, key: dict[str, str]) -> None:
    path = "/compare?touchpoint=support&a.to=2025-12-31&b.from=2026-01-01"
    found, shared, malformed, mixed = ask(
        settings, key["owner"], path, "/compare?a.touchpoint=support&b.unit=north", path + "&b.unit=nobody",
        path + "&a.by=unit",
    )  # fmt: skip
    (item,) = found.json()["items"]
    assert set(item) == CHANGE
    assert (item["change"], item["verdict"]) == (70, "up")
    assert shared.status_code == 409
    assert "share answers" in shared.json()["detail"]
    assert malformed.json()["errors"][0]["field"] == "b.unit"
    assert mixed.status_code == 422


def test_a_baseline_is_frozen_read_and_compared_with(settings: Settings, key: dict[str, str]) -> None:
    async def run() -> None:
        async with client(settings, key["analyst"]) as http:
            body = {"query": {"survey": ["nps"], "by": "touchpoint", "to": "2025-12-31"}, "note": "before"}
            made = await http.put("/api/v1/baselines/year-one", json=body)
            again = await http.put("/api/v1/baselines/year-one", json=body)
            assert (made.status_code, again.status_code) == (201, 200)
            assert made.json() == again.json()
            other = await http.put("/api/v1/baselines/year-one", json={"query": {"survey": "nps"}})
            assert other.status_code == 409
            bad = await http.put("/api/v1/baselines/bad", json={"query": {"touchpoint": ["nobody"], "x": 1}})
            assert bad.status_code == 422
            assert bad.json()["errors"][0]["field"] == "query.x"
            found = (await http.get("/api/v1/baselines/year-one")).json()
            assert {"estimate", "groups", "frozen_at"} <= set(found)
            assert set(found["estimate"]) == ESTIMATE
            listed = (await http.get("/api/v1/baselines?limit=1")).json()
            assert ([b["key"] for b in listed["items"]], listed["next"]) == (["year-one"], None)
            change = (await http.get("/api/v1/baselines/year-one/change")).json()
            assert [(i["group"]["touchpoint"], i["verdict"]) for i in change["items"]] == [
                ("advice", "too few"), ("support", "up")
            ]  # fmt: skip
            assert [set(i) for i in change["items"]] == [CHANGE | ALWAYS] * 2
            support = change["items"][1]
            assert support["p_value"] <= support["p_value_always"] <= support["q_value_always"] < 0.05
            overlapping = await http.get("/api/v1/baselines/year-one/change?from=2025-06-01")
            assert overlapping.status_code == 409
            assert (await http.get("/api/v1/baselines/nobody/change")).status_code == 404

    asyncio.run(run())


def test_csv_and_parquet_hold_the_same_items(settings: Settings, key: dict[str, str]) -> None:
    csv, parquet, wrong = ask(
        settings, key["reader"], "/scores?by=segment.tier&format=csv", "/trend?format=parquet", "/scores?format=xlsx"
    )
    head, first, *_ = csv.text.splitlines()
    assert head.startswith("group.segment.tier,nps,low,high")
    assert first.startswith("'=gold,15.0,")
    assert parquet.content[:4] == b"PAR1"
    assert wrong.status_code == 406


def test_what_is_wrong_is_named(settings: Settings, key: dict[str, str]) -> None:
    answers = ask(
        settings, key["owner"], "/scores?touchpont=support", "/scores?touchpoint=nobody", "/scores?period=month",
        "/trend?period=decade", "/scores?from=2026-02-01&to=2026-01-01", "/scores?by=unit,channel,wave",
    )  # fmt: skip
    assert {a.status_code for a in answers} == {422}
    assert [a.json()["errors"][0]["field"] for a in answers] == [
        "touchpont", "touchpoint", "period", "period", "from", "by"
    ]  # fmt: skip


def test_roles_see_what_is_theirs(settings: Settings, key: dict[str, str]) -> None:
    for role in ("owner", "analyst", "reader"):
        (found,) = ask(settings, key[role], "/scores")
        assert found.json()["total"]["responses"] == 206
    (refused,) = ask(settings, key["sender"], "/scores")
    assert refused.status_code == 403
    own, asked, outside = ask(settings, key["manager"], "/scores", "/scores?unit=north", "/scores?unit=south")
    assert own.json() == asked.json()
    assert own.json()["total"]["responses"] == 200
    assert outside.status_code == 403
    (nothing,) = ask(settings, key["stranger"], "/scores")
    assert nothing.json()["total"]["responses"] == 0


def test_a_reader_cannot_freeze(settings: Settings, key: dict[str, str]) -> None:
    async def run() -> None:
        async with client(settings, key["reader"]) as http:
            assert (await http.put("/api/v1/baselines/mine", json={"query": {}})).status_code == 403

    asyncio.run(run())


def test_charts_are_figures(settings: Settings, key: dict[str, str]) -> None:
    async def run() -> list[httpx.Response]:
        async with client(settings, key["owner"]) as http:
            none = await http.get("/api/v1/charts/baseline")
            body = {"query": {"by": "touchpoint", "to": "2025-12-31"}}
            await http.put("/api/v1/baselines/year-one", json=body)
            paths = (
                "trend?baseline=year-one&by=touchpoint",
                "trend?window=3",
                "touchpoints?baseline=year-one",
                "touchpoints",
                "distribution",
                "baseline",
            )
            return [none, *[await http.get(f"/api/v1/charts/{path}") for path in paths]]

    none, *figures = asyncio.run(run())
    assert none.status_code == 404
    assert [set(f.json()) for f in figures] == [{"data", "layout"}] * 6
    _, _, against, touchpoints, _, then_and_now = (figure.json() for figure in figures)
    assert touchpoints["data"][0]["y"] == ["Support (n = 200)", "Advice (n = 6)"]
    assert [(trace["name"], trace["x"]) for trace in against["data"][1:2]] == [("Baseline", [-20, None])]
    assert against["layout"]["annotations"][0]["text"] == "Baseline \N{MINUS SIGN}20.0"
    assert then_and_now["data"][1]["x"] == [50, 33.33]


def test_every_report_endpoint_refuses_those_without_a_key(settings: Settings, database: Database) -> None:
    paths = ("/scores", "/trend", "/distribution", "/compare", "/baselines", "/baselines/x", "/baselines/x/change")
    charts = tuple(f"/charts/{name}" for name in ("trend", "touchpoints", "distribution", "baseline"))
    assert {found.status_code for found in ask(settings, "nobody", *paths, *charts)} == {401}
