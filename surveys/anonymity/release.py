"""Release: what a closed anonymous wave leaves behind, written in an order that means nothing."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import SystemRandom
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import urn
from surveys.questionnaire import wordings
from surveys.responses import tallies
from surveys.responses.tallies import Change
from surveys.tables import AnonymousComment, AnonymousScore, Ballot, Wave, bulk
from surveys.tables.columns import core

PAGE = 5_000
_B = core(Ballot).c


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A ballot out of the urn: the cell it counts in from now on, and what is kept of it: a score or its category."""

    cell_id: UUID
    score: int | None
    category: str | None
    comment: str | None


def write(session: Session, wave: Wave, merged: Mapping[UUID, UUID], known: Mapping[UUID, int]) -> None:
    """Write what is left of the ballots of a wave, and count it; `merged` gives for each cell the cell it counts in.

    Score and comment part, each under a random id of its own. Of the scores of a wave that keeps groups only their
    categories are written, here and in the tallies. Comments are dropped of cells in which fewer known people answered
    than the comment floor; `known` gives how many did in each.
    """
    assert wave.counted_on is not None  # noqa: S101 - the caller's
    assert wave.comment_floor is not None  # noqa: S101 - set when the wave opened
    drawn = _draw(session, wave, merged)
    organisation_id = wave.organisation_id
    columns = ("organisation_id", "cell_id", "score", "category")
    scores: list[dict[str, Any]] = [
        dict(zip(columns, (organisation_id, ballot.cell_id, ballot.score, ballot.category), strict=True))
        for ballot in drawn
    ]
    comments: list[dict[str, Any]] = [
        {"organisation_id": organisation_id, "cell_id": ballot.cell_id, "comment": ballot.comment}
        for ballot in drawn
        if ballot.comment is not None and known.get(ballot.cell_id, 0) >= wave.comment_floor
    ]
    for table, rows in ((AnonymousScore, scores), (AnonymousComment, comments)):
        # In the order of fresh random ids, which have nothing to do with the order in which they were drawn.
        ids = sorted(UUID(bytes=os.urandom(16)) for _ in rows)
        SystemRandom().shuffle(rows)
        shuffled = [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)]
        for start in range(0, len(shuffled), PAGE):
            bulk.insert(session, table, shuffled[start : start + PAGE])
    _count(session, organisation_id, wave.counted_on, drawn)


def _count(session: Session, organisation_id: int, day: date, drawn: Sequence[_Drawn]) -> None:
    scored = ((ballot.cell_id, ballot.score) for ballot in drawn if ballot.score is not None)
    tallies.apply(session, (Change(organisation_id, cell_id, day, score) for cell_id, score in scored))
    known = ((ballot.cell_id, ballot.category) for ballot in drawn if ballot.category is not None)
    tallies.count_categories(session, ((organisation_id, cell_id, day, category) for cell_id, category in known))


def _draw(session: Session, wave: Wave, merged: Mapping[UUID, UUID]) -> list[_Drawn]:
    """The ballots of a wave; of one that keeps groups, the score goes no further than here."""
    rows = session.execute(sa.select(_B.cell_id, _B.score, _B.comment).where(*urn.of(wave)))
    if wave.scores == "groups":
        return [_Drawn(merged[row.cell_id], None, wordings.side(row.score), row.comment) for row in rows]
    return [_Drawn(merged[row.cell_id], row.score, None, row.comment) for row in rows]
