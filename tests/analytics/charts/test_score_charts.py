"""Charts are figures that Plotly accepts, and show what is known and nothing else."""

from datetime import date, timedelta
from typing import Any

import pytest

from analytics.charts import pictures, score_charts, trend_chart
from analytics.estimation import compare
from analytics.estimation.estimate import estimate
from analytics.reports import metrics, scores
from analytics.reports.names import Names
from tests.analytics.charts.rows import MONTHS, ROWS, levelled, period, spread_of
from tests.analytics.figures import NAMING, TEXTS, accepted
from tests.analytics.histograms import counts

NAMES = Names(NAMING, {("touchpoint", "support"): "Support"}, {"support": 40.0})


def test_a_trend_leaves_gaps_and_draws_the_baseline() -> None:
    figure = trend_chart.draw(MONTHS, NAMES, TEXTS, ROWS[0])
    accepted(figure)
    band, line = figure["data"]
    assert line["y"] == [28.57, None, 44.44, -4.17]
    assert band["x"][2] is None
    # January stands alone, so its interval is a bar; March and April have the band.
    assert [value is not None for value in line["error_y"]["array"]] == [True, False, False, False]
    assert figure["layout"]["annotations"][0]["text"] == "Baseline 28.6"


def test_a_level_is_the_line_and_its_periods_are_marks_with_bars() -> None:
    figure = trend_chart.draw(levelled({}), NAMES, TEXTS)
    accepted(figure)
    band, line, dots = figure["data"]
    assert (line["mode"], line["y"]) == ("lines", [40.0] * 5)
    assert band["y"][:5] == [50.0] * 5
    assert dots["mode"] == "markers"
    assert [value is not None for value in dots["error_y"]["array"]] == [True, True, False, True, True]


def test_each_kind_of_signal_has_a_mark_and_a_name_of_its_own() -> None:
    figure = trend_chart.draw(levelled({0: "below", 3: "above", 4: "shift"}), NAMES, TEXTS)
    accepted(figure)
    marks = {trace["marker"]["symbol"]: trace["x"] for trace in figure["data"][3:]}
    assert marks == {
        "triangle-up-open": ["2018-04-01"], "triangle-down-open": ["2018-01-01"], "diamond-open": ["2018-05-01"]
    }  # fmt: skip
    assert "hint" in figure["data"][-1]["name"]
    assert figure["layout"]["showlegend"]


def test_what_happened_on_a_day_is_a_line_down_with_its_name() -> None:
    marks = [trend_chart.Mark(date(2018, 3, 15), "Call back <within> a day")]
    figure = trend_chart.draw(levelled({}), NAMES, TEXTS, ROWS[0], marks)
    accepted(figure)
    assert [(shape["x0"], shape.get("y0")) for shape in figure["layout"]["shapes"]] == [("2018-03-15", 0), (0, 28.57)]
    assert figure["layout"]["annotations"][0]["text"] == "Call back &lt;within> a day"


def test_touchpoints_are_drawn_against_a_baseline() -> None:
    frozen = {"estimate": {"nps": 31.5}, "groups": [{"group": {"touchpoint": "support"}, "nps": 22.0}]}
    figure = score_charts.touchpoints(ROWS, NAMES, TEXTS, frozen)
    accepted(figure)
    _, square, target = figure["data"]
    assert (square["name"], square["x"], target["x"]) == ("Baseline", [None, 22.0], [None, 40.0])
    assert figure["layout"]["shapes"][0]["x0"] == 31.5


def test_a_trend_of_one_period_shows_the_months_around_it() -> None:
    axis = trend_chart.draw(MONTHS[:1], NAMES, TEXTS)["layout"]["xaxis"]
    first = date.fromisoformat(MONTHS[0]["starts_on"])
    assert axis["range"] == [str(first - timedelta(days=45)), str(first + timedelta(days=45))]
    assert "range" not in trend_chart.draw(MONTHS, NAMES, TEXTS)["layout"]["xaxis"]


@pytest.mark.parametrize("three", [(0, 5, 0), (100, 0, 0), (0, 0, 100)])
def test_an_axis_is_never_a_few_points_wide(three: tuple[int, int, int]) -> None:
    for draw in (trend_chart.draw, trend_chart.waves):
        low, high = draw([period("2018-01-01", *three)], NAMES, TEXTS)["layout"]["yaxis"]["range"]
        assert high - low >= 20
        assert -105 <= low <= 100 * (three[0] - three[2]) / sum(three) <= high <= 105


