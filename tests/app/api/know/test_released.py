"""What the API gives of released anonymous waves: alike in every format and role, and to a manager their unit only."""

import csv
import io
from typing import Any

import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import ask, make_key
from tests.surveys.results import make_results

HIDDEN = ("nps", "low", "high", "promoters", "passives", "detractors")


@pytest.fixture
def keys(database: Database) -> dict[str, str]:
    with database.writing() as session:
        number, _ = make_results(session, waves=2, scores="scores")
        bound = {"ships": "ships", "desk": "desk", "bridge": "bridge"}
        return {role: make_key(session, number, role) for role in ("owner", "reader")} | {
            name: make_key(session, number, "manager", unit) for name, unit in bound.items()
        }


def units(reply: Any) -> dict[str, tuple[int, bool]]:
    return {i["group"]["unit"]: (i["responses"], i["suppressed"]) for i in reply.json()["items"]}


def test_a_manager_sees_the_unit_and_what_is_below_it(settings: Settings, keys: dict[str, str]) -> None:
    path = "/scores?survey=enps&by=unit&wave=w1"
    (of_ships,) = ask(settings, keys["ships"], ("GET", path))
    assert units(of_ships) == {"bridge": (0, True), "deck": (0, True), "engine": (20, False), "ships": (20, False)}
    assert of_ships.json()["total"]["responses"] == 40
    of_bridge, outside = ask(settings, keys["bridge"], ("GET", path), ("GET", path + "&unit=ships"))
    assert units(of_bridge) == {"bridge": (0, True)}
    assert (of_bridge.json()["total"]["responses"], of_bridge.json()["total"]["suppressed"]) == (0, True)
    assert outside.status_code == 403


@pytest.mark.parametrize("role", ["owner", "reader", "desk"])
def test_nobody_reads_that_all_at_the_desk_are_promoters(settings: Settings, keys: dict[str, str], role: str) -> None:
    scores, spread, trend, compare, change, chart, listed = ask(
        settings, keys[role], ("GET", "/scores?survey=enps&unit=desk&weighted=true"),
        ("GET", "/distribution?survey=enps&unit=desk"), ("GET", "/trend?survey=enps&unit=desk&period=quarter"),
        ("GET", "/compare?survey=enps&unit=desk&a.wave=w1&b.wave=w2"), ("GET", "/charts/trend?survey=enps&unit=desk"),
        ("GET", "/charts/touchpoints?survey=enps&unit=desk&by=unit"), ("GET", "/scores?survey=enps&by=unit&format=csv"),
    )  # fmt: skip
    (item,) = scores.json()["items"]
    for told in (item, scores.json()["total"], *trend.json()["items"], *compare.json()["items"][0].values()):
        if isinstance(told, dict) and "responses" in told:
            assert ({told[name] for name in HIDDEN}, told["at_least_percent"]) == ({None}, {"promoters": 90})
    assert item["weighted"]["nps"] is None
    assert (spread.json()["items"][0]["counts"], compare.json()["items"][0]["verdict"]) == (None, "too few")
    for figure in (change.json(), chart.json()):
        shown = [trace for trace in figure["data"] if trace.get("mode") != "text"]
        assert not any(isinstance(x, int | float) for trace in shown for x in trace["x"] if trace.get("orientation"))
        assert not any(isinstance(y, int | float) for trace in shown for y in trace["y"])
        assert "eNPS" in figure["layout"]["title"]["text"]
    rows = {row["group.unit"]: row for row in csv.DictReader(io.StringIO(listed.text))}
    assert {rows["desk"][name] for name in HIDDEN} == {""}
    assert (rows["desk"]["at_least_percent.promoters"], "at_least_percent" in rows["desk"]) == ("90", False)


def test_a_spread_that_is_withheld_leaves_the_columns_of_the_others(settings: Settings, keys: dict[str, str]) -> None:
    (reply,) = ask(settings, keys["owner"], ("GET", "/distribution?survey=enps&by=unit&format=csv"))
    rows = {row["group.unit"]: row for row in csv.DictReader(io.StringIO(reply.text))}
    assert [rows["engine"][f"counts.{n}"] for n in (3, 7, 8, 9, 10)] == ["8", "8", "8", "8", "8"]
    assert {rows[unit][f"counts.{n}"] for unit in ("desk", "bridge") for n in range(11)} == {""}
    assert "counts" not in rows["desk"]


def test_a_baseline_of_a_wave_is_shown_by_the_rule(settings: Settings, keys: dict[str, str]) -> None:
    query = {"survey": "enps", "wave": "w1", "by": "unit", "to": "2026-05-31"}
    made, read, change = ask(
        settings, keys["owner"], ("PUT", "/baselines/spring", {"query": query}), ("GET", "/baselines/spring"),
        ("GET", "/baselines/spring/change"),
    )  # fmt: skip
    assert made.status_code == 201
    groups = {kept["group"]["unit"]: kept for kept in read.json()["groups"]}
    assert groups["desk"]["at_least_percent"] == {"promoters": 90}
    assert {groups["desk"][name] for name in HIDDEN} == {None}
    assert groups["engine"]["promoters"] == 8
    items = {item["group"]["unit"]: item for item in change.json()["items"]}
    assert (items["desk"]["change"], items["desk"]["verdict"]) == (None, "too few")
