"""The urn: anonymous answers of waves that are open, each under a keyed hash of its invitation and nothing else.

Whether somebody has answered is nowhere in the database: who has the secret finds the ballot of an invitation, and
nothing is written, marked or locked on the invitation itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.tables import Ballot, Cell, Wave, bulk
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

WaveId = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """One answer on its way into the urn; `id` is what the wave's seal makes of its invitation."""

    organisation_id: int
    id: UUID
    cell_id: UUID
    score: int
    comment: str | None


def hold(session: Session, waves: Collection[WaveId]) -> set[WaveId]:
    """Those of the waves that are open, kept so until the transaction ends; closing waits for it."""
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


def put(session: Session, casts: Sequence[Cast]) -> set[UUID]:
    """Drop the answers into the urn, and give the ids of those that are in it now and were not before.

    The primary key alone keeps anybody from answering twice, in another process too. They are written in the order of
    their ids, whatever the order they came in.
    """
    ballots = [
        {
            "organisation_id": cast.organisation_id,
            "id": cast.id,
            "cell_id": cast.cell_id,
            "score": cast.score,
            "comment": cast.comment,
        }
        for cast in sorted(casts, key=lambda cast: (cast.organisation_id, cast.id))
    ]
    return {UUID(str(row[0])) for row in bulk.insert_new(session, Ballot, ballots, "id")}


def holding(session: Session, wanted: Iterable[tuple[int, UUID]]) -> set[tuple[int, UUID]]:
    """Those of the ballots, by organisation and id, that are in the urn."""
    ids: dict[int, set[UUID]] = defaultdict(set)
    for organisation_id, id_ in wanted:
        ids[organisation_id].add(id_)
    b, dialect = core(Ballot).c, bulk.dialect(session)
    among = bulk.among(dialect, b.id, "ids")
    return {
        (organisation_id, id_)
        for organisation_id, own in ids.items()
        for id_ in session.execute(
            sa.select(b.id).where(b.organisation_id == organisation_id, among), {"ids": bulk.ids(dialect, own)}
        ).scalars()
    }


def of(wave: Wave) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that a ballot lies in the urn of this wave."""
    b, c = core(Ballot).c, core(Cell).c
    own = sa.select(c.id).where(*of_wave(c, wave))
    return b.organisation_id == wave.organisation_id, b.cell_id.in_(own)


def sizes(session: Session, wave: Wave) -> dict[UUID, int]:
    """How many ballots each cell has; no secret is needed for that."""
    b = core(Ballot).c
    rows = session.execute(sa.select(b.cell_id, sa.func.count()).where(*of(wave)).group_by(b.cell_id))
    return {row[0]: row[1] for row in rows}


def empty(session: Session, wave: Wave) -> None:
    """Take everything out of the urn of a wave."""
    session.execute(sa.delete(core(Ballot)).where(*of(wave)))
