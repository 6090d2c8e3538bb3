"""Charts of effects, drivers and words: what they draw, and what they leave out."""

from analytics.charts import why_charts
from tests.analytics.charts.rows import FIGURES, driver, term, week
from tests.analytics.figures import TEXTS, accepted


def test_an_effect_shows_both_levels_and_the_start() -> None:
    rows = [
        week("before", "2025-08-20", 5, 3, 2, beside=(6, 2, 2)),
        week("before", "2025-08-27", 0, 0, 0, beside=(4, 4, 2)),
        week("after", "2025-09-03", 2, 1, 0, beside=(5, 3, 2)),
    ]
    figure = why_charts.effect(FIGURES, rows, "eNPS", TEXTS, "After the start.")
    accepted(figure)
    scope, comparison, *levels = figure["data"]
    assert scope["y"] == [30, None, 66.67]
    assert scope["marker"]["symbol"][2] == "x-thin-open"
    assert comparison["y"] == [40, 20, 30]
    assert [level["y"] for level in levels] == [[30, 30], [66.67, 66.67], [30, 30], [30, 30]]
    assert figure["layout"]["shapes"][0]["x0"] == "2025-09-03"
    assert figure["layout"]["yaxis"]["title"]["text"] == "eNPS, points"
    assert ": eNPS %{y:.1f}" in scope["hovertemplate"]
    assert "&lt;b>back" in figure["layout"]["title"]["text"]
    alone = why_charts.effect(
        FIGURES, [{k: v for k, v in row.items() if k != "comparison"} for row in rows], "NPS", TEXTS, ""
    )
    accepted(alone)
    assert len(alone["data"]) == 3


def test_drivers_without_importance_show_correlations_only() -> None:
    asked = [driver("Speed", 0.5, None), driver("Never asked", None, None)]
    figure = why_charts.drivers(asked, TEXTS, "Too few.")
    accepted(figure)
    (only,) = figure["data"]
    assert only["y"] == ["Speed (n = 120)"]
    assert only["error_x"]["array"] == [0.1]
    assert figure["layout"]["meta"] == {"description": "Too few."}
    both = why_charts.drivers([driver("Speed", 0.5, 60.0), driver("Tone", 0.2, 40.0)], TEXTS, "")
    accepted(both)
    assert [trace["x"] for trace in both["data"]] == [[0.2, 0.5], [40, 60]]


def test_words_lie_on_the_side_that_uses_them() -> None:
    items = [term(f"word{n}", "detractors", 9 - n / 10) for n in range(20)] + [term("kind", "promoters", 4.0)]
    figure = why_charts.words(items, TEXTS)
    accepted(figure)
    left, right = figure["data"]
    assert len(left["x"]) == why_charts.MOST_WORDS
    assert left["x"][-1] == -9
    assert (right["x"], right["y"]) == ([4], ["kind"])
    assert figure["layout"]["meta"]["description"].startswith("More often from detractors: word0, word1,")
    two = why_charts.words([term("lang", "detractors", 3.0, "da"), term("slow", "detractors", 3.0)], TEXTS)
    assert two["data"][0]["y"] == ["lang (da)", "slow (en)"]
    nothing = why_charts.words([], TEXTS)
    accepted(nothing)
    assert nothing["layout"]["meta"]["description"] == "No word sets detractors and promoters apart."
