"""Charts: Plotly figures of reports, as plain data that plotly.js draws; they read in grey and in print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from analytics import layouts
from analytics.layouts import FRAME_HEIGHT, GREY, INK, PALE, ROW_HEIGHT
from analytics.metrics import Item
from analytics.names import Names

Figure = dict[str, Any]
Trace = dict[str, Any]

# Dark to light, so that a grey print keeps them apart; symbols and dashes do so too.
COLOURS = ("#0b5a58", "#c4511d", "#3c8d5a", "#7a5195", "#a6761d", "#5b6770")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the three kinds of answers, with its look; a hatch keeps it apart in grey."""

    name: str
    scores: range
    colour: str
    hatch: str = ""

    @property
    def marker(self) -> dict[str, Any]:
        """The look of its bars."""
        hatch = {"shape": self.hatch, "fillmode": "overlay", "fgcolor": "#ffffff", "solidity": 0.25}
        return {"color": self.colour, "pattern": hatch}


SIDES = (
    Side("Detractors (0–6)", range(7), "#c4511d", "/"),
    Side("Passives (7–8)", range(7, 9), "#b9c2c8"),
    Side("Promoters (9–10)", range(9, 11), "#0b5a58"),
)
CROSS = "x-thin-open"
MOST_BANDS = 3  # more bands than that hide each other


def trend(items: Sequence[Item], names: Names, baseline: Item | None = None) -> Figure:
    """NPS per period with its interval as a band, a line per group; gaps where nobody answered.

    `baseline` (an estimate) is drawn as a line across.
    """
    groups = [
        (layouts.text(names.label(group)), list(rows)) for group, rows in groupby(items, key=lambda item: item["group"])
    ]
    traces: list[Trace] = []
    for i, (label, rows) in enumerate(groups):
        if len(groups) <= MOST_BANDS:
            traces.append(_band(rows, label, COLOURS[i]))
        traces.append(_line(rows, label, i, with_bars=len(groups) <= MOST_BANDS))
    layout = layouts.layout("NPS over time", yaxis=layouts.points_axis(), xaxis={"type": "date", "showgrid": False})
    if len(starts := {item["starts_on"] for item in items}) == 1:
        layout["xaxis"]["range"] = layouts.around(*starts)
    if baseline and baseline["nps"] is not None:
        layout["shapes"] = [layouts.across(baseline["nps"])]
        layout["annotations"] = [layouts.note(f"Baseline {baseline['nps']:.1f}", baseline["nps"])]
    layout["showlegend"] = len(groups) > 1
    return {"data": traces, "layout": layout}


def touchpoints(items: Sequence[Item], names: Names) -> Figure:
    """A forest plot: the NPS of each group with its interval, the best on top, and the targets where there are."""
    rows = sorted((item for item in items if item["nps"] is not None), key=lambda item: item["nps"])
    labels = [f"{layouts.text(names.label(item['group']))} (n = {item['responses']})" for item in rows]
    traces = [_forest(rows, labels, "NPS, with its interval", 0)]
    aims = [names.targets.get(item["group"].get("touchpoint") or "") for item in rows]
    if any(target is not None for target in aims):
        traces.append({
            "type": "scatter", "mode": "markers", "name": "Target", "x": aims, "y": labels,
            "hovertemplate": "Target %{x:.0f}<extra></extra>",
            "marker": {"symbol": "line-ns-open", "size": 18, "color": INK, "line": {"width": 2}},
        })  # fmt: skip
    return {"data": traces, "layout": layouts.rows_layout("NPS by group", len(rows), legend=len(traces) > 1)}


def baseline(items: Sequence[Item], names: Names) -> Figure:
    """Then and now per group, each with its interval, and the verdict in words."""
    rows = [i for i in reversed(items) if i["baseline"]["nps"] is not None or i["current"]["nps"] is not None]
    labels = [f"{layouts.text(names.label(item['group']))}: {item['verdict']}" for item in rows]
    traces = [
        _forest([item["baseline"] for item in rows], labels, "Baseline", 1, colour=GREY, symbol="square-open"),
        _forest([item["current"] for item in rows], labels, "Now", 0),
    ]
    layout = layouts.rows_layout("Now against the baseline", 2 * len(rows), legend=True)
    # Scatter groups keep the two intervals of a row apart.
    layout |= {"scattermode": "group", "scattergap": 0.5}
    return {"data": traces, "layout": layout}


def distribution(items: Sequence[Item], names: Names) -> Figure:
    """How many gave 0 to 10; for several groups, the shares of detractors, passives and promoters."""
    layout = layouts.layout("How the scores are spread", barmode="stack")
    if len(items) == 1:
        counts, n = items[0]["counts"], items[0]["responses"]
        data = [_bars(side, counts, n) for side in SIDES]
        layout |= {
            "xaxis": {"dtick": 1, "title": {"text": "Score"}, "showgrid": False, "range": [-0.5, 10.5]},
            "yaxis": {"ticksuffix": " %", "gridcolor": PALE, "rangemode": "tozero"},
        }
        return {"data": data, "layout": layout}
    rows = list(reversed([item for item in items if item["responses"]]))
    labels = [f"{layouts.text(names.label(item['group']))} (n = {item['responses']})" for item in rows]
    data = [_shares(side, rows, labels) for side in SIDES]
    layout |= {"height": FRAME_HEIGHT + ROW_HEIGHT * len(rows), "yaxis": {"automargin": True}}
    layout["xaxis"] = {"range": [0, 100], "ticksuffix": " %", "gridcolor": PALE}
    return {"data": data, "layout": layout}


