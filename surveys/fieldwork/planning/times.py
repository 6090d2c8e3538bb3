"""Times of a wave: when it may open and close, and when those silent are reminded."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from surveys.facts import Malformed, Refused
from surveys.tables import Survey, Wave

REMINDERS_LIMIT = 5
REMINDER_DAYS = range(1, 366)
REACH = timedelta(days=3653)
SHORTEST = timedelta(hours=24)  # of an anonymous wave: time to see whom it asks, and what is done to them


def check(survey: Survey, opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Raise Malformed, naming the field, unless a wave may open and close then."""
    opening = max(opens_at, now)
    if not opening < closes_at:
        raise Malformed("closes_at", "a wave closes after it opens, and in the future.")
    if opens_at < now - REACH or closes_at > now + REACH:
        raise Malformed("opens_at" if opens_at < now - REACH else "closes_at", "this is more than ten years away.")
    if survey.mode == "anonymous" and closes_at < opening + SHORTEST:
        last = written(opening + SHORTEST)
        raise Malformed("closes_at", f"an anonymous wave lasts at least 24 hours, until {last} or longer.")


def check_closing(wave: Wave, now: datetime) -> None:
    """Raise Refused for an anonymous wave that opened less than 24 hours ago and is not closed."""
    if wave.closed_at is None and wave.anonymous and wave.invited_at and now < wave.invited_at + SHORTEST:
        first = written(wave.invited_at + SHORTEST)
        raise Refused(f"An anonymous wave lasts at least 24 hours; '{wave.key}' may be closed from {first} on.")


def reminders(after_days: Sequence[int]) -> list[int]:
    """The days, each once and in order. Raises Malformed for too many, or one that cannot be."""
    days = sorted(set(after_days))
    if len(days) > REMINDERS_LIMIT or any(day not in REMINDER_DAYS for day in days):
        raise Malformed("reminders_after_days", f"up to {REMINDERS_LIMIT} whole days from 1 to 365 are possible.")
    return days


def written(instant: datetime) -> str:
    """An instant as the API writes it."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
