"""Dispositions: what became of each invitation, derived from its timestamps."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.facts import Malformed, Unknown
from surveys.fieldwork import validity
from surveys.tables import Cell, Contact, Invitation, Survey, Wave
from surveys.tables.columns import core

STATES = ("waiting", "sent", "answered", "expired", "withheld", "failed")
_I, _W = core(Invitation).c, core(Wave).c


def listed(
    session: Session,
    organisation_id: int,
    *,
    now: datetime,
    limit: int,
    after: UUID | None = None,
    **filters: str | None,
) -> list[dict[str, Any]]:
    """At most `limit` invitations by id, from behind the id `after`.

    `filters` may hold survey, wave, contact (its ref) and state; null ones do not count. Raises Malformed naming the
    one that names nothing. A link that was withdrawn,
    or whose wave closed before its time, is expired for that reason. Of an anonymous wave it does not show who
    has answered, nor what would give it away: whether and how often somebody is reminded.
    """
    for name in ("survey", "wave", "contact"):
        _check_there(session, organisation_id, name, filters.get(name))
    cell, contact = core(Cell).c, core(Contact).c
    columns = {
        "id": _I.id, "survey": _I.survey_key, "wave": _I.wave_key, "touchpoint": cell.touchpoint_key,
        "contact": contact.ref, "deliver": _I.deliver, "state": state(now), "reason": _reason(now),
        "created_at": _I.created_at, "send_at": _linked(_I.send_at), "sent_at": _I.sent_at,
        "reminders_sent": _linked(_I.reminders_sent),
        "answered_at": _I.answered_at, "expires_at": _I.expires_at,
    }  # fmt: skip
    wanted = (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .select_from(core(Invitation))
        .join(core(Cell), (cell.organisation_id == _I.organisation_id) & (cell.id == _I.cell_id))
        .outerjoin(core(Contact), (contact.organisation_id == _I.organisation_id) & (contact.id == _I.contact_id))
        .outerjoin(core(Wave), (_W.organisation_id == _I.organisation_id) & (_W.key == _I.wave_key))
        .where(_I.organisation_id == organisation_id)
    )
    for name, value in filters.items():
        if value is not None:
            wanted = wanted.where(columns[name] == value)
    if after is not None:
        wanted = wanted.where(_I.id > after)
    return [dict(row) for row in session.execute(wanted.order_by(_I.id).limit(limit)).mappings()]


def _check_there(session: Session, organisation_id: int, name: str, key: str | None) -> None:
    column = {"survey": core(Survey).c.key, "wave": core(Wave).c.key, "contact": core(Contact).c.ref}[name]
    named = sa.select(column).where(column.table.c.organisation_id == organisation_id, column == key)
    if key is not None and session.execute(named.limit(1)).first() is None:
        raise Malformed(name, f"there is no {name} '{key[:320]}'.")


def _linked(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column on confidential surveys; null in an anonymous wave."""
    return sa.case((~Wave.anonymous, column), else_=sa.null())


def state(now: datetime) -> sa.ColumnElement[str]:
    """SQL for the state; a link the organisation hands over itself counts as sent.

    In an anonymous wave a reminder that failed does not count: only those who have not answered get one.
    """
    rules = {
        "withheld": validity.WITHHELD,
        "answered": validity.ANSWERED,
        "failed": validity.FAILED & ~(validity.ANONYMOUS & validity.SENT),
        "expired": validity.LAPSED,
        "sent": validity.SENT | validity.HANDED_OUT,
    }
    return sa.case(*((rule.sql(now), state_) for state_, rule in rules.items()), else_="waiting")


def _reason(now: datetime) -> sa.ColumnElement[str | None]:
    known = state(now)
    return sa.case(
        (known == "withheld", _I.withheld_reason),
        (known.in_(("failed", "waiting")), _I.failure),
        ((known == "expired") & validity.REVOKED.sql(now), "withdrawn"),
        ((known == "expired") & validity.WAVE_CLOSED.sql(now), "wave_closed"),
        else_=sa.null(),
    )


def withdraw(session: Session, organisation_id: int, id_: UUID, now: datetime) -> None:
    """Revoke a link: it takes no answer, no mail goes out. Doing it again changes nothing. Raises Unknown."""
    invitation = session.get(Invitation, (organisation_id, id_), with_for_update=True)
    if invitation is None:
        raise Unknown("invitation", id_)
    invitation.withdrawn_at = invitation.withdrawn_at or now
    invitation.send_at = None
    session.flush()