def _line(rows: Sequence[Item], label: str, i: int, *, with_bars: bool) -> Trace:
    lonely = _lonely(rows) if with_bars else [False] * len(rows)
    place = i % len(COLOURS)
    return {
        "type": "scatter", "mode": "lines+markers", "name": label, "connectgaps": False,
        "x": [row["starts_on"] for row in rows], "y": [row["nps"] for row in rows],
        "line": {"color": COLOURS[place], "dash": DASHES[place], "width": 2},
        "marker": {
            "color": COLOURS[place], "size": 8,
            "symbol": [_symbol(row, SYMBOLS[place]) for row in rows],
        },
        "error_y": _bars_of(rows, lonely, COLOURS[place]) | {"width": 0},
        "customdata": [[row["period"], row["responses"], _interval(row)] for row in rows],
        "hovertemplate": "%{customdata[0]}: NPS %{y:.1f}<br>%{customdata[2]}<br>n = %{customdata[1]}"
        "<extra>%{fullData.name}</extra>",
    }  # fmt: skip


def _band(rows: Sequence[Item], label: str, colour: str) -> Trace:
    """The intervals of periods that follow each other, as closed shapes with gaps between them."""
    x: list[str | None] = []
    y: list[float | None] = []
    for known, run in groupby(rows, key=lambda row: row["low"] is not None):
        if not known:
            continue
        found = list(run)
        back = found[::-1]
        x += [row["starts_on"] for row in (*found, *back)] + [None]
        y += [row["high"] for row in found] + [row["low"] for row in back] + [None]
    return {
        "type": "scatter", "mode": "lines", "fill": "toself", "x": x, "y": y, "name": f"{label}: interval",
        "line": {"width": 0}, "fillcolor": layouts.faint(colour), "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _forest(
    rows: Sequence[Mapping[str, Any]], labels: Sequence[str], name: str, i: int, *, colour: str = COLOURS[0],
    symbol: str = "circle",
) -> Trace:  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", "name": name, "orientation": "h",
        "x": [row["nps"] for row in rows], "y": list(labels), "offsetgroup": str(i),
        "marker": {
            "color": colour, "size": 10,
            "symbol": [symbol if row["low"] is not None else CROSS for row in rows],
        },
        "error_x": _bars_of(rows, [True] * len(rows), colour),
        "customdata": [[row["responses"], _interval(row)] for row in rows],
        "hovertemplate": "NPS %{x:.1f}<br>%{customdata[1]}<br>n = %{customdata[0]}<extra></extra>",
    }  # fmt: skip


def _bars_of(rows: Sequence[Mapping[str, Any]], shown: Sequence[bool], colour: str) -> Trace:
    """Asymmetric error bars of the rows shown; nothing where there is no interval."""

    def reach(end: str, sign: int) -> list[float | None]:
        return [
            round(sign * (row[end] - row["nps"]), 2) if on and row[end] is not None else None
            for row, on in zip(rows, shown, strict=True)
        ]

    return {
        "type": "data", "symmetric": False, "array": reach("high", 1), "arrayminus": reach("low", -1),
        "color": colour, "thickness": 2, "width": 4,
    }  # fmt: skip


def _symbol(row: Item, whole: str) -> str:
    """Whole from 30 answers on, hollow where indicative, a cross where there are too few for an interval."""
    return CROSS if row["low"] is None else whole + "-open" * row["indicative"]


def _lonely(rows: Sequence[Item]) -> list[bool]:
    """Which periods have an interval and no neighbour with one, so that a band would not show it."""
    known = [False, *(row["low"] is not None for row in rows), False]
    return [known[i] and not known[i - 1] and not known[i + 1] for i in range(1, len(known) - 1)]


def _bars(side: Side, counts: Mapping[str, int], n: int) -> Trace:
    given = [counts[str(score)] for score in side.scores]
    return {
        "type": "bar", "name": side.name, "x": list(side.scores),
        "y": [round(100 * c / n, 2) if n else 0 for c in given],
        "text": [str(c) for c in given], "textposition": "outside", "cliponaxis": False, "customdata": given,
        "marker": side.marker,
        "hovertemplate": "Score %{x}: %{customdata} answers, %{y:.1f} %<extra></extra>",
    }  # fmt: skip


def _shares(side: Side, rows: Sequence[Item], labels: Sequence[str]) -> Trace:
    given = [sum(row["counts"][str(score)] for score in side.scores) for row in rows]
    return {
        "type": "bar", "orientation": "h", "name": side.name, "y": list(labels), "customdata": given,
        "x": [round(100 * c / row["responses"], 2) for c, row in zip(given, rows, strict=True)],
        "marker": side.marker,
        "hovertemplate": "%{customdata} answers, %{x:.1f} %<extra>%{fullData.name}</extra>",
    }  # fmt: skip


def _interval(row: Mapping[str, Any]) -> str:
    if row["low"] is None:
        return "too few answers for an interval"
    return f"{100 * row['confidence']:g} % interval {row['low']:.1f} to {row['high']:.1f}"
