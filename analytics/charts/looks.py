"""Looks: colours, symbols and error bars that the charts share; they stay apart in grey and in print."""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.charts.texts import Texts
from analytics.reports.metrics import Item

Trace = dict[str, Any]

# Dark to light, so that a grey print keeps them apart; symbols and dashes do so too.
COLOURS = ("#0b5a58", "#c4511d", "#3c8d5a", "#7a5195", "#a6761d", "#5b6770")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
CROSS = "x-thin-open"
INK = "#17211f"
# Where a group stands in a row of groups when nearly all in it answered alike, in points.
PLACES = {"promoters": 100.0, "passives": 0.0, "detractors": -100.0}


def bars_of(rows: Sequence[Mapping[str, Any]], shown: Sequence[bool], colour: str) -> Trace:
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


def symbol(row: Item, whole: str) -> str:
    """Whole from 30 answers on, hollow where indicative, a cross where there are too few for an interval."""
    return CROSS if row["low"] is None else whole + "-open" * row["indicative"]


def lonely(rows: Sequence[Item]) -> list[bool]:
    """Which periods have an interval and no neighbour with one, so that a band would not show it."""
    known = [False, *(row["low"] is not None for row in rows), False]
    return [known[i] and not known[i - 1] and not known[i + 1] for i in range(1, len(known) - 1)]


def nearly_all(row: Mapping[str, Any], texts: Texts) -> str | None:
    """What stands in the place of figures where nearly all answered alike, such as `90 % or more promoters`."""
    shares = row.get("at_least_percent") or {}
    return next((texts.notes.nearly_all[category] % {"percent": percent} for category, percent in shares.items()), None)


def says(row: Mapping[str, Any]) -> bool:
    """Whether a row has something to show: a figure, or words in its place."""
    return row["nps"] is not None or bool(row.get("at_least_percent"))


def place(row: Mapping[str, Any]) -> float:
    """The NPS by which a row that says something is put in order with others."""
    return float(row["nps"] if row["nps"] is not None else PLACES[next(iter(row["at_least_percent"]))])


def words(rows: Sequence[Mapping[str, Any]], at: Sequence[str], along: str, texts: Texts) -> list[Trace]:
    """The words of rows without a figure as a trace, or none where all have one; `at` places them along an axis."""
    placed = [(where, said) for where, row in zip(at, rows, strict=True) if (said := nearly_all(row, texts))]
    if not placed:
        return []
    across = "y" if along == "x" else "x"
    return [{
        "type": "scatter", "mode": "text", "showlegend": False, "hoverinfo": "skip",
        along: [where for where, _ in placed], across: [0] * len(placed),
        "text": [_in_two_lines(said) if along == "x" else said for _, said in placed],
        "textposition": "middle center", "textfont": {"color": INK},
    }]  # fmt: skip


def interval(row: Mapping[str, Any], texts: Texts) -> str:
    """The interval in words."""
    if row["low"] is None:
        return texts.notes.no_interval
    ends = {"low": texts.decimal(row["low"]), "high": texts.decimal(row["high"])}
    return texts.notes.interval % {"confidence": f"{100 * row['confidence']:g}", **ends}


def _in_two_lines(said: str) -> str:
    """Words that stand side by side broken in the middle, where there is a space."""
    middle = min((i for i, sign in enumerate(said) if sign == " "), key=lambda i: abs(i - len(said) / 2), default=0)
    return f"{said[:middle]}<br>{said[middle + 1 :]}" if middle else said
