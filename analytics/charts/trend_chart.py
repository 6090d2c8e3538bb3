"""The trend as a picture: periods with their intervals, the level beneath, signals, and what happened when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from analytics.charts import layouts, looks
from analytics.charts.layouts import GREY, INK
from analytics.charts.looks import COLOURS, DASHES, SYMBOLS, Trace
from analytics.charts.texts import Texts
from analytics.reports.metrics import Item
from analytics.reports.names import Names

Figure = dict[str, Any]
WAVES_HEIGHT = 300
MOST_BANDS = 3  # more bands than that hide each other
SIGNALS = {"above": "triangle-up-open", "below": "triangle-down-open", "shift": "diamond-open"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day, such as the start of an initiative, drawn as a line down."""

    on: date
    name: str


def draw(
    items: Sequence[Item], names: Names, texts: Texts, baseline: Item | None = None, marks: Sequence[Mark] = ()
) -> Figure:  # fmt: skip
    """NPS per period with its interval; gaps where nobody answered.

    A single group shows its level with a band, and the intervals of its periods as bars; without a level, or with
    several groups, the intervals are the band, and each group has a line. `baseline` (an estimate) is a line
    across; `marks` are lines down.
    """
    groups = [
        (layouts.text(names.label(group)), list(rows)) for group, rows in groupby(items, key=lambda item: item["group"])
    ]
    traces: list[Trace] = []
    if len(groups) == 1 and any(row.get("level") is not None for row in groups[0][1]):
        traces += _levelled(groups[0][1], groups[0][0], texts, names.figure)
    else:
        for i, (label, rows) in enumerate(groups):
            if len(groups) <= MOST_BANDS:
                traces.append(_band(rows, ("low", "high"), texts.names.interval_of % {"name": label}, COLOURS[i]))
            traces.append(_line(rows, label, i, texts, names.figure, with_bars=len(groups) <= MOST_BANDS))
    traces += [trace for _, rows in groups for trace in _signals(rows, texts)]
    traces += looks.words(items, [item["starts_on"] for item in items], "x", texts)
    layout = _layout(texts, names.figure, _ends(items, baseline))
    if len(starts := {item["starts_on"] for item in items}) == 1:
        layout["xaxis"] |= {"range": layouts.around(*starts), "dtick": "M1", "tickformat": "%b %Y"}
    layout |= _lines(baseline, marks, texts)
    layout["showlegend"] = len([trace for trace in traces if trace.get("showlegend", True)]) > 1
    return {"data": traces, "layout": layout}


def waves(items: Sequence[Item], names: Names, texts: Texts) -> Figure:
    """The score of each wave with its interval, side by side in their order."""
    labels = [layouts.text(item["period"]) for item in items]
    line = _line(items, texts.names.waves, 0, texts, names.figure, with_bars=True)
    line["error_y"] = looks.bars_of(items, [True] * len(items), COLOURS[0])
    line |= {"x": labels, "line": line["line"] | {"dash": "dot", "width": 1}}
    layout = _layout(texts, names.figure, _ends(items, None)) | {"showlegend": False, "height": WAVES_HEIGHT}
    layout["xaxis"] = {"type": "category", "showgrid": False, "range": [-0.5, len(items) - 0.5]}
    return {"data": [line, *looks.words(items, labels, "x", texts)], "layout": layout}


def _layout(texts: Texts, figure: str, shown: Iterable[float | None]) -> Figure:
    axis = {"type": "date", "showgrid": False}
    named = {"figure": figure}
    points = layouts.points_axis(texts.axes.points % named) | {"range": layouts.points_span(shown)}
    return layouts.layout(texts.titles.over_time % named, yaxis=points, xaxis=axis)


def _ends(items: Sequence[Item], baseline: Item | None) -> list[float | None]:
    """Every figure that has to lie within the axis."""
    shown = [item.get(name) for item in items for name in ("nps", "low", "high", "level_low", "level_high")]
    return [*shown, baseline["nps"] if baseline else None]


