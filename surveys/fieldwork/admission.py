"""Admission: which invitations may be answered now, and what keeps the others from it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.facts import AlreadyAnswered, InvitationExpired, InvitationWithdrawn, WaveClosed
from surveys.fieldwork import validity
from surveys.tables import Invitation, Organisation, Survey, Wave, bulk
from surveys.tables.columns import core
from surveys.tables.prepared import Prepared

DECIDING = (
    "id", "organisation_id", "survey_key", "contact_id", "cell_id", "invited_on",
    "expires_at", "withheld_reason", "withdrawn_at", "answered_at", "anonymous", "deliver", "sent_at", "failed_at",
)  # fmt: skip


class Asked(NamedTuple):
    """An invitation with what decides whether and how it may be answered: the columns of `asking`, in their order."""

    id: UUID
    organisation_id: int
    survey_key: str
    contact_id: UUID | None
    cell_id: UUID
    invited_on: date
    expires_at: datetime
    withheld_reason: str | None
    withdrawn_at: datetime | None
    answered_at: datetime | None
    anonymous: bool
    deliver: str
    sent_at: datetime | None
    failed_at: datetime | None
    edit_hours: int
    mode: str
    time_zone: str
    wave_key: str | None
    closes_at: datetime | None
    closed_at: datetime | None
    secret_check: bytes | None

    @classmethod
    def of(cls, row: sa.Row[Any]) -> "Asked":
        """A row of `asking`, which may have further columns behind."""
        return cls._make(row[: len(cls._fields)])


def lock(session: Session, wanted: Iterable[tuple[int, UUID]]) -> dict[tuple[int, UUID], Asked]:
    """The invitations asked for, with what decides about them, locked until the transaction ends.

    Those of anonymous waves are read and not locked: the database would write down who is about to answer.
    """
    ids = defaultdict(set)
    for organisation_id, invitation_id in wanted:
        ids[organisation_id].add(invitation_id)
    locked = {}
    connection = session.connection()
    dialect = connection.dialect.name
    for organisation_id in sorted(ids):
        listed = bulk.ids(dialect, ids[organisation_id])
        rows = _locking(connection.dialect).run(connection, {"organisation": organisation_id, "ids": listed})
        locked.update({(organisation_id, row.id): Asked._make(row) for row in rows})
    return locked


def asking(invitations: sa.FromClause | None = None) -> sa.Select[Any]:
    """Invitations (all, or those of `invitations`), each with all that decides whether and how it may be answered."""
    i = (core(Invitation) if invitations is None else invitations).c
    s, w, o = core(Survey).c, core(Wave).c, core(Organisation).c
    return (
        sa.select(
            *(i[name] for name in DECIDING),
            s.edit_hours,
            s.mode,
            o.time_zone,
            w.key.label("wave_key"),
            w.closes_at,
            w.closed_at,
            w.secret_check,
        )
        .join_from(i.id.table, core(Survey), (s.organisation_id == i.organisation_id) & (s.key == i.survey_key))
        .join(core(Organisation), o.id == i.organisation_id)
        .outerjoin(core(Wave), (w.organisation_id == i.organisation_id) & (w.key == i.wave_key))
    )


@lru_cache(maxsize=16)
def _locking(dialect: sa.Dialect) -> Prepared:
    """Locks first and joins then: a planner without statistics would otherwise look by survey, not by id."""
    i = core(Invitation)
    wanted = sa.select(*(i.c[name] for name in (*DECIDING, "wave_key"))).where(
        i.c.organisation_id == sa.bindparam("organisation"), bulk.among(dialect.name, i.c.id, "ids")
    )
    if dialect.name == "sqlite":  # it locks no rows
        return Prepared(asking(wanted.cte("asked")), dialect)
    locked = wanted.where(~i.c.anonymous).order_by(i.c.id).with_for_update().cte("locked")
    unlocked = wanted.where(i.c.anonymous).cte("unlocked")
    return Prepared(asking(sa.union_all(sa.select(locked), sa.select(unlocked)).cte("asked")), dialect)


def admit(invitation: Asked, earlier: object | None, now: datetime, *, cast: bool = False) -> None:
    """Raise the fact that keeps this invitation from being answered, if there is one.

    Without an `earlier` answer, and without a ballot that was `cast`, there is none just where validity.ANSWERABLE
    holds.
    """
    if validity.REVOKED(invitation, now) or validity.WITHHELD(invitation, now):
        raise InvitationWithdrawn
    if cast:
        raise AlreadyAnswered
    if validity.ANSWERED(invitation, now) and (earlier is None or now > _correctable_until(invitation)):
        raise AlreadyAnswered
    if validity.WAVE_OVER(invitation, now):
        raise WaveClosed
    if earlier is None and validity.EXPIRED(invitation, now):
        raise InvitationExpired


def _correctable_until(invitation: Asked) -> datetime:
    assert invitation.answered_at is not None  # noqa: S101 - asked of answered ones only
    return invitation.answered_at + timedelta(hours=invitation.edit_hours)
