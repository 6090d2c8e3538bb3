"""Charts of what may lie behind the figures: effects, drivers and words, as plain data for plotly.js."""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.charts import layouts
from analytics.charts.layouts import FRAME_HEIGHT, GREY, INK, PALE, ROW_HEIGHT
from analytics.charts.looks import COLOURS, CROSS, DASHES, SYMBOLS, Trace
from analytics.charts.score_charts import SIDES, Figure
from analytics.charts.texts import Texts
from analytics.reports.metrics import Item

MOST_WORDS = 12  # a side and language; the table beside has all
WORD_HEIGHT = 24
TALL_MARGIN = {"l": 50, "r": 20, "t": 90, "b": 50}  # room for the legend below the title
COUNTS = ("promoters", "detractors", "responses")


def effect(figures: Item, periods: Sequence[Item], figure: str, texts: Texts, description: str) -> Figure:
    """`figure` (NPS or eNPS) per period before and after the start, in scope and comparison, with each side's level.

    `description` says in a sentence what it shows, for screen readers.
    """
    name = layouts.text(figures["initiative"]["name"])
    compared = any("comparison" in row for row in periods)
    traces = [_points([{**row, **row} for row in periods], texts.names.scope, 0, figure)]
    if compared:
        traces.append(_points([{**row, **row["comparison"]} for row in periods], texts.names.comparison, 1, figure))
    for i, label in enumerate((texts.names.scope, texts.names.comparison)[: 1 + compared]):
        for side in ("before", "after"):
            traces.append(_level([row for row in periods if row["side"] == side], label, i))
    starts_on = figures["initiative"]["starts_on"]
    ends = {end: f"{figures[end]:+.1f}" for end in ("effect", "low", "high")}
    shown = [nps for row in periods for nps in (row["nps"], row.get("comparison", row)["nps"])]
    points = layouts.points_axis(texts.axes.points % {"figure": figure}) | {"range": layouts.points_span(shown)}
    layout = layouts.layout(
        texts.notes.effect % {"name": name, **ends},
        yaxis=points, xaxis={"type": "date", "showgrid": False}, showlegend=compared,
        shapes=[{
            "type": "line", "x0": starts_on, "x1": starts_on, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": INK, "width": 2, "dash": "dot"},
        }],
        annotations=[{
            "text": texts.notes.start % {"name": name}, "x": starts_on, "xanchor": "left", "yref": "paper", "y": 1,
            "showarrow": False,
        }],
        meta={"description": description}, margin=TALL_MARGIN,
    )  # fmt: skip
    return {"data": traces, "layout": layout}


def drivers(items: Sequence[Item], texts: Texts, description: str) -> Figure:
    """Per question its correlation with the score and, where it is known, its importance, each with its interval.

    `description` says in a sentence what it shows, for screen readers.
    """
    rows = [item for item in reversed(items) if item["correlation"] is not None]
    labels = [f"{layouts.text(item['text'])} (n = {item['n']})" for item in rows]
    known = any(item["importance_percent"] is not None for item in rows)
    traces = [_dots(rows, labels, ("correlation", "low", "high"), texts.names.correlation_with_score, 0)]
    if known:
        of = ("importance_percent", "importance_low", "importance_high")
        traces.append(_dots(rows, labels, of, texts.names.importance_of_all, 1))
    layout = layouts.layout(texts.titles.drivers, showlegend=False, yaxis={"automargin": True})
    layout |= {"height": FRAME_HEIGHT + ROW_HEIGHT * max(1, len(rows)), "meta": {"description": description}}
    layout["xaxis"] = _across(texts.axes.correlation, [-1, 1]) | ({"domain": [0, 0.47]} if known else {})
    if known:
        layout["xaxis2"] = _across(texts.axes.importance, None) | {
            "domain": [0.53, 1],
            "rangemode": "tozero",
        }
    return {"data": traces, "layout": layout}


def words(items: Sequence[Item], texts: Texts) -> Figure:
    """How clearly each word belongs to detractors (to the left) or promoters (to the right), in standard errors."""
    several = len({item["language"] for item in items}) > 1
    shown = [item for i, item in enumerate(items) if _place(items, i) < MOST_WORDS]
    rows = sorted(shown, key=lambda item: (item["side"] == "detractors", item["z"]))
    traces = [
        _bars([item for item in rows if item["side"] == kind], kind, sign, texts, several=several)
        for kind, sign in (("detractors", -1), ("promoters", 1))
    ]
    layout = layouts.layout(texts.titles.words, barmode="relative")
    layout["margin"] = TALL_MARGIN
    layout |= {"height": FRAME_HEIGHT + WORD_HEIGHT * max(2, len(rows)), "yaxis": {"automargin": True, "dtick": 1}}
    layout["xaxis"] = _across(texts.axes.words_axis, None)
    layout["meta"] = {"description": _spoken(rows, texts)}
    return {"data": traces, "layout": layout}


def _points(rows: Sequence[Mapping[str, Any]], label: str, i: int, figure: str) -> Trace:
    symbol = SYMBOLS[i]
    return {
        "type": "scatter", "mode": "markers", "name": label,
        "x": [row["starts_on"] for row in rows], "y": [row["nps"] for row in rows],
        "marker": {
            "color": COLOURS[i], "size": 9, "symbol": [symbol if row["low"] is not None else CROSS for row in rows],
        },
        "customdata": [[row["ends_on"], row["responses"]] for row in rows],
        "hovertemplate": "%{x} – %{customdata[0]}: " + figure + " %{y:.1f}<br>n = %{customdata[1]}"
        "<extra>%{fullData.name}</extra>",
    }  # fmt: skip


def _level(rows: Sequence[Item], label: str, i: int) -> Trace:
    """The NPS of all answers of one side, as a line over its periods."""
    estimates = [row if i == 0 else row["comparison"] for row in rows]
    estimates = [estimate for estimate in estimates if estimate["promoters"] is not None]
    promoters, detractors, n = (sum(estimate[name] for estimate in estimates) for name in COUNTS)
    level = round(100 * (promoters - detractors) / n, 2) if n else None
    return {
        "type": "scatter", "mode": "lines", "name": label, "hoverinfo": "skip", "showlegend": False,
        "x": [rows[0]["starts_on"], rows[-1]["ends_on"]] if rows else [], "y": [level, level] if rows else [],
        "line": {"color": COLOURS[i], "width": 2, "dash": DASHES[i]},
    }  # fmt: skip


def _dots(rows: Sequence[Item], labels: Sequence[str], of: tuple[str, str, str], name: str, i: int) -> Trace:
    point, low, high = of

    def reach(end: str, sign: int) -> list[float | None]:
        return [None if row[end] is None else round(sign * (row[end] - row[point]), 3) for row in rows]

    return {
        "type": "scatter", "mode": "markers", "name": name, "xaxis": ("x", "x2")[i],
        "x": [row[point] for row in rows], "y": list(labels),
        "marker": {"color": COLOURS[i], "size": 10, "symbol": SYMBOLS[i]},
        "error_x": {
            "type": "data", "symmetric": False, "array": reach(high, 1), "arrayminus": reach(low, -1),
            "color": COLOURS[i], "thickness": 2, "width": 4,
        },
        "customdata": [[row[low], row[high]] for row in rows],
        "hovertemplate": "%{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})<extra>%{fullData.name}</extra>",
    }  # fmt: skip


def _bars(rows: Sequence[Item], kind: str, sign: int, texts: Texts, *, several: bool) -> Trace:
    side = next(side for side in SIDES if side.kind == kind)
    return {
        "type": "bar", "orientation": "h", "name": texts.names.sides[kind], "marker": side.marker,
        "x": [sign * row["z"] for row in rows],
        "y": [layouts.text(f"{row['term']} ({row['language']})" if several else row["term"]) for row in rows],
        "customdata": [[row["detractors"], row["promoters"]] for row in rows],
        "hovertemplate": "%{y}<br>" + texts.names.sides["detractors"] + ": n = %{customdata[0]}<br>"
        + texts.names.sides["promoters"] + ": n = %{customdata[1]}<extra></extra>",
    }  # fmt: skip


def _across(title: str, range_: list[float] | None) -> Figure:
    axis = {"title": {"text": title}, "zeroline": True, "zerolinecolor": GREY, "gridcolor": PALE}
    return axis | ({"range": range_} if range_ else {})


def _place(items: Sequence[Item], i: int) -> int:
    """How many of the same side and language stand before it; they come with the clearest first."""
    return sum(all(item[name] == items[i][name] for name in ("side", "language")) for item in items[:i])


def _spoken(rows: Sequence[Item], texts: Texts) -> str:
    if not rows:
        return texts.notes.no_words
    of = {side: [row["term"] for row in rows[::-1] if row["side"] == side] for side in texts.notes.more_of}
    return " ".join(
        texts.notes.more_of[side] % {"words": ", ".join(terms) or texts.notes.nothing} for side, terms in of.items()
    )
