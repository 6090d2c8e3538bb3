"""Release: what a closed anonymous wave leaves behind, written in an order that means nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from random import SystemRandom
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import urn
from surveys.responses import tallies
from surveys.responses.tallies import Change
from surveys.tables import AnonymousComment, AnonymousScore, Ballot, Wave, bulk
from surveys.tables.columns import core

PAGE = 5_000
_B = core(Ballot).c


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A ballot out of the urn: the cell it counts in from now on, and no more than was on it."""

    cell_id: UUID
    score: int
    comment: str | None


def write(session: Session, wave: Wave, merged: Mapping[UUID, UUID], known: Mapping[UUID, int]) -> None:
    """Write what is left of the ballots of a wave, and count it; `merged` gives for each cell the cell it counts in.

    Score and comment part, each under a random id of its own. Comments are dropped of cells in which fewer known people
    answered than the comment floor; `known` gives how many did in each.
    """
    assert wave.counted_on is not None  # noqa: S101 - the caller's
    assert wave.comment_floor is not None  # noqa: S101 - set when the wave opened
    drawn = _draw(session, wave, merged)
    organisation_id = wave.organisation_id
    scores = [
        {"organisation_id": organisation_id, "cell_id": ballot.cell_id, "score": ballot.score} for ballot in drawn
    ]
    comments = [
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
    day = wave.counted_on
    tallies.apply(session, (Change(organisation_id, ballot.cell_id, day, ballot.score) for ballot in drawn))


def _draw(session: Session, wave: Wave, merged: Mapping[UUID, UUID]) -> list[_Drawn]:
    rows = session.execute(sa.select(_B.cell_id, _B.score, _B.comment).where(*urn.of(wave)))
    return [_Drawn(merged[row.cell_id], row.score, row.comment) for row in rows]
