"""Dates: the order in which a whole column writes day, month and year, derived from all of it or asked for."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from surveys.facts import Malformed

ORDERS = ("MDY", "DMY", "YMD")
WORDS = {"MDY": "month/day/year", "DMY": "day/month/year", "YMD": "year-month-day"}
TIMED = re.compile(r"%[HIMScXTs]")
WRITTEN = re.compile(
    r"(?P<day>(\d{1,4})([-/.])\s?(\d{1,2})\3\s?(\d{1,4}))"
    r"(?:(?:T|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[ap])\.?\s?m\.?)?\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?)?",
    re.ASCII | re.IGNORECASE,
)
EARLIEST = date(1970, 1, 1)
NOON = time(12)


@dataclass(frozen=True, slots=True)
class When:
    """The instant of an answer, and the day it counts on in the organisation's zone."""

    answered_at: datetime
    day: date


Read = Callable[[str], When]
"""Reads one cell. Raises ValueError whose text says what is wrong with it."""


def on(day: date, zone: tzinfo, now: datetime) -> When:
    """An answer of which only the day is known: it counts at noon, or now where that is earlier."""
    if day < EARLIEST:
        raise ValueError("lies before 1970.")
    return When(min(datetime.combine(day, NOON, zone).astimezone(UTC), now), day)


def in_order(order: str, zone: tzinfo, now: datetime) -> Read:
    """A reader of dates whose day, month and year come in this order; naive times are of `zone`."""

    def read(text: str) -> When:
        match = WRITTEN.fullmatch(text)
        day = _day(match["day"], order) if match else None
        if match is None or day is None:
            raise ValueError(f"is not a date ({WORDS[order]}).")
        if match["hour"] is None:
            return _checked(on(day, zone, now), now, zone)
        hour = int(match["hour"])
        if match["half"]:
            if not 1 <= hour <= 12:
                raise ValueError("is not a time of day.")
            hour = hour % 12 + (12 if match["half"] in "pP" else 0)
        micro = int((match["fraction"] or "")[:6].ljust(6, "0"))
        try:
            at = time(hour, int(match["minute"]), int(match["second"] or 0), micro, _offset(match["zone"]) or zone)
        except ValueError:
            raise ValueError("is not a time of day.") from None
        return _at(datetime.combine(day, at), zone, now)

    return read


def in_format(form: str, zone: tzinfo, now: datetime) -> Read:
    """A reader of one `strptime` format, or of an order such as DMY. Raises Malformed for one that gives no date."""
    if form.upper() in ORDERS:
        return in_order(form.upper(), zone, now)
    probe = datetime(2018, 9, 23, 15, 29, tzinfo=UTC)
    try:
        whole = datetime.strptime(probe.strftime(form), form).date() == probe.date()  # noqa: DTZ007
    except ValueError:
        whole = False
    if not whole:
        raise Malformed("date_format", f"'{form}' gives no day, month and year; say MDY, DMY, YMD or such as %d.%m.%Y.")

    def read(text: str) -> When:
        try:
            at = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is put in below
        except ValueError:
            raise ValueError(f"is not a date of the form {form}.") from None
        if not TIMED.search(form):
            return _checked(on(at.date(), zone, now), now, zone)
        return _at(at if at.tzinfo else at.replace(tzinfo=zone), zone, now)

    return read


def _at(at: datetime, zone: tzinfo, now: datetime) -> When:
    try:
        instant = at.astimezone(UTC)
        day = instant.astimezone(zone).date()
    except OverflowError:
        raise ValueError("lies outside the calendar.") from None
    return _checked(When(instant, day), now, zone)


def _checked(when: When, now: datetime, zone: tzinfo) -> When:
    if when.answered_at > now or when.day > now.astimezone(zone).date():
        raise ValueError("lies in the future.")
    if when.day < EARLIEST:
        raise ValueError("lies before 1970.")
    return when


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    digits = re.sub(r"[^\d+-]", "", text)
    if not digits:
        return UTC
    hours, minutes = (int(digits[1:-2]), int(digits[-2:])) if len(digits) > 3 else (int(digits[1:]), 0)
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if digits[0] == "-" else shift)


@lru_cache(maxsize=8192)
def _day(text: str, order: str) -> date | None:
    """The day of three numbers in this order; the year has 2 digits or 4, the other two at most 2."""
    parts = dict(zip(order, re.split(r"\D+", text), strict=True))
    year = parts["Y"]
    if len(year) not in (2, 4) or len(parts["M"]) > 2 or len(parts["D"]) > 2:
        return None
    century = 0 if len(year) == 4 else 1900 if int(year) >= 69 else 2000  # as POSIX reads %y
    try:
        return date(century + int(year), int(parts["M"]), int(parts["D"]))
    except ValueError:
        return None


@dataclass
class Evidence:
    """What a column's cells say about its order. A past answer is not from the future: that counts too."""

    today: date
    against: dict[str, tuple[int, str]] = field(default_factory=dict)
    example: tuple[int, str] | None = None
    open: bool = False  # whether the example can be read in more than one order
    undated: tuple[int, str] | None = None

    def add(self, row: int, text: str) -> None:
        """Take one cell into account; `row` is its number in a spreadsheet."""
        match = WRITTEN.fullmatch(text)
        orders = _possible(match["day"], self.today) if match else frozenset()
        if not orders:
            self.undated = self.undated or (row, text)
            return
        if self.example is None or (len(orders) > 1 and not self.open):
            self.example, self.open = (row, text), len(orders) > 1
        for order in ORDERS:
            if order not in orders:
                self.against.setdefault(order, (row, text))

    def order(self) -> str:
        """The one order that fits the whole column. Raises Malformed where there is none, or more than one."""
        if self.example is None:
            what = f"'{self.undated[1]}' in row {self.undated[0]} is not a date" if self.undated else "it is empty"
            raise Malformed(
                "date_column",
                f"no value is a date that could be read ({what}). Say its --date-format, such as '%d %b %Y'; "
                "or leave the column out and give the day of all answers with --on.",
            )
        left = [order for order in ORDERS if order not in self.against]
        if len(left) == 1:
            return left[0]
        row, text = self.example
        if left:
            said = " or ".join(f"{o} ({_day(_part(text), o):%-d %B %Y})" for o in left)
            raise Malformed(
                "date_column", f"'{text}' in row {row} may be {said}, and no row decides; say --date-format."
            )
        clash = ", ".join(f"'{t}' in row {r} is not {o}" for o, (r, t) in sorted(self.against.items()))
        raise Malformed("date_column", f"its dates do not have one order: {clash}; say --date-format.")


def _part(text: str) -> str:
    match = WRITTEN.fullmatch(text)
    return match["day"] if match else ""


@lru_cache(maxsize=8192)
def _possible(text: str, today: date) -> frozenset[str]:
    days = {order: _day(text, order) for order in ORDERS}
    return frozenset(order for order, day in days.items() if day is not None and EARLIEST <= day <= today)
