"""Responses: stored once, corrected in place, and counted in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_json
from sqlmodel import Session, col

from surveys.questionnaire.questions import Value
from surveys.responses import tallies
from surveys.responses.tallies import Change
from surveys.tables import Answer, Response, bulk
from surveys.tables.columns import core


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer, ready to be stored. `answers` maps question keys to checked values."""

    organisation_id: int
    id: UUID
    survey_key: str
    cell_id: UUID
    day: date
    score: int
    answered_at: datetime
    comment: str | None = None
    contact_id: UUID | None = None
    answers: Mapping[str, Value] = field(default_factory=dict)
    weight: float | None = None


def response_id(survey_key: str, origin: str, *parts: str) -> UUID:
    """The id of the answer that came from `origin` (invitation, api, page, import) with this identity.

    The same origin and parts always give the same id (BLAKE2b, RFC 7693), so that a repeat is recognised.
    """
    text = "\0".join((survey_key, origin, *parts))
    return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


def known(session: Session, organisation_id: int, ids: Iterable[UUID]) -> set[UUID]:
    """Which of `ids` are stored already."""
    stored: set[UUID] = set()
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = sa.select(col(Response.id)).where(
            col(Response.organisation_id) == organisation_id, col(Response.id).in_(chunk)
        )
        stored.update(session.execute(rows).scalars())
    return stored


def store(session: Session, entries: Sequence[Entry], now: datetime) -> None:
    """Store new answers and count them. Raises IntegrityError where an id exists; nothing is stored then."""
    if not entries:
        return
    bulk.insert(session, Response, [_row(e, now) for e in entries])
    _store_answers(session, [(e, key, value) for e in entries for key, value in e.answers.items()])
    tallies.apply(session, [Change(e.organisation_id, e.cell_id, e.day, e.score) for e in entries])


def store_missing(session: Session, entries: Sequence[Entry], now: datetime) -> int:
    """Store the entries of one organisation whose id is new, and give their number; the rest are there already."""
    if not entries:
        return 0
    unique = {e.id: e for e in reversed(entries)}
    there = known(session, entries[0].organisation_id, unique)
    new = [e for e in unique.values() if e.id not in there]
    store(session, new, now)
    return len(new)


def correct(session: Session, changes: Sequence[tuple[Any, Entry]], now: datetime) -> None:
    """Put each entry in the place of the stored response beside it; its day and cell stay, its tally moves."""
    if not changes:
        return
    rows = [
        {"org": e.organisation_id, "rid": e.id, "new_score": e.score, "words": e.comment, "at": now} for _, e in changes
    ]
    session.connection().execute(_correcting(), rows)
    answers = [(e, key, value) for _, e in changes for key, value in e.answers.items()]
    for e, key, _value in answers:
        session.execute(
            sa.delete(Answer).where(
                col(Answer.organisation_id) == e.organisation_id,
                col(Answer.response_id) == e.id,
                col(Answer.question_key) == key,
            )
        )
    _store_answers(session, answers)
    moved = [(old, e.score) for old, e in changes if old.score != e.score]
    tallies.apply(
        session,
        [Change(old.organisation_id, old.cell_id, old.day, old.score, -1) for old, _ in moved]
        + [Change(old.organisation_id, old.cell_id, old.day, score) for old, score in moved],
    )


@cache
def _correcting() -> sa.Update:
    table = core(Response)
    return (
        sa.update(table)
        .where(table.c.organisation_id == sa.bindparam("org"), table.c.id == sa.bindparam("rid"))
        .values(score=sa.bindparam("new_score"), comment=sa.bindparam("words"), recorded_at=sa.bindparam("at"))
    )


def delete(session: Session, stored: Sequence[Response]) -> None:
    """Erase responses with their answers; the tallies follow."""
    for r in stored:
        for table, id_ in ((Answer, Answer.response_id), (Response, Response.id)):
            session.execute(sa.delete(table).where(col(table.organisation_id) == r.organisation_id, col(id_) == r.id))
    tallies.apply(session, [Change(r.organisation_id, r.cell_id, r.day, r.score, -1) for r in stored])


def _row(e: Entry, now: datetime) -> dict[str, Any]:
    return {
        "organisation_id": e.organisation_id,
        "id": e.id,
        "survey_key": e.survey_key,
        "cell_id": e.cell_id,
        "contact_id": e.contact_id,
        "day": e.day,
        "score": e.score,
        "comment": e.comment,
        "answered_at": e.answered_at,
        "recorded_at": now,
        "weight": e.weight,
    }


def _store_answers(session: Session, answers: Sequence[tuple[Entry, str, Value]]) -> None:
    rows = [
        {
            "organisation_id": e.organisation_id,
            "response_id": e.id,
            "question_key": key,
            "number": float(value) if isinstance(value, int | float) else None,
            "text": to_json(value).decode() if isinstance(value, list) else value if isinstance(value, str) else None,
        }
        for e, key, value in answers
        if value is not None
    ]
    bulk.insert(session, Answer, rows)