def test_touchpoints_keep_an_order_of_their_own_where_they_have_one() -> None:
    rows = [ROWS[1], ROWS[0]]
    assert score_charts.touchpoints(rows, NAMES, TEXTS)["data"][0]["y"][-1] == "Support (n = 35)"
    assert score_charts.touchpoints(rows, NAMES, TEXTS, ordered=True)["data"][0]["y"][0] == "Support (n = 35)"


def test_indicative_periods_are_hollow_and_too_few_a_cross() -> None:
    line = trend_chart.draw(MONTHS, NAMES, TEXTS)["data"][1]
    assert line["marker"]["symbol"] == ["circle", "x-thin-open", "circle", "circle-open"]


def test_touchpoints_show_targets_and_say_where_there_is_no_interval() -> None:
    figure = score_charts.touchpoints(ROWS, NAMES, TEXTS)
    accepted(figure)
    forest, target = figure["data"]
    assert forest["y"] == ["Without a touchpoint (n = 3)", "Support (n = 35)"]
    assert forest["error_x"]["array"][0] is None
    assert forest["customdata"][0] == [3, "too few answers for an interval"]
    assert target["x"] == [None, 40.0]


def test_a_name_cannot_bring_markup_into_a_chart() -> None:
    named = Names(NAMING, {("touchpoint", "support"): "<b>Support</b> & more"}, {})
    assert score_charts.touchpoints(ROWS[:1], named, TEXTS)["data"][0]["y"] == [
        "&lt;b>Support&lt;/b> &amp; more (n = 35)"
    ]


def test_then_and_now_carry_the_verdict() -> None:
    (difference,) = compare.compare([compare.Pair(estimate(counts(20, 40, 40)), estimate(counts(60, 30, 10)))])
    items = [{
        "group": {"touchpoint": "support"}, "baseline": scores.estimate_item(difference.before),
        "current": scores.estimate_item(difference.after), **metrics.item(metrics.DIFFERENCE, difference),
    }]  # fmt: skip
    figure = score_charts.baseline(items, NAMES, TEXTS)
    accepted(figure)
    assert [trace["x"] for trace in figure["data"]] == [[-20], [50]]
    assert figure["data"][0]["y"] == ["Support: up"]


@pytest.mark.parametrize("groups", [1, 2])
def test_a_distribution_adds_up_to_a_hundred(groups: int) -> None:
    item = spread_of(20, 5, 10)
    figure = score_charts.distribution([{"group": {"touchpoint": str(g)}, **item} for g in range(groups)], NAMES, TEXTS)
    accepted(figure)
    shown = [value for trace in figure["data"] for value in trace["y" if groups == 1 else "x"]]
    assert sum(shown) == pytest.approx(100 * groups, abs=0.1)


def test_where_scores_are_not_kept_a_distribution_has_three_bars() -> None:
    item = {"group": {}, **spread_of(20, 5, 10, scores=False)}
    figure = score_charts.distribution([item], NAMES, TEXTS)
    accepted(figure)
    assert [(trace["x"], trace["text"]) for trace in figure["data"]] == [
        (["0–6"], ["10"]), (["7–8"], ["5"]), (["9–10"], ["20"]),
    ]  # fmt: skip
    words = pictures.picture(figure, 700)
    assert [n for n in range(11) if f">{n}<" in words] == [5, 10]  # the numbers of answers, and no score


def test_groups_with_scores_and_without_stand_side_by_side_in_a_distribution() -> None:
    items = [{"group": {"touchpoint": str(n)}, **spread_of(20, 5, 10, scores=bool(n))} for n in range(2)]
    assert [trace["customdata"] for trace in score_charts.distribution(items, NAMES, TEXTS)["data"]] == [
        [10, 10], [5, 5], [20, 20],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "chart", [trend_chart.draw, score_charts.touchpoints, score_charts.baseline, score_charts.distribution]
)
def test_nothing_is_still_a_figure(chart: Any) -> None:
    accepted(chart([], NAMES, TEXTS))
