"""Reminders of anonymous waves: all who were asked are treated alike, so that no row tells who has answered."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import seals, urn
from surveys.anonymity.seals import Secrets
from surveys.fieldwork import mails
from surveys.fieldwork.mails import Alike, next_reminder_at
from surveys.tables import Invitation
from surveys.tables.columns import UtcDateTime, core


def note(session: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> Alike:
    """Note the reminders of anonymous waves as sent now, each row in the same way; which they are."""
    changes = []
    for row in rows:
        number = mails.number_of(row)
        due = next_reminder_at(now, number, tuple(row.reminders_after_days or ()), mails.over_at(row))
        changes.append((row.organisation_id, row.id, number, due))
    change(session, changes)
    return [(organisation_id, id_, number) for organisation_id, id_, number, _ in changes]


def change(session: Session, rows: Sequence[tuple[int, UUID, int, datetime | None]]) -> None:
    """Set for each invitation how many reminders were sent and when the next is due, in the order of ids."""
    table = core(Invitation)
    statement = (
        sa.update(table)
        .where(table.c.organisation_id == sa.bindparam("org"), table.c.id == sa.bindparam("iid"))
        .where(table.c.contact_id.is_not(None), table.c.withdrawn_at.is_(None))
        .values(
            reminders_sent=sa.bindparam("number", type_=sa.Integer),
            attempts=0,
            send_at=sa.bindparam("next", type_=UtcDateTime),
        )
    )
    if rows:
        named = [
            dict(zip(("org", "iid", "number", "next"), row, strict=True)) for row in sorted(rows, key=itemgetter(0, 1))
        ]
        session.execute(statement, named)


def idle(session: Session, rows: Sequence[sa.Row[Any]], secrets: Secrets) -> set[tuple[int, UUID]]:
    """Who of these needs no reminder: those whose ballot is in the urn, and all where the wave's secret is lost."""
    ballots: dict[tuple[int, UUID], tuple[int, UUID]] = {}
    lost = set()
    for row in rows:
        seal = seals.find(secrets, row.organisation_id, row.wave_key, row.secret_check)
        if seal is None:
            lost.add((row.organisation_id, row.id))
        else:
            ballots[row.organisation_id, seal.ballot(row.id)] = (row.organisation_id, row.id)
    return lost | {ballots[key] for key in urn.holding(session, ballots)}
