"""Layouts: what the charts share: colours, axes, lines across and the frame."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

Figure = dict[str, Any]

INK, GREY, PALE = "#17211f", "#5f6e6a", "#d5dcda"
ROW_HEIGHT, FRAME_HEIGHT = 44, 120
LONELY_DAYS = 45
MOST_SHOWN = 105  # points: a mark at the end of the scale is not cut
LEAST_SPAN = 40.0  # points: a narrower axis would make chance look like news
ROOM = 0.08  # of the span, on either side


def layout(title: str, **more: Any) -> Figure:
    """What every chart shares: type, margins, a white ground and the legend on top."""
    return {
        "title": {"text": title, "x": 0, "xanchor": "left"},
        "font": {"family": "system-ui, sans-serif", "size": 14, "color": INK},
        "paper_bgcolor": "#ffffff", "plot_bgcolor": "#ffffff",
        "margin": {"l": 50, "r": 20, "t": 50, "b": 50}, "height": 380,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        **more,
    }  # fmt: skip


def rows_layout(title: str, rows: int, *, legend: bool, points: str) -> Figure:
    """A chart with a row per group and points from -100 to 100 across; `points` is the title of that axis."""
    axis = points_axis(points) | {"range": [-MOST_SHOWN, MOST_SHOWN], "dtick": 50}
    made = layout(title, xaxis=axis, yaxis={"automargin": True, "showgrid": True, "gridcolor": PALE})
    return made | {"height": FRAME_HEIGHT + ROW_HEIGHT * max(1, rows), "showlegend": legend}


def points_axis(title: str) -> Figure:
    """An axis of points with its zero marked."""
    return {"title": {"text": title}, "zeroline": True, "zerolinecolor": GREY, "gridcolor": PALE}


def points_span(values: Iterable[float | None]) -> list[float]:
    """The ends of an axis that holds these points with some room around, and is never narrower than LEAST_SPAN."""
    known = [value for value in values if value is not None] or [0.0]
    low, high = min(known), max(known)
    reach = max(LEAST_SPAN, (high - low) * (1 + 2 * ROOM)) / 2
    middle = (low + high) / 2
    return [round(max(-MOST_SHOWN, middle - reach), 1), round(min(MOST_SHOWN, middle + reach), 1)]


def across(nps: float) -> Figure:
    """A dashed line across at an NPS."""
    line = {"color": INK, "width": 2, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": nps, "y1": nps, "line": line}


def around(day: str) -> list[str]:
    """The span of a time axis with one day alone: left to itself it would show milliseconds."""
    return [(date.fromisoformat(day) + timedelta(days=days)).isoformat() for days in (-LONELY_DAYS, LONELY_DAYS)]


def note(words: str, nps: float) -> Figure:
    """A text above a line across."""
    place = {"xref": "paper", "x": 1, "xanchor": "right", "y": nps, "yanchor": "bottom"}
    return {"text": words, "showarrow": False, **place}


def down(at: float | str, dash: str) -> Figure:
    """A line down at a value or a day."""
    line = {"color": GREY, "width": 2, "dash": dash}
    return {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": at, "x1": at, "line": line}


def above(words: str, at: float | str) -> Figure:
    """A text on top of a line down, left of it so that it stays within the frame."""
    return {"text": words, "showarrow": False, "yref": "paper", "y": 1, "x": at, "xanchor": "right", "yanchor": "top"}


def faint(colour: str) -> str:
    """A colour (#rrggbb) light enough for what lies behind a line."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.18)"


def text(words: str) -> str:
    """Words as Plotly shows them: it reads tags in texts, so what people named must not hold any."""
    return words.replace("&", "&amp;").replace("<", "&lt;")
