"""Responses stored straight away, as many as a test of rows needs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry, response_id

START = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def store(session: Session, survey: str, numbers: range, **facts: Any) -> None:
    """One response for each number; pairs of them share an instant."""
    organisation_id = facts.get("organisation_id", 1)
    s = Slice(
        survey,
        touchpoint=facts.get("touchpoint"),
        unit=facts.get("unit"),
        channel="api",
        segments=facts.get("segments", ()),
    )
    cells.ensure(session, organisation_id, [s])
    entries = [
        Entry(
            organisation_id, response_id(survey, "api", str(n)), survey, s.id, (START + timedelta(hours=n // 2)).date(),
            n % 11, START + timedelta(hours=n // 2), facts.get("comment"), facts.get("contact_id"),
            facts.get("answers", {}),
        )
        for n in numbers
    ]  # fmt: skip
    responses.store(session, entries, START)
