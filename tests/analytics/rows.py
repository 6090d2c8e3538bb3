"""Responses stored for reports: given scores on given days in given slices."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from uuid import uuid4

from sqlmodel import Session

from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from tests.factories import NOW


def answered(session: Session, organisation_id: int, given: Iterable[tuple[Slice, date, int]]) -> None:
    """Store an answer for each (slice, day, score), as the product stores them."""
    listed = list(given)
    cells.ensure(session, organisation_id, {s.id: s for s, _, _ in listed}.values())
    responses.store(session, [entry(organisation_id, *one) for one in listed], NOW)


def entry(organisation_id: int, s: Slice, day: date, score: int) -> Entry:
    """An answer at noon."""
    at = datetime.combine(day, time(12), UTC)
    return Entry(organisation_id, uuid4(), s.survey, s.id, day, score, at)


def scored(promoters: int, passives: int, detractors: int) -> list[int]:
    """Scores that make these three counts."""
    return [10] * promoters + [8] * passives + [3] * detractors
