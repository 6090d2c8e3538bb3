"""Pictures: a figure as SVG, for those who run no script; drawn from the same data as plotly.js reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from analytics.charts.axes import Axis, axis
from analytics.charts.layouts import PALE
from analytics.charts.marks import DASHES, LETTER, TEXT, line, mark, text

Figure = Mapping[str, Any]
Trace = Mapping[str, Any]
LINE_HEIGHT = 16
BAR = 0.8  # of the room of a category
NARROW = 500


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things lie: the axes by the names that traces use, and the frame's edges in pixels."""

    x: Mapping[str, Axis]
    y: Axis
    left: float
    right: float
    top: float
    bottom: float


def picture(figure: Figure, width: int) -> str:
    """An SVG so many pixels wide. On a narrow one the names of rows stand above their marks, not beside them."""
    layout = figure["layout"]
    rows = any(isinstance(y, str) for trace in figure["data"] for y in trace.get("y", ()))
    legend = list(_legend(figure, width))
    top = 10 + (legend[-1][1] + LINE_HEIGHT if legend else 0)
    height = layout.get("height", 380) - (0 if legend else 30)
    frame = _frame(figure, width, top, height, rows=rows)
    parts = [*_grid(frame, layout, rows=rows, narrow=width < NARROW), *_shapes(frame, layout)]
    stacked: dict[tuple[Any, bool], float] = {}
    for trace in figure["data"]:
        drawn = _bars(frame, trace, stacked) if trace["type"] == "bar" else _scatter(frame, trace)
        parts += drawn
    parts += [part for entry in legend for part in _entry(*entry)]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-size="{TEXT}">{"".join(parts)}</svg>'


def _frame(figure: Figure, width: int, top: float, height: float, *, rows: bool) -> Frame:
    layout, narrow = figure["layout"], width < NARROW
    names = [str(y) for trace in figure["data"] for y in trace.get("y", ()) if isinstance(y, str)]
    longest = max((len(unescape(name)) for name in names), default=0)
    beside = min(width * 0.42, longest * LETTER * TEXT + 12) if rows and not narrow else 10 if rows else 44
    left, right, bottom = float(beside), float(width - 12), height - 44.0
    across = {"x": layout.get("xaxis", {}), **({"x2": layout["xaxis2"]} if "xaxis2" in layout else {})}
    axes = {}
    for name, settings in across.items():
        first, last = settings.get("domain", (0, 1))
        values = [v for trace in figure["data"] if trace.get("xaxis", "x") == name for v in _values(trace, "x")]
        axes[name] = axis(settings, values, left + first * (right - left), left + last * (right - left))
    up = [v for trace in figure["data"] for v in _values(trace, "y")]
    return Frame(axes, axis(layout.get("yaxis", {}) | {"dtick": None}, up, bottom, top), left, right, top, bottom)


def _values(trace: Trace, along: str) -> Iterator[Any]:
    """What an axis has to hold of a trace: its values, the ends of its intervals, and the foot of its bars."""
    values = trace.get(along, ())
    yield from values
    bars = trace.get(f"error_{along}", {})
    for value, more, less in zip(values, bars.get("array", ()), bars.get("arrayminus", ()), strict=False):
        if value is not None and more is not None and less is not None:
            yield from (value + more, value - less)
    if trace["type"] == "bar" and along == ("x" if trace.get("orientation") == "h" else "y"):
        yield 0


def _grid(frame: Frame, layout: Figure, *, rows: bool, narrow: bool) -> Iterator[str]:
    for name, across in frame.x.items():
        for at, words in across.ticks():
            if across.kind == "linear":
                yield line((at, frame.top), (at, frame.bottom), PALE)
            yield text(words, at, frame.bottom + LINE_HEIGHT, anchor="middle")
        title = layout.get("xaxis" if name == "x" else "xaxis2", {}).get("title", {}).get("text")
        if title:
            yield text(title, (across.start + across.end) / 2, frame.bottom + 2.3 * LINE_HEIGHT, anchor="middle")
    for at, words in frame.y.ticks():
        if not (narrow and rows):
            yield line((frame.left, at), (frame.right, at), PALE)
        if rows and narrow:
            yield text(words, frame.left, at - 10, most=frame.right - frame.left)
        else:
            yield text(words, frame.left - 6, at + 4, anchor="end", most=frame.left - 8)


def _shapes(frame: Frame, layout: Figure) -> Iterator[str]:
    x = frame.x["x"]
    for shape in layout.get("shapes", ()):
        first, last = (
            (_paper(frame, shape, "x", x, shape["x0"]), _paper(frame, shape, "y", frame.y, shape["y0"])),
            (_paper(frame, shape, "x", x, shape["x1"]), _paper(frame, shape, "y", frame.y, shape["y1"])),
        )
        yield line(first, last, shape["line"]["color"], 2, shape["line"].get("dash"))
    for note in layout.get("annotations", ()):
        at = _paper(frame, note, "x", x, note["x"]), _paper(frame, note, "y", frame.y, note["y"])
        anchor = {"right": "end", "left": "start"}.get(note.get("xanchor", ""), "middle")
        yield text(note["text"], at[0] + {"end": -4, "start": 4}.get(anchor, 0), at[1] + TEXT, anchor=anchor)


