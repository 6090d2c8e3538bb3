"""Trend: an estimate per period, the level beneath, signals, and what the whole series does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan
from typing import Any

from sqlmodel import Session

from analytics.counts import frame, periods
from analytics.counts.counted import NONE, Counts, in_order, sums, total
from analytics.counts.disclosure import Group
from analytics.counts.query import Query
from analytics.estimation import compare
from analytics.estimation.estimate import estimate, nearly_all
from analytics.reports import metrics, scores, season
from analytics.reports.metrics import Item
from surveys.facts import Malformed
from surveys.responses.tallies import COLUMNS

MOST_ITEMS = 50_000
MOST_READ = 200  # groups whose series are smoothed and searched: 3 to 5 ms each
Starts = Sequence[date]


@dataclass(frozen=True, slots=True)
class Trend:
    """An item per group and period, and a summary per group."""

    items: list[Item]
    summary: list[Item]


@dataclass(frozen=True, slots=True)
class Series:
    """The counts of one group in each period, whether they are of anonymous answers, and where those are elsewhere."""

    counts: list[Counts]
    anonymous: bool
    moved: list[bool]

    @property
    def shown(self) -> list[Counts]:
        """The counts that may be read: a period in which nearly all answered alike is passed over."""
        return [NONE if self.anonymous and nearly_all(counts) else counts for counts in self.counts]


@dataclass(frozen=True, slots=True)
class Point:
    """What the series says of one of its periods, in points; null where there is nothing to say."""

    level: float | None = None
    level_low: float | None = None
    level_high: float | None = None
    signal: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What the series says as a whole: its slope in points per period, and where it seems to shift."""

    slope: float | None = None
    slope_low: float | None = None
    slope_high: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    verdict: str = "too few"
    shifts: tuple[tuple[int, float, float], ...] = ()


def trend(session: Session, query: Query) -> Trend:
    """An estimate per group and period, from the first period to the last, those without answers among them.

    `starts_on` and `ends_on` are the days that are counted: a period at the edge of the span is cut to it. With a
    `window` the estimate is that of the sum of as many periods up to this one, as far as the span goes; level and
    signals always read the periods themselves. Raises Malformed where that would be more than MOST_ITEMS rows.
    """
    query = replace(query, period=query.period or "month")
    series, starts = _series(session, query)
    readings = [
        _read(each.shown, query) if i < MOST_READ else _unread(starts) for i, each in enumerate(series.values())
    ]
    courses = _corrected([course for _, course in readings], query)
    items = [
        {"group": scores.named(query, group)} | item
        for (group, each), (points, _) in zip(series.items(), readings, strict=True)
        for item in _items(query, starts, each, points)
    ]
    last_years = season.last_year(query, starts, [each.shown for each in series.values()])
    summary = [
        {"group": scores.named(query, group), **_summary(query, starts, course), "last_year": year}
        for group, course, year in zip(series, courses, last_years, strict=True)
    ]
    return Trend(items, summary)


def _series(session: Session, query: Query) -> tuple[dict[Group, Series], list[date]]:
    """The series of each group, in order, and the first days of the periods."""
    period = query.period or "month"
    table, disclosure = frame.counts(session, query)
    table["starts_on"] = [periods.start_of(day, period) for day in table["starts_on"]]
    counted: dict[Any, Counts] = sums(table, (*query.by, "starts_on"), COLUMNS)
    moved = {(group, periods.start_of(day, period)) for group, day in disclosure.elsewhere}
    groups = in_order({key[:-1] for key in counted} | disclosure.moved) if query.by else [()]
    span = _span(query, [key[-1] for key in counted] + [start for _, start in moved])
    if span is None or not groups:
        return {}, []
    if periods.count(*span, period) * len(groups) > MOST_ITEMS:
        raise Malformed("period", f"that is more than {MOST_ITEMS} rows; ask for longer periods or fewer days.")
    starts = list(periods.between(*span, period))
    return {
        group: Series(
            [counted.get((*group, start), NONE) for start in starts],
            group in disclosure.anonymous,
            [(group, start) in moved for start in starts],
        )
        for group in groups
    }, starts


def _span(query: Query, days: list[date]) -> tuple[date, date] | None:
    first = query.from_on or min(days, default=None)
    last = query.to_on or (periods.end_of(max(days), query.period or "month") if days else None)
    return (first, last) if first and last and first <= last else None


def _read(counts: Sequence[Counts], query: Query) -> tuple[list[Point], Course]:
    """What the series says of each period and as a whole."""
    from analytics.estimation import level, series, signals, slope

    read = series.series(counts)
    marks = signals.above_or_below(read)
    shifted = signals.shifts(read)
    for shift in shifted:
        marks[shift.place] = "shift"
    smooth = level.smooth(read, query.confidence)
    if smooth is None:
        points = [Point(signal=signal) for signal in marks]
    else:
        ends = zip(smooth.level, smooth.low, smooth.high, marks, strict=True)
        points = [Point(_known(centre), _known(low), _known(high), signal) for centre, low, high, signal in ends]
    steep = slope.slope(read, query.confidence)
    shifts = tuple((shift.place, shift.before, shift.since) for shift in shifted)
    if steep is None:
        return points, Course(shifts=shifts)
    return points, Course(steep.slope, steep.low, steep.high, steep.p_value, shifts=shifts)


def _unread(starts: Starts) -> tuple[list[Point], Course]:
    return [Point()] * len(starts), Course(verdict="not read")


def _known(value: float) -> float | None:
    """The value, or none for what is not a number."""
    return None if isnan(value) else float(value)


def _corrected(courses: list[Course], query: Query) -> list[Course]:
    """The slopes with q-values and verdicts over all of them."""
    q_values = compare.benjamini_hochberg([course.p_value for course in courses])
    return [
        course if q is None else replace(course, q_value=q, verdict=compare.verdict(course.slope, q, query.confidence))
        for course, q in zip(courses, q_values, strict=True)
    ]


def _items(query: Query, starts: Starts, series: Series, points: Sequence[Point]) -> Iterable[Item]:
    for i, (start, point) in enumerate(zip(starts, points, strict=True)):
        window = slice(max(0, i + 1 - (query.window or 1)), i + 1)
        summed, moved = total(series.counts[window], NONE), any(series.moved[window])
        yield {
            "period": periods.label(start, query.period or "month"),
            "starts_on": max(start, query.from_on or start).isoformat(),
            "ends_on": min(periods.end_of(start, query.period or "month"), query.to_on or date.max).isoformat(),
            **scores.estimate_item(estimate(summed, query.confidence, anonymous=series.anonymous, moved=moved)),
            **metrics.item(metrics.TREND, point),
        }


def _summary(query: Query, starts: Starts, course: Course) -> Item:
    shifts = [
        {
            "period": periods.label(starts[place], query.period or "month"),
            "before": round(before, 2) + 0.0,
            "since": round(since, 2) + 0.0,
        }
        for place, before, since in course.shifts
    ]
    return metrics.item(metrics.SLOPE, course) | {"shifts": shifts}
