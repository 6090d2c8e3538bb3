"""Looks: colours, symbols and error bars that the charts share; they stay apart in grey and in print."""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.metrics import Item

Trace = dict[str, Any]

# Dark to light, so that a grey print keeps them apart; symbols and dashes do so too.
COLOURS = ("#0b5a58", "#c4511d", "#3c8d5a", "#7a5195", "#a6761d", "#5b6770")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
CROSS = "x-thin-open"


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


def interval(row: Mapping[str, Any]) -> str:
    """The interval in words."""
    if row["low"] is None:
        return "too few answers for an interval"
    return f"{100 * row['confidence']:g} % interval {row['low']:.1f} to {row['high']:.1f}"
