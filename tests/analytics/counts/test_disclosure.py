"""What reports tell of anonymous waves: groups counted elsewhere are named, and nobody reads that all said the same."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from analytics.charts import score_charts, trend_chart
from analytics.counts import query
from analytics.counts.query import Query
from analytics.estimation.compare import Pair, compare
from analytics.estimation.estimate import estimate, nearly_all
from analytics.estimation.watch import watch
from analytics.reports import baselines, names, scores, trend
from analytics.reports.window import Side
from app.storage.database import Database
from surveys.fieldwork import waves
from surveys.responses.cells import Slice
from tests.analytics.figures import NAMING, TEXTS
from tests.analytics.rows import answered
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation, make_survey, make_unit
from tests.surveys.results import QUARTER, make_results
from tests.surveys.results import scores as given_by
from tests.surveys.staff import cast, hire, hold_wave, make_enps, make_units, open_wave, team

HIDDEN = ("promoters", "passives", "detractors", "nps", "low", "high")


def asked(session: Session, number: int, *pairs: tuple[str, str]) -> Query:
    return query.parse(session, number, [("survey", "enps"), *pairs], own={"period", "window"})


def by_unit(session: Session, number: int, *pairs: tuple[str, str]) -> dict[Any, Any]:
    items, _ = scores.scores(session, asked(session, number, ("by", "unit"), *pairs))
    return {item["group"]["unit"]: item for item in items}


def alike(kind: str, n: int = 10) -> list[int]:
    """Eleven counts of n answers of one kind."""
    return [n if score == {"promoters": 10, "passives": 7, "detractors": 0}[kind] else 0 for score in range(11)]


@pytest.mark.parametrize(
    ("counts", "category"),
    [
        ([0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 5], "promoters"),
        ([1, 0, 0, 0, 0, 0, 1, 0, 0, 8, 9], None),
        ([5, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0], "detractors"),
        ([0, 0, 0, 0, 0, 0, 0, 3, 6, 1, 0], "passives"),
        ([0, 0, 0, 0, 0, 0, 0, 0, 1, 8, 0], None),
        ([0] * 11, None),
    ],
)
def test_nearly_all_is_nine_in_ten_of_one_category(counts: list[int], category: str | None) -> None:
    assert nearly_all(counts) == category


@pytest.mark.parametrize("kind", ["promoters", "passives", "detractors"])
def test_an_anonymous_estimate_tells_the_number_and_the_category_alone(kind: str) -> None:
    found = scores.estimate_item(estimate(alike(kind), anonymous=True))
    assert {name: found[name] for name in HIDDEN} == dict.fromkeys(HIDDEN)
    assert (found["responses"], found["suppressed"], found["at_least_percent"]) == (10, True, {kind: 90})
    open_ = scores.estimate_item(estimate(alike(kind)))
    assert (open_["suppressed"], open_["at_least_percent"]) == (False, None)
    assert open_[kind] == 10


def test_nothing_is_compared_with_what_is_withheld() -> None:
    mixed = estimate([5, 0, 0, 0, 0, 0, 0, 5, 0, 0, 10], anonymous=True)
    withheld = estimate(alike("promoters", 40), anonymous=True)
    for pair in ((mixed, withheld), (withheld, mixed), (withheld, withheld)):
        (told,) = watch(compare([Pair(*pair)]))
        assert (told.change, told.low, told.p_value, told.verdict) == (None, None, None, "too few")
        assert (told.low_always, told.high_always, told.p_value_always) == (None, None, None)


def test_a_group_counted_with_others_is_named_and_has_no_number(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, scores="scores")
        found = by_unit(session, number)
        assert list(found) == ["bridge", "deck", "desk", "engine", "ships"]
        for unit in ("bridge", "deck"):
            told = found[unit]
            assert (told["responses"], told["invited"], told["suppressed"]) == (0, 0, True)
            assert (told["nps"], told["low"], told["high"], told["response_rate_percent"]) == (None,) * 4
            assert told["at_least_percent"] is None
        assert (found["ships"]["responses"], found["ships"]["suppressed"]) == (20, False)
        spread = scores.distribution(session, asked(session, number, ("by", "segment.watch")))
        told = {i["group"]["segment.watch"]: (i["responses"], i["counts"] is None, i["suppressed"]) for i in spread}
        assert told == {
            "day": (0, True, True), "night": (20, False, False), "office": (12, True, True), None: (20, False, False)
        }  # fmt: skip
        alone, total = scores.scores(session, asked(session, number, ("unit", "bridge")))
        assert (alone[0]["suppressed"], total["suppressed"], total["responses"]) == (True, True, 0)


def test_a_group_counted_with_others_is_named_on_the_day_of_its_wave_alone(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        day = waves.get(session, number, "w1").counted_on
        assert day is not None
        assert by_unit(session, number, ("from", (day + timedelta(1)).isoformat())) == {}
        assert by_unit(session, number, ("to", (day - timedelta(1)).isoformat())) == {}
        assert by_unit(session, number, ("from", day.isoformat()), ("to", day.isoformat()))["deck"]["suppressed"]


@pytest.mark.parametrize("released", [False, None])
def test_nothing_is_listed_of_a_wave_that_is_open_or_was_not_released(
    database: Database, *, released: bool | None
) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_units(session, number, {"ships": None, "deck": "ships", "bridge": "ships"})
        survey, staff = make_enps(session, number), [*team("deck", 2), *team("bridge", 2)]
        hire(session, number, staff)
        invitations = open_wave(session, survey, "w1", staff)
        for invitation in invitations.values():
            cast(session, invitation, 10)
        if released is False:
            waves.close(session, number, "w1", NOW + timedelta(days=1), SECRETS)
        items, total = scores.scores(session, asked(session, number, ("by", "unit")))
        assert (items, total["suppressed"], total["responses"]) == ([], False, 0)
        assert trend.trend(session, asked(session, number, ("by", "unit"))).items == []


def test_a_unit_with_answers_in_one_wave_is_suppressed_in_the_other_alone(database: Database) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=1)
        # All are new, so that no difference between the waves is of three people.
        staff = [*team("bridge", 12, start=100, watch="day"), *team("deck", 17, start=100, watch="day")]
        hire(session, number, staff)
        hold_wave(session, survey, "w2", staff, given_by(staff), now=NOW + QUARTER)
        assert not by_unit(session, number)["bridge"]["suppressed"]
        found = trend.trend(session, asked(session, number, ("by", "unit"), ("period", "quarter"))).items
        told = {i["period"]: (i["responses"], i["suppressed"]) for i in found if i["group"]["unit"] == "bridge"}
        assert told == {"2026-Q2": (0, True), "2026-Q3": (12, False)}
        whole = trend.trend(session, asked(session, number, ("by", "unit"), ("period", "quarter"), ("window", "2")))
        assert [i["suppressed"] for i in whole.items if i["group"]["unit"] == "bridge"] == [True, False]


def test_no_report_says_that_all_at_the_desk_are_promoters(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=3)
        desk = ("unit", "desk")
        (alone,), total = scores.scores(session, asked(session, number, desk))
        (spread,) = scores.distribution(session, asked(session, number, desk))
        periods = trend.trend(session, asked(session, number, desk, ("period", "quarter")))
        a, b = (asked(session, number, desk, ("wave", wave)) for wave in ("w1", "w2"))
        (change,) = scores.comparison(session, a, b)
        for told in (alone, total, *periods.items, change["baseline"], change["current"]):
            assert {told[name] for name in HIDDEN} == {None}
            assert told["at_least_percent"] == {"promoters": 90}
        assert (spread["responses"], spread["counts"], spread["at_least_percent"]) == (36, None, {"promoters": 90})
        assert {i["level"] for i in periods.items} | {i["signal"] for i in periods.items} == {None}
        assert (change["change"], change["low"], change["verdict"]) == (None, None, "too few")


def test_the_effect_of_an_initiative_passes_over_weeks_in_which_all_agree() -> None:
    found = Side({0: tuple(alike("promoters", 12)), 1: (0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 5)}, anonymous=True)
    assert (found.sides(0), found.sides(1)) == ((0, 0, 0), (5, 4, 3))
    told = found.item(0, 0.95)
    assert (told["nps"], told["responses"], told["at_least_percent"]) == (None, 12, {"promoters": 90})
    assert replace(found, anonymous=False).sides(0) == (12, 0, 0)


def test_a_baseline_keeps_its_counts_and_shows_them_by_the_rule(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        frozen, _ = baselines.freeze(
            session, asked(session, number, ("by", "unit"), ("wave", "w1"), ("to", "2026-05-31")), "first", None, NOW
        )
        assert {kept["group"]["unit"]: sum(kept["counts"]) for kept in frozen.groups}["desk"] == 12
        told = baselines.item(frozen)
        desk = next(kept for kept in told["groups"] if kept["group"]["unit"] == "desk")
        assert (desk["responses"], desk["promoters"], desk["at_least_percent"]) == (12, None, {"promoters": 90})
        alone, _ = baselines.freeze(
            session, asked(session, number, ("unit", "desk"), ("to", "2026-05-31")), "desk", None, NOW
        )
        assert baselines.item(alone)["estimate"]["at_least_percent"] == {"promoters": 90}
        (change,) = baselines.change(session, number, "desk", []).items
        assert (change["baseline"]["nps"], change["current"]["nps"], change["change"]) == (None, None, None)
        assert (change["p_value_always"], change["verdict"]) == (None, "too few")


def test_confidential_answers_are_told_as_they_are_beside_anonymous_ones(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        make_survey(session, number, "pulse", audience="staff", name="Pulse")
        make_unit(session, number, "office")
        waves.create(session, number, "pulse", "p1", opens_at=NOW, closes_at=NOW + QUARTER, now=NOW)
        answered(session, number, [(Slice("pulse", "p1", unit="office"), date(2026, 4, 2), 10)] * 12)
        both = query.parse(session, number, [("survey", "enps,pulse"), ("by", "unit")])
        found = {item["group"]["unit"]: item for item in scores.scores(session, both)[0]}
        assert (found["office"]["nps"], found["office"]["at_least_percent"]) == (100, None)
        assert found["desk"]["at_least_percent"] == {"promoters": 90}


def test_charts_have_words_and_neither_point_nor_bar_for_those_who_agree(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        known = names.names(session, asked(session, number), NAMING)
        items, _ = scores.scores(session, asked(session, number, ("by", "unit")))
        forest = score_charts.touchpoints(items, known, TEXTS)
        desk, by_unit = (asked(session, number, pair) for pair in (("unit", "desk"), ("by", "unit")))
        course = trend_chart.draw(trend.trend(session, desk).items, known, TEXTS)
        spread = score_charts.distribution(scores.distribution(session, by_unit), known, TEXTS)
        alone = score_charts.distribution(scores.distribution(session, desk), known, TEXTS)
    label = "Desk (n = 24)"
    assert [x for x, y in zip(forest["data"][0]["x"], forest["data"][0]["y"], strict=True) if y == label] == [None]
    assert [(t["y"], t["text"]) for t in forest["data"] if t.get("mode") == "text"] == [
        ([label], ["90 % or more promoters"])
    ]
    assert [y for trace in course["data"] if trace.get("mode") != "text" for y in trace["y"] if y is not None] == []
    assert {said for t in course["data"] for said in t.get("text", [])} == {"90 % or more<br>promoters"}
    assert all(label not in trace["y"] for trace in spread["data"] if trace["type"] == "bar")
    assert ["90 % or more promoters"] in [trace.get("text") for trace in spread["data"]]
    assert (alone["data"], alone["layout"]["annotations"][0]["text"]) == ([], "90 % or more promoters")
    assert "eNPS" in forest["layout"]["title"]["text"]
    assert "eNPS" in course["layout"]["yaxis"]["title"]["text"]
