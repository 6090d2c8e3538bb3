"""Initiatives and their effects, through the application."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.settings import Settings
from app.storage.database import Database
from culture import initiatives
from surveys.responses.cells import Slice
from tests.analytics.rows import answered, scored
from tests.app.client import ask, make_key
from tests.factories import make_organisation, make_survey, make_touchpoint, make_unit

START = date(2025, 9, 3)
SUPPORT = Slice("nps", touchpoint="support", unit="north")
ADVICE = Slice("nps", touchpoint="advice", unit="south")
TRAINING: dict[str, Any] = {
    "name": "Listening course", "kind": "instruct", "scope": {"touchpoint": "support"}, "starts_on": "2025-09-03",
}  # fmt: skip


@pytest.fixture
def key(database: Database) -> dict[str, str]:
    """Ten weeks before and after the start: support rises by 40 points, advice by 10."""
    with database.writing() as session:
        number = make_organisation(session).id
        for touchpoint in ("support", "advice"):
            make_touchpoint(session, number, touchpoint)
        make_survey(session, number)
        for unit in ("north", "south"):
            make_unit(session, number, unit)
        rows = []
        for week in range(-10, 10):
            day = START + timedelta(days=7 * week + week % 7)
            rows += [(SUPPORT, day, n) for n in (scored(4, 4, 2) if week < 0 else scored(7, 2, 1))]
            rows += [(ADVICE, day, n) for n in (scored(4, 4, 2) if week < 0 else scored(5, 3, 2))]
        answered(session, number, rows)
        return {
            role: make_key(session, number, role, unit="south" if role == "manager" else None)
            for role in ("owner", "analyst", "manager", "reader")
        }


def test_an_initiative_is_kept_and_changed(settings: Settings, key: dict[str, str]) -> None:
    made, changed, one, listed = ask(
        settings, key["analyst"],
        ("PUT", "/initiatives/course", TRAINING),
        ("PUT", "/initiatives/course", TRAINING | {"comparison": {"touchpoint": "advice"}, "ends_on": "2025-09-30"}),
        ("GET", "/initiatives/course"), ("GET", "/initiatives"),
    )  # fmt: skip
    assert (made.status_code, changed.status_code) == (201, 200)
    assert one.json() == {
        **TRAINING, "key": "course", "scope": {"touchpoint": ["support"]}, "comparison": {"touchpoint": ["advice"]},
        "ends_on": "2025-09-30",
    }  # fmt: skip
    assert listed.json() == {"items": [one.json()], "next": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scope": {"touchpoint": "nobody"}}, "scope.touchpoint"),
        ({"scope": {"from": "2025-01-01"}}, "scope.from"),
        ({"comparison": {"by": "unit"}}, "comparison.by"),
        ({"comparison": {"touchpoint": "support"}}, "comparison"),
        ({"ends_on": "2025-09-02"}, "ends_on"),
        ({"kind": "threaten"}, "kind"),
    ],
)
def test_what_is_wrong_with_an_initiative_is_named(
    settings: Settings, key: dict[str, str], change: dict[str, Any], field: str
) -> None:
    (refused,) = ask(settings, key["owner"], ("PUT", "/initiatives/course", TRAINING | change))
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_the_effect_is_what_moved_beyond_the_comparison(settings: Settings, key: dict[str, str]) -> None:
    compared = TRAINING | {"comparison": {"touchpoint": "advice"}}
    _, alone, _, beside, table = ask(
        settings, key["owner"],
        ("PUT", "/initiatives/course", TRAINING), ("GET", "/initiatives/course/effect"),
        ("PUT", "/initiatives/course", compared), ("GET", "/initiatives/course/effect"),
        ("GET", "/initiatives/course/effect?format=csv"),
    )  # fmt: skip
    one, two = alone.json(), beside.json()
    assert (one["effect"], one["design"], one["verdict"]) == (40, "before and after", "up")
    assert (one["periods_before"], one["periods_after"], one["n"], one["phi"]) == (10, 10, 200, 1)
    assert "consistent with" in one["wording"]
    assert (two["effect"], two["design"], two["n_comparison"]) == (30, "difference in differences", 200)
    assert two["low"] < 30 < two["high"]
    sides = [(i["side"], i["starts_on"], i["ends_on"]) for i in one["items"]]
    assert len(sides) == 26
    assert sides[12:14] == [("before", "2025-08-27", "2025-09-02"), ("after", "2025-09-03", "2025-09-09")]
    assert two["items"][13]["comparison"]["nps"] == 30
    assert table.text.splitlines()[0].startswith("side,starts_on,ends_on,nps,")


def test_too_few_weeks_are_refused_with_the_reason(settings: Settings, key: dict[str, str]) -> None:
    _, short, days, wrong, shared, same = ask(
        settings, key["owner"],
        ("PUT", "/initiatives/course", TRAINING),
        ("GET", "/initiatives/course/effect?after_days=34"), ("GET", "/initiatives/course/effect?before_days=0"),
        ("GET", "/initiatives/course/effect?period=month"),
        ("PUT", "/initiatives/course", TRAINING | {"comparison": {"survey": "nps"}}),
        ("GET", "/initiatives/course/effect"),
    )  # fmt: skip
    assert short.status_code == 409
    assert "10 whole weeks before and 4 after the start on 2025-09-03 have answers" in short.json()["detail"]
    assert (days.status_code, wrong.status_code, shared.status_code) == (422, 422, 200)
    assert same.status_code == 409
    assert "shares answers" in same.json()["detail"]


def test_other_initiatives_for_the_same_answers_are_told(
    settings: Settings, database: Database, key: dict[str, str]
) -> None:
    with database.writing() as session:
        facts: dict[str, Any] = {"kind": "inform", "comparison": None, "ends_on": None}
        for name, day, scope in (
            ("letter", date(2025, 10, 1), {"unit": ["north"]}),
            ("always", date(2020, 1, 1), {}),
            ("elsewhere", date(2025, 10, 1), {"touchpoint": ["advice"]}),
        ):
            initiatives.put(session, 1, name, name=name.title(), starts_on=day, scope=scope, **facts)
    _, found = ask(
        settings, key["owner"],
        ("PUT", "/initiatives/course", TRAINING | {"ends_on": "2025-09-10"}), ("GET", "/initiatives/course/effect"),
    )  # fmt: skip
    ended, letter = found.json()["warnings"]
    assert ended.startswith("It ended on 2025-09-10")
    assert letter == "“Letter” began or ended between 2025-06-04 and 2025-12-02 for some of the same answers."


def test_a_manager_sees_the_effect_on_the_own_unit_only(settings: Settings, key: dict[str, str]) -> None:
    ask(settings, key["owner"], ("PUT", "/initiatives/all", TRAINING | {"scope": {"survey": "nps"}}))
    ask(settings, key["owner"], ("PUT", "/initiatives/north", TRAINING | {"scope": {"unit": "north"}}))
    own, outside, write = ask(
        settings, key["manager"],
        ("GET", "/initiatives/all/effect"), ("GET", "/initiatives/north/effect"),
        ("PUT", "/initiatives/all", TRAINING),
    )  # fmt: skip
    assert (own.json()["effect"], own.json()["n"]) == (10, 200)
    assert (outside.status_code, write.status_code) == (404, 403)


def test_a_manager_reads_no_initiative_of_another_unit(settings: Settings, key: dict[str, str]) -> None:
    for name, scope in (("all", {"survey": "nps"}), ("north", {"unit": "north"}), ("south", {"unit": "south"})):
        ask(settings, key["owner"], ("PUT", f"/initiatives/{name}", TRAINING | {"scope": scope}))
    listed, first, one, other, effect, chart = ask(
        settings, key["manager"], ("GET", "/initiatives"), ("GET", "/initiatives?limit=1"),
        ("GET", "/initiatives/south"), ("GET", "/initiatives/north"), ("GET", "/initiatives/north/effect"),
        ("GET", "/charts/effect?initiative=north"),
    )  # fmt: skip
    assert [item["key"] for item in listed.json()["items"]] == ["all", "south"]
    (second,) = ask(settings, key["manager"], ("GET", f"/initiatives?limit=1&after={first.json()['next']}"))
    assert [item["key"] for page in (first, second) for item in page.json()["items"]] == ["all", "south"]
    assert second.json()["next"] is None
    assert one.json()["key"] == "south"
    for hidden in (other, effect, chart):
        assert (hidden.status_code, hidden.json()["detail"]) == (404, "There is no initiative 'north' here.")


def test_what_lies_behind_the_figures_is_drawn(settings: Settings, key: dict[str, str]) -> None:
    _, drawn, unknown, unnamed, drivers, words, grouped, trend, other = ask(
        settings, key["owner"],
        ("PUT", "/initiatives/course", TRAINING | {"comparison": {"touchpoint": "advice"}}),
        ("GET", "/charts/effect?initiative=course&before_days=70"), ("GET", "/charts/effect?initiative=nobody"),
        ("GET", "/charts/effect"), ("GET", "/charts/drivers"), ("GET", "/charts/words"),
        ("GET", "/charts/words?by=unit"), ("GET", "/charts/trend?unit=north"), ("GET", "/charts/trend?unit=south"),
    )  # fmt: skip
    assert [set(one.json()) for one in (drawn, drivers, words)] == [{"data", "layout"}] * 3
    assert drawn.json()["layout"]["title"]["text"].startswith("Listening course: +30.0 points")
    assert (unknown.status_code, unnamed.status_code, grouped.status_code) == (404, 422, 422)
    assert "Listening course" in [note["text"] for note in trend.json()["layout"]["annotations"]]
    assert "Listening course" not in other.text