def _lines(baseline: Item | None, marks: Sequence[Mark], texts: Texts) -> Figure:
    """The lines across and down, and the words at them."""
    shapes = [layouts.down(mark.on.isoformat(), "dot") for mark in marks]
    notes = [layouts.above(layouts.text(mark.name), mark.on.isoformat()) for mark in marks]
    if baseline and baseline["nps"] is not None:
        shapes.append(layouts.across(baseline["nps"]))
        notes.append(
            layouts.note(texts.notes.baseline_at % {"points": texts.decimal(baseline["nps"])}, baseline["nps"])
        )
    return {"shapes": shapes, "annotations": notes} if shapes else {}


def _levelled(rows: Sequence[Item], label: str, texts: Texts, figure: str) -> list[Trace]:
    """The level with its band, and the periods as marks with bars that are not joined."""
    dots = _line(rows, texts.names.periods_of % {"name": label}, 0, texts, figure, with_bars=True)
    dots |= {"mode": "markers", "error_y": looks.bars_of(rows, [True] * len(rows), GREY) | {"width": 0, "thickness": 1}}
    dots["marker"] = dots["marker"] | {"color": GREY, "size": 7}
    known = [row for row in rows if row["level"] is not None]
    level = {
        "type": "scatter", "mode": "lines", "name": texts.names.level,
        "x": [row["starts_on"] for row in known], "y": [row["level"] for row in known],
        "line": {"color": COLOURS[0], "width": 3},
        "customdata": [[row["period"], row["level_low"], row["level_high"]] for row in known],
        "hovertemplate": "%{customdata[0]}: %{y:.1f} (%{customdata[1]:.1f} – %{customdata[2]:.1f})"
        "<extra>%{fullData.name}</extra>",
    }  # fmt: skip
    return [_band(rows, ("level_low", "level_high"), texts.names.level_interval, COLOURS[0]), level, dots]


def _signals(rows: Sequence[Item], texts: Texts) -> list[Trace]:
    """A trace for each kind of signal that there is, around the marks of its periods."""
    traces = []
    for kind, symbol in SIGNALS.items():
        name = texts.names.signals[kind]
        marked = [row for row in rows if row.get("signal") == kind]
        if marked:
            traces.append({
                "type": "scatter", "mode": "markers", "name": name,
                "x": [row["starts_on"] for row in marked], "y": [row["nps"] for row in marked],
                "marker": {"symbol": symbol, "size": 17, "color": INK, "line": {"width": 2}},
                "hovertemplate": name + "<extra></extra>",
            })  # fmt: skip
    return traces


def _line(
    rows: Sequence[Item], label: str, i: int, texts: Texts, figure: str, *, with_bars: bool
) -> Trace:  # fmt: skip
    lonely = looks.lonely(rows) if with_bars else [False] * len(rows)
    place = i % len(COLOURS)
    return {
        "type": "scatter", "mode": "lines+markers", "name": label, "connectgaps": False,
        "x": [row["starts_on"] for row in rows], "y": [row["nps"] for row in rows],
        "line": {"color": COLOURS[place], "dash": DASHES[place], "width": 2},
        "marker": {
            "color": COLOURS[place], "size": 8,
            "symbol": [looks.symbol(row, SYMBOLS[place]) for row in rows],
        },
        "error_y": looks.bars_of(rows, lonely, COLOURS[place]) | {"width": 0},
        "customdata": [[row["period"], row["responses"], looks.interval(row, texts)] for row in rows],
        "hovertemplate": "%{customdata[0]}: " + figure + " %{y:.1f}<br>%{customdata[2]}<br>n = %{customdata[1]}"
        "<extra>%{fullData.name}</extra>",
    }  # fmt: skip


def _band(rows: Sequence[Item], ends: tuple[str, str], name: str, colour: str) -> Trace:
    """The intervals of periods that follow each other, as closed shapes with gaps between them."""
    low, high = ends
    x: list[str | None] = []
    y: list[float | None] = []
    for known, run in groupby(rows, key=lambda row: row[low] is not None):
        if not known:
            continue
        forth = list(run)
        back = forth[::-1]
        x += [row["starts_on"] for row in (*forth, *back)] + [None]
        y += [row[high] for row in forth] + [row[low] for row in back] + [None]
    return {
        "type": "scatter", "mode": "lines", "fill": "toself", "x": x, "y": y, "name": name,
        "line": {"width": 0}, "fillcolor": layouts.faint(colour), "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip
