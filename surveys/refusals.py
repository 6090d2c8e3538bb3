"""Refusals: rows that were not taken, and the limits that every instant handed over keeps."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from surveys.facts import Malformed

SKEW = timedelta(minutes=5)  # clocks of other systems run ahead a little
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: its number, the field or column, what is wrong with it, and the value where shown."""

    row: int
    field: str
    message: str
    value: str = ""

    def __str__(self) -> str:
        where = f"row {self.row}, {self.field[:60]}" if self.field else f"row {self.row}"
        value = f" '{self.value[:60]}'" if self.value else ""
        return f"{where}:{value} {self.message}"


def past_instant(name: str, instant: datetime, now: datetime) -> datetime:
    """The instant, where it may be when something happened: since 1970, and not later than `now`.

    Another system's clock may run five minutes ahead. Raises Malformed naming `name`.
    """
    if instant > now + SKEW:
        raise Malformed(name, "this instant is in the future.")
    if instant < EARLIEST:
        raise Malformed(name, "this instant is before 1970.")
    return min(instant, now)
