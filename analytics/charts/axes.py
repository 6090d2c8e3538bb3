"""Axes: from the values of a figure to places in a picture, with the ticks between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10
from typing import Any

MOST_TICKS = 6
MANY_YEARS, MANY_MONTHS = 3 * 366, 100  # days from which years, or months, are marked
ROOM = 0.06  # of the span, beyond the values at either end


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: `start` and `end` are the pixels of `low` and `high`; `names` are the categories it has instead."""

    low: float
    high: float
    start: float
    end: float
    kind: str = "linear"
    names: tuple[str, ...] = ()
    step: float | None = None
    suffix: str = ""

    def at(self, value: Any) -> float:
        """The pixel of a value."""
        return self.start + (self.number(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def number(self, value: Any) -> float:
        """The place of a value among numbers: itself, its day, or its place among the categories."""
        if isinstance(value, str):
            return float(self.names.index(value) if self.kind == "category" else date.fromisoformat(value).toordinal())
        return float(value)

    def ticks(self) -> list[tuple[float, str]]:
        """Pixels and words of the ticks."""
        if self.kind == "category":
            return [(self.at(name), name) for name in self.names]
        if self.kind == "date":
            return [(self.at(day.isoformat()), text) for day, text in self._days()]
        step = self.step or nice(self.high - self.low)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        numbers = [n * step for n in range(first, last + 1)]
        return [(self.at(n), f"{n:g}".replace("-", "\N{MINUS SIGN}") + self.suffix) for n in numbers]

    def _days(self) -> list[tuple[date, str]]:
        first, last = (date.fromordinal(round(end)) for end in (self.low, self.high))
        days = (last - first).days
        if days < MANY_MONTHS:
            step = max(1, ceil(days / (MOST_TICKS - 1)))
            ordinals = range(first.toordinal(), last.toordinal() + 1, step)
            return [(day, day.isoformat()[5:]) for day in map(date.fromordinal, ordinals)]
        months = range(first.year * 12 + first.month, last.year * 12 + last.month)
        step = (
            12 * ceil(len(months) / 12 / MOST_TICKS) if days >= MANY_YEARS else max(1, ceil(len(months) / MOST_TICKS))
        )
        starts = [date(month // 12, month % 12 + 1, 1) for month in months if month % step == 0]
        return [(day, str(day.year) if step % 12 == 0 else day.isoformat()[:7]) for day in starts]


def nice(span: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that marks a span at most MOST_TICKS times."""
    rough = span / MOST_TICKS
    power = 10.0 ** floor(log10(rough))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= rough)


def axis(settings: dict[str, Any], values: Sequence[Any], start: float, end: float) -> Axis:
    """The axis of a layout's settings for these values."""
    kind = settings.get("type") or ("category" if any(isinstance(value, str) for value in values) else "linear")
    names = tuple(dict.fromkeys(value for value in values if value is not None)) if kind == "category" else ()
    bare = Axis(0, 1, start, end, kind, names)
    low, high = (bare.number(value) for value in settings["range"]) if "range" in settings else _span(bare, values)
    if settings.get("rangemode") == "tozero":
        low = min(0.0, low) if "range" in settings else 0.0
    return Axis(low, high, start, end, kind, names, settings.get("dtick"), settings.get("ticksuffix", ""))


def _span(bare: Axis, values: Sequence[Any]) -> tuple[float, float]:
    if bare.kind == "category":
        return -0.5, max(1, len(bare.names)) - 0.5
    numbers = [bare.number(value) for value in values if value is not None] or [0.0]
    low, high = min(numbers), max(numbers)
    room = (high - low) * ROOM or 1.0
    return low - room, high + room
