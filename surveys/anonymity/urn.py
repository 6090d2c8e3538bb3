"""The urn: anonymous answers of waves that are open, each with a random id and its cell and nothing else."""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.tables import Ballot, Cell, Invitation, Wave, bulk
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

WaveId = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """One answer on its way into the urn: what goes in, and what is noted on the invitation instead."""

    organisation_id: int
    invitation_id: UUID
    answered_on: date
    cell_id: UUID
    score: int
    comment: str | None


def hold(session: Session, waves: Collection[WaveId]) -> set[WaveId]:
    """Those of the waves that are open, kept so until the transaction ends; closing waits for it.

    Call it with the invitations locked, as closing locks them before the wave.
    """
    if not waves:
        return set()
    w = core(Wave).c
    rows = session.execute(
        sa.select(w.organisation_id, w.key, w.closed_at)
        .where(sa.tuple_(w.organisation_id, w.key).in_(sorted(waves)))
        .order_by(w.organisation_id, w.key)
        .with_for_update(read=True)
    )
    return {(row.organisation_id, row.key) for row in rows if row.closed_at is None}


def put(session: Session, casts: Sequence[Cast]) -> None:
    """Drop the answers into the urn, and note the day on each invitation, so that nobody answers twice.

    They are written in the order of their random ids, whatever the order they came in.
    """
    ballots = [
        {
            "organisation_id": c.organisation_id,
            "cell_id": c.cell_id,
            "id": UUID(bytes=os.urandom(16)),
            "score": c.score,
            "comment": c.comment,
        }
        for c in casts
    ]
    bulk.insert(session, Ballot, sorted(ballots, key=lambda ballot: ballot["id"]))
    for organisation_id, answered_on in sorted({(c.organisation_id, c.answered_on) for c in casts}):
        together = (c for c in casts if (c.organisation_id, c.answered_on) == (organisation_id, answered_on))
        _mark(session, organisation_id, answered_on, [c.invitation_id for c in together])


def _mark(session: Session, organisation_id: int, answered_on: date, answered: Iterable[UUID]) -> None:
    i, dialect = core(Invitation), bulk.dialect(session)
    session.connection().execute(
        sa.update(i)
        .where(i.c.organisation_id == organisation_id, bulk.among(dialect, i.c.id, "answered"))
        .values(answered_on=answered_on, send_at=None),
        {"answered": bulk.ids(dialect, answered)},
    )


def forget_order(session: Session, wave: WaveId) -> None:
    """Write the invitations of a wave that were answered anew, in the order of their ids; they say what they said.

    PostgreSQL shows of each row which transaction wrote it last, and lays new versions behind each other: so who
    answered after whom, and beside rows that hold an instant, when. SQLite shows nothing of the kind.
    """
    if bulk.dialect(session) == "sqlite":
        return
    i, (organisation_id, key) = core(Invitation), wave
    answered = session.execute(
        sa.select(i.c.id)
        .where(i.c.organisation_id == organisation_id, i.c.wave_key == key, i.c.answered_on.is_not(None))
        .order_by(i.c.id)
    ).scalars()
    rows = [{"invitation": id_} for id_ in answered]
    if rows:
        # One by one: a single statement would go through them as they lie.
        same = (i.c.organisation_id == organisation_id, i.c.id == sa.bindparam("invitation"))
        session.connection().execute(sa.update(i).where(*same).values(answered_on=i.c.answered_on), rows)


def of(wave: Wave) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that a ballot lies in the urn of this wave."""
    b, c = core(Ballot).c, core(Cell).c
    own = sa.select(c.id).where(*of_wave(c, wave))
    return b.organisation_id == wave.organisation_id, b.cell_id.in_(own)


def empty(session: Session, wave: Wave) -> None:
    """Take everything out of the urn of a wave, and with it what shows in which order people answered."""
    forget_order(session, (wave.organisation_id, wave.key))
    session.execute(sa.delete(core(Ballot)).where(*of(wave)))
