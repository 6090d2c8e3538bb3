"""Charts: Plotly figures of reports, as plain data that plotly.js draws; they read in grey and in print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.charts import layouts, looks
from analytics.charts.layouts import FRAME_HEIGHT, GREY, INK, PALE, ROW_HEIGHT
from analytics.charts.texts import Texts
from analytics.reports.metrics import Item
from analytics.reports.names import Names

Figure = dict[str, Any]
Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the three kinds of answers, with its look; a hatch keeps it apart in grey."""

    kind: str  # as reports call it
    scores: range
    colour: str
    hatch: str = ""

    @property
    def marker(self) -> dict[str, Any]:
        """The look of its bars."""
        hatch = {"shape": self.hatch, "fillmode": "overlay", "fgcolor": "#ffffff", "solidity": 0.25}
        return {"color": self.colour, "pattern": hatch}


SIDES = (
    Side("detractors", range(7), "#c4511d", "/"),
    Side("passives", range(7, 9), "#b9c2c8"),
    Side("promoters", range(9, 11), "#0b5a58"),
)


def touchpoints(
    items: Sequence[Item], names: Names, texts: Texts, baseline: Item | None = None, *, ordered: bool = False
) -> Figure:  # fmt: skip
    """A forest plot: the NPS of each group with its interval, the best on top, and the targets where there are.

    `baseline` (as reports show it, with its groups) is drawn as a line down at its estimate, and as a square in the
    row of each group that it has too. `ordered` keeps the items in their order, the first on top.
    """
    rows = [item for item in reversed(items) if looks.says(item)]
    rows = rows if ordered else sorted(rows, key=looks.place)
    labels = [f"{layouts.text(names.label(item['group']))} (n = {item['responses']})" for item in rows]
    name = texts.names.with_interval % {"name": names.figure}
    traces = [_forest(rows, labels, name, 0, texts=texts, figure=names.figure)]
    then = [_of_group(item["group"], baseline["groups"] if baseline else []) for item in rows]
    if any(nps is not None for nps in then):
        traces.append(_marks(labels, then, texts.names.baseline, symbol="square-open", size=11, colour=GREY))
    aims = [names.targets.get(item["group"].get("touchpoint") or "") for item in rows]
    if any(target is not None for target in aims):
        traces.append(_marks(labels, aims, texts.names.target, symbol="line-ns-open", size=18, colour=INK))
    figure = {"figure": names.figure}
    layout = layouts.rows_layout(
        texts.titles.by_group % figure, len(rows), legend=len(traces) > 1, points=texts.axes.points % figure
    )
    traces += looks.words(rows, labels, "y", texts)
    if baseline and baseline["estimate"]["nps"] is not None:
        nps = baseline["estimate"]["nps"]
        layout |= {"shapes": [layouts.down(nps, "dash")], "annotations": [layouts.above(_baseline_at(nps, texts), nps)]}
    return {"data": traces, "layout": layout}


def baseline(items: Sequence[Item], names: Names, texts: Texts) -> Figure:
    """Then and now per group, each with its interval, and the verdict in words."""
    rows = [item for item in reversed(items) if any(looks.says(item[side]) for side in ("baseline", "current"))]
    labels = [f"{layouts.text(names.label(item['group']))}: {texts.names.verdicts[item['verdict']]}" for item in rows]
    then, now = ([item[side] for item in rows] for side in ("baseline", "current"))
    called = texts.names
    traces = [
        _forest(then, labels, called.baseline, 1, texts=texts, figure=names.figure, colour=GREY, symbol="square-open"),
        _forest(now, labels, called.now, 0, texts=texts, figure=names.figure),
        *looks.words(then, labels, "y", texts), *looks.words(now, labels, "y", texts),
    ]  # fmt: skip
    points = texts.axes.points % {"figure": names.figure}
    layout = layouts.rows_layout(texts.titles.now_against_baseline, 2 * len(rows), legend=True, points=points)
    # Scatter groups keep the two intervals of a row apart.
    layout |= {"scattermode": "group", "scattergap": 0.5}
    return {"data": traces, "layout": layout}