def _paper(frame: Frame, it: Figure, along: str, scale: Axis, value: Any) -> float:
    """The pixel of an end of a shape or a note, which may be a share of the frame instead of a value."""
    if it.get(f"{along}ref") != "paper":
        return scale.at(value)
    start, end = (frame.left, frame.right) if along == "x" else (frame.bottom, frame.top)
    return float(start + value * (end - start))


def _scatter(frame: Frame, trace: Trace) -> Iterator[str]:
    x, y = frame.x[trace.get("xaxis", "x")], frame.y
    moved = 7 if trace.get("offsetgroup") == "1" else -7 if trace.get("offsetgroup") == "0" and _two(frame) else 0
    points = [
        None if a is None or b is None else (x.at(a), y.at(b) + moved)
        for a, b in zip(trace["x"], trace["y"], strict=True)
    ]
    mode = trace["mode"]
    if "lines" in mode:
        yield from _path(points, trace)
    yield from _reaches(x, y, trace, moved)
    for i, point in enumerate(points):
        if point and "markers" in mode:
            looks = trace["marker"]
            symbol = looks["symbol"][i] if isinstance(looks["symbol"], list) else looks["symbol"]
            yield mark(symbol, *point, looks["size"], looks["color"])
        if point and mode == "text":
            for n, words in enumerate(trace["text"][i].split("<br>")):
                yield text(words, point[0], point[1] + n * LINE_HEIGHT, anchor="middle")


def _two(frame: Frame) -> bool:
    return frame.y.kind == "category" and (frame.bottom - frame.top) / max(1, len(frame.y.names)) > 60


def _path(points: Sequence[tuple[float, float] | None], trace: Trace) -> Iterator[str]:
    runs: list[list[str]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(f"{point[0]:.1f},{point[1]:.1f}")
    for run in filter(None, runs):
        if trace.get("fill"):
            yield f'<polygon points="{" ".join(run)}" fill="{trace["fillcolor"]}"/>'
        else:
            look = trace["line"]
            dash = f' stroke-dasharray="{DASHES[look["dash"]]}"' if look.get("dash") in DASHES else ""
            stroke = f'stroke="{look["color"]}" stroke-width="{look["width"]}"{dash}'
            yield f'<polyline points="{" ".join(run)}" fill="none" {stroke}/>'


def _reaches(x: Axis, y: Axis, trace: Trace, moved: float) -> Iterator[str]:
    """The intervals as bars, across or up."""
    for along in ("x", "y"):
        bars = trace.get(f"error_{along}")
        if not bars:
            continue
        ends = zip(trace["x"], trace["y"], bars["array"], bars["arrayminus"], strict=True)
        for a, b, more, less in ends:
            if more is None or less is None or a is None or b is None:
                continue
            if along == "x":
                yield line((x.at(a - less), y.at(b) + moved), (x.at(a + more), y.at(b) + moved), bars["color"], 2)
            else:
                yield line((x.at(a), y.at(b - less)), (x.at(a), y.at(b + more)), bars["color"], bars["thickness"])


def _bars(frame: Frame, trace: Trace, stacked: dict[tuple[Any, bool], float]) -> Iterator[str]:
    """Bars, each on top of those before it on its side of zero."""
    lying = trace.get("orientation") == "h"
    places, values = (trace["y"], trace["x"]) if lying else (trace["x"], trace["y"])
    along, across = (frame.y, frame.x["x"]) if lying else (frame.x["x"], frame.y)
    thick = BAR * abs(along.at(along.low + 1) - along.at(along.low))
    for i, (place, value) in enumerate(zip(places, values, strict=True)):
        foot = stacked.get((place, value < 0), 0.0)
        stacked[place, value < 0] = foot + value
        first, last = sorted((across.at(foot), across.at(foot + value)))
        middle = along.at(place)
        box = (first, middle - thick / 2, last - first, thick) if lying else (
            middle - thick / 2, first, thick, last - first
        )  # fmt: skip
        x, y, width, height = (f"{n:.1f}" for n in box)
        yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{trace["marker"]["color"]}"/>'
        if not lying and "text" in trace:
            yield text(trace["text"][i], middle, first - 4, anchor="middle")


def _legend(figure: Figure, width: int) -> Iterator[tuple[Trace, float, float]]:
    """Each entry with its place; none where the figure says so or has one trace alone."""
    shown = [trace for trace in figure["data"] if trace.get("showlegend", True) and trace.get("name")]
    if figure["layout"].get("showlegend") is False or len(shown) < 2:
        return
    x, y = 4.0, 16.0
    for trace in shown:
        wide = 24 + len(trace["name"]) * LETTER * TEXT
        if x > 4 and x + wide > width:
            x, y = 4.0, y + LINE_HEIGHT
        yield trace, y, x
        x += wide


def _entry(trace: Trace, y: float, x: float) -> Iterator[str]:
    looks = trace.get("marker") or {"color": trace["line"]["color"], "symbol": "line-ew"}
    symbol = looks.get("symbol", "square")
    yield mark(symbol[0] if isinstance(symbol, list) else symbol, x + 6, y - 4, 9, looks["color"])
    yield text(trace["name"], x + 16, y)
