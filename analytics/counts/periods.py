"""Periods: days put together to weeks (ISO 8601), months, quarters and years, with their labels."""

from collections.abc import Iterator
from datetime import date, timedelta

A_DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def start_of(day: date, period: str) -> date:
    """The first day of the period that holds the day."""
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(month=(day.month - 1) // MONTHS[period] * MONTHS[period] + 1, day=1)


def end_of(start: date, period: str) -> date:
    """The last day of the period that begins on `start`."""
    if period == "day":
        return start
    if period == "week":
        return start + timedelta(days=6)
    return _next_month(start.replace(month=start.month + MONTHS[period] - 1)) - A_DAY


def between(first: date, last: date, period: str) -> Iterator[date]:
    """The starts of the periods that hold the days from `first` to `last`."""
    start = start_of(first, period)
    while start <= last:
        yield start
        start = end_of(start, period) + A_DAY


def count(first: date, last: date, period: str) -> int:
    """How many periods `between` gives, without making them."""
    a, b = start_of(first, period), start_of(last, period)
    if period in MONTHS:
        return ((b.year - a.year) * 12 + b.month - a.month) // MONTHS[period] + 1
    return (b - a).days // (7 if period == "week" else 1) + 1


def label(start: date, period: str) -> str:
    """2018-03-05, 2018-W09, 2018-03, 2018-Q1 or 2018; a week has the year of its Thursday."""
    if period == "day":
        return start.isoformat()
    if period == "week":
        year, week, _ = start.isocalendar()
        return f"{year:04}-W{week:02}"
    if period == "quarter":
        return f"{start.year:04}-Q{(start.month + 2) // 3}"
    return start.isoformat()[:7] if period == "month" else f"{start.year:04}"


def _next_month(start: date) -> date:
    return (start + timedelta(days=32)).replace(day=1)