def distribution(items: Sequence[Item], names: Names, texts: Texts) -> Figure:
    """How many gave 0 to 10; for several groups, the shares of detractors, passives and promoters.

    So it is for one group of whose answers not every score is known: three bars.
    """
    layout = layouts.layout(texts.titles.spread, barmode="stack")
    if len(items) == 1:
        return _of_one(items[0], texts, layout)
    rows = list(reversed([item for item in items if item["responses"]]))
    labels = [f"{layouts.text(names.label(item['group']))} (n = {item['responses']})" for item in rows]
    counted = [(row, label) for row, label in zip(rows, labels, strict=True) if not row["suppressed"]]
    data = [_shares(side, counted, texts) for side in SIDES]
    data += [trace | {"x": [50] * len(trace["x"])} for trace in looks.words(rows, labels, "y", texts)]
    layout |= {"height": FRAME_HEIGHT + ROW_HEIGHT * len(rows), "yaxis": {"automargin": True}}
    layout["xaxis"] = {"range": [0, 100], "ticksuffix": " %", "gridcolor": PALE}
    return {"data": data, "layout": layout}


def _of_one(item: Item, texts: Texts, layout: dict[str, Any]) -> Figure:
    if item["suppressed"]:
        return {"data": [], "layout": layout | _said(looks.nearly_all(item, texts) or texts.notes.together)}
    bars = _three if item["without_scores"] else _bars
    along = {"title": {"text": texts.axes.score}, "showgrid": False}
    along |= {"type": "category"} if item["without_scores"] else {"dtick": 1, "range": [-0.5, 10.5]}
    layout |= {"xaxis": along, "yaxis": {"ticksuffix": " %", "gridcolor": PALE, "rangemode": "tozero"}}
    return {"data": [bars(side, item, texts) for side in SIDES], "layout": layout}


def _baseline_at(nps: float, texts: Texts) -> str:
    return texts.notes.baseline_at % {"points": texts.decimal(nps)}


def _said(words: str) -> Figure:
    """Words in the middle of an empty frame."""
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    return {"annotations": [{"text": words, **place}], "xaxis": {"visible": False}, "yaxis": {"visible": False}}


def _of_group(group: Mapping[str, str | None], groups: Sequence[Item]) -> float | None:
    return next((kept["nps"] for kept in groups if group and kept["group"] == group), None)


def _marks(
    labels: Sequence[str], at: Sequence[float | None], name: str, *, symbol: str, size: int, colour: str
) -> Trace:  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": list(at), "y": list(labels),
        "hovertemplate": name + " %{x:.1f}<extra></extra>",
        "marker": {"symbol": symbol, "size": size, "color": colour, "line": {"width": 2}},
    }  # fmt: skip


def _forest(
    rows: Sequence[Mapping[str, Any]], labels: Sequence[str], name: str, place: int, *, texts: Texts, figure: str,
    colour: str = looks.COLOURS[0], symbol: str = "circle",
) -> Trace:  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", "name": name, "orientation": "h",
        "x": [row["nps"] for row in rows], "y": list(labels), "offsetgroup": str(place),
        "marker": {
            "color": colour, "size": 10,
            "symbol": [symbol if row["low"] is not None else looks.CROSS for row in rows],
        },
        "error_x": looks.bars_of(rows, [True] * len(rows), colour),
        "customdata": [[row["responses"], looks.interval(row, texts)] for row in rows],
        "hovertemplate": figure + " %{x:.1f}<br>%{customdata[1]}<br>n = %{customdata[0]}<extra></extra>",
    }  # fmt: skip


def _bars(side: Side, item: Item, texts: Texts) -> Trace:
    return _standing(side, list(side.scores), [item["counts"][str(score)] for score in side.scores], item, texts)


def _three(side: Side, item: Item, texts: Texts) -> Trace:
    ends = f"{side.scores[0]}–{side.scores[-1]}"
    return _standing(side, [ends], [item[side.kind]], item, texts)


def _standing(side: Side, at: Sequence[int | str], own: Sequence[int], item: Item, texts: Texts) -> Trace:
    n = item["responses"]
    return {
        "type": "bar", "name": texts.names.sides[side.kind], "x": list(at),
        "y": [round(100 * c / n, 2) if n else 0 for c in own],
        "text": [str(c) for c in own], "textposition": "outside", "cliponaxis": False, "customdata": list(own),
        "marker": side.marker,
        "hovertemplate": texts.axes.score + " %{x}: n = %{customdata}, %{y:.1f} %<extra></extra>",
    }  # fmt: skip


def _shares(side: Side, rows: Sequence[tuple[Item, str]], texts: Texts) -> Trace:
    own = [row[side.kind] for row, _ in rows]
    return {
        "type": "bar", "orientation": "h", "name": texts.names.sides[side.kind], "customdata": own,
        "y": [label for _, label in rows],
        "x": [round(100 * c / row["responses"], 2) for c, (row, _) in zip(own, rows, strict=True)],
        "marker": side.marker,
        "hovertemplate": "n = %{customdata}, %{x:.1f} %<extra>%{fullData.name}</extra>",
    }  # fmt: skip
