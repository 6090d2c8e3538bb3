"""Swept: of which closed anonymous waves the storage may still hold something of the urn."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.tables import Wave
from surveys.tables.columns import core

WaveId = tuple[int, str]


def unswept(session: Session, closed_before: datetime | None = None) -> list[tuple[int, str]]:
    """Organisation and key of anonymous waves that closed, by then, and whose storage was not rewritten since."""
    rows = sa.select(col(Wave.organisation_id), col(Wave.key)).where(
        Wave.anonymous, col(Wave.closed_at).is_not(None), col(Wave.swept_at).is_(None)
    )
    if closed_before is not None:
        rows = rows.where(col(Wave.closed_at) < closed_before)
    return [(row.organisation_id, row.key) for row in session.execute(rows)]


def note_swept(session: Session, swept: Sequence[tuple[int, str]], now: datetime) -> None:
    """Note that nothing is left of the urns of these waves."""
    table = core(Wave)
    session.execute(
        sa.update(table).where(sa.tuple_(table.c.organisation_id, table.c.key).in_(swept)).values(swept_at=now)
    )


def unrewritten(session: Session) -> list[WaveId]:
    """Those whose tables were not rewritten on PostgreSQL since they closed."""
    rows = sa.select(col(Wave.organisation_id), col(Wave.key)).where(
        Wave.anonymous, col(Wave.closed_at).is_not(None), col(Wave.swept_at).is_(None), col(Wave.log_position).is_(None)
    )
    return [(row.organisation_id, row.key) for row in session.execute(rows)]


def note_rewritten(session: Session, rewritten: Sequence[WaveId], log_position: str) -> None:
    """Note that the tables hold nothing of the urns of these waves, nor the log behind this position."""
    table = core(Wave)
    session.execute(
        sa.update(table)
        .where(sa.tuple_(table.c.organisation_id, table.c.key).in_(rewritten))
        .values(log_position=log_position)
    )


def log_positions(session: Session) -> list[str]:
    """The positions that the log has to be past before these waves are swept."""
    waiting = (col(Wave.swept_at).is_(None), col(Wave.log_position).is_not(None))
    return [str(position) for position in session.execute(sa.select(col(Wave.log_position)).where(*waiting)).scalars()]
