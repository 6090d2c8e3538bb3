"""Pictures: the same figures without a script, as SVG that stays within its frame."""

from typing import Any
from xml.etree import ElementTree

import pytest

from analytics.charts import score_charts, trend_chart, why_charts
from analytics.charts.axes import axis, nice
from analytics.charts.pictures import picture
from analytics.estimation.estimate import estimate
from analytics.reports import scores
from analytics.reports.names import Names
from tests.analytics.charts.rows import FIGURES, MONTHS, ROWS, driver, levelled, spread_of, term, week
from tests.analytics.figures import NAMING, TEXTS
from tests.analytics.histograms import counts

NAMES = Names(NAMING, {("touchpoint", "support"): "<b>Support</b> & more, with a name that goes on and on"}, {})
SPREAD = {"group": {}, **spread_of(20, 5, 10)}
WEEKS = [week("before", "2025-08-20", 5, 3, 2), week("after", "2025-09-03", 2, 1, 0)]
CHANGE = {"group": {}, "baseline": ROWS[0], "current": ROWS[0], "verdict": "no clear change"}
CHARTS: dict[str, dict[str, Any]] = {
    "trend": trend_chart.draw(levelled({0: "below", 4: "shift"}), NAMES, TEXTS, ROWS[0]),
    "month": trend_chart.draw(MONTHS[:1], NAMES, TEXTS),
    "waves": trend_chart.waves(MONTHS, NAMES, TEXTS),
    "touchpoints": score_charts.touchpoints(ROWS, NAMES, TEXTS, {"estimate": {"nps": 31.5}, "groups": []}),
    "baseline": score_charts.baseline([CHANGE], NAMES, TEXTS),
    "spread": score_charts.distribution([SPREAD], NAMES, TEXTS),
    "shares": score_charts.distribution([SPREAD | {"group": {"touchpoint": key}} for key in "ab"], NAMES, TEXTS),
    "nothing": score_charts.distribution([], NAMES, TEXTS),
    "effect": why_charts.effect(FIGURES, WEEKS, "NPS", TEXTS, ""),
    "drivers": why_charts.drivers([driver("Speed", 0.5, 60.0), driver("Tone", -0.2, 40.0)], TEXTS, ""),
    "words": why_charts.words([term("slow", "detractors", 3.0), term("kind", "promoters", 4.0)], TEXTS),
}


def parts(name: str, width: int = 900) -> list[ElementTree.Element]:
    """The elements of a chart's picture, which is well-formed."""
    return list(ElementTree.fromstring(picture(CHARTS[name], width)).iter())  # noqa: S314 - our own text


def words(name: str, width: int = 900) -> list[str]:
    return [element.text or "" for element in parts(name, width) if element.tag.endswith("text")]


@pytest.mark.parametrize("width", [900, 320])
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_a_picture_within_its_frame(name: str, width: int) -> None:
    svg, *drawn = parts(name, width)
    height = float(svg.attrib["height"])
    across = [float(e.attrib[key]) for e in drawn for key in ("x", "x1", "x2", "cx") if key in e.attrib]
    down = [float(e.attrib[key]) for e in drawn for key in ("y", "y1", "y2", "cy") if key in e.attrib]
    assert all(-1 <= x <= width + 1 for x in across)
    assert all(-1 <= y <= height + 1 for y in down)


def test_marks_stand_where_their_figures_are() -> None:
    """28.57 of a scale from -105 to 105 lies at 63.6 % of its width."""
    (circle,) = [e for e in parts("touchpoints") if e.tag.endswith("circle") and e.attrib["r"] == "5.0"]
    lines = [e for e in parts("touchpoints") if e.tag.endswith("line") and e.attrib["stroke-width"] == "2"]
    (interval,) = [e for e in lines if e.attrib["y1"] == e.attrib["y2"] == circle.attrib["cy"]]
    assert float(interval.attrib["x1"]) < float(circle.attrib["cx"]) < float(interval.attrib["x2"])
    scale = axis({"range": [-105, 105]}, [], 100, 200)
    assert scale.at(28.57) == pytest.approx(163.6, abs=0.01)


def test_bars_are_as_high_as_their_shares() -> None:
    heights = [float(e.attrib["height"]) for e in parts("spread") if e.tag.endswith("rect")]
    shares = [c / 35 for c in counts(20, 5, 10)]
    largest = max(heights)
    assert heights == pytest.approx([largest * share / max(shares) for share in shares], abs=0.2)


def test_a_name_brings_no_markup_and_is_cut_before_the_number_behind_it() -> None:
    label = next(text for text in words("touchpoints") if text.startswith("<b>Support</b> & more"))
    assert label.endswith("(n = 35)")
    narrow = next(text for text in words("touchpoints", 320) if text.startswith("<b>Support"))
    assert narrow.endswith("… (n = 35)")


def test_what_is_said_in_the_place_of_figures_is_in_the_picture() -> None:
    agreed = scores.estimate_item(estimate(counts(12, 0, 0), anonymous=True))
    figure = score_charts.touchpoints([{"group": {"touchpoint": "desk"}, **agreed}], NAMES, TEXTS)
    assert "90 % or more promoters" in picture(figure, 900)


def test_ticks_are_round_and_few() -> None:
    assert [nice(span) for span in (6, 10, 25, 200)] == [1, 2, 5, 50]
    days = axis({"type": "date", "range": ["2015-06-01", "2026-03-01"]}, [], 0, 100).ticks()
    assert [text for _, text in days] == ["2016", "2018", "2020", "2022", "2024", "2026"]
    months = axis({"type": "date", "range": ["2025-01-15", "2026-01-10"]}, [], 0, 100).ticks()
    assert all(text[4] == "-" and len(text) == 7 for _, text in months)
    assert 3 <= len(months) <= 7
