"""The roll of an anonymous wave: the people it asks, who of them is known, and what was done to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity.seals import Seal
from surveys.tables import Contact, Invitation, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

JUST_ADDED = timedelta(days=1)
PAGE = 2_000
Named = TypeVar("Named")

_I, _W, _CONTACT = (core(table).c for table in (Invitation, Wave, Contact))


@dataclass(frozen=True, slots=True)
class Roll:
    """How many a wave asked; of these how many were known as it opened, had been added within a day, are erased now."""

    asked: int
    known: int
    added: int
    erased: int


def freeze(session: Session, wave: Wave, seal: Seal) -> None:
    """Note, as a wave opens, whom of those it asks are known, and how many.

    Known is who was made a contact `known_days` before or earlier, or had been asked by then in another anonymous wave,
    erased and imported again since. People asked more lately are not: asking somebody made up makes nobody known.
    """
    assert wave.invited_at is not None  # noqa: S101 - the caller opens it
    assert wave.known_days is not None  # noqa: S101 - set when the wave opened
    since = wave.invited_at - timedelta(days=wave.known_days)
    asked = (*of_wave(_I, wave), _I.withheld_reason.is_(None))
    known = sa.update(core(Invitation)).values(known=True)
    session.execute(known.where(*asked, _made(_CONTACT.created_at <= since)))
    again = _again(session, wave, seal, since)
    for start in range(0, len(again), PAGE):
        session.execute(known.where(*asked, _I.id.in_(again[start : start + PAGE])))
    added = _made(_CONTACT.created_at > wave.invited_at - JUST_ADDED)
    counts = sa.select(sa.func.count(), sa.func.count().filter(_I.known), sa.func.count().filter(added))
    wave.asked_count, wave.known_count, wave.added_count = session.execute(counts.where(*asked)).one()
    session.flush()


def of(session: Session, wave: Wave) -> Roll | None:
    """The roll of a wave; None before it opens, of confidential surveys, and of waves from before there were rolls."""
    return of_all(session, [wave]).get((wave.organisation_id, wave.key))


def of_all(session: Session, waves: Sequence[Wave]) -> Mapping[tuple[int, str], Roll]:
    """The rolls of those of the waves that have one, by organisation and key."""
    rolls = {(wave.organisation_id, wave.key): wave for wave in waves if wave.asked_count is not None}
    erased = (
        sa.select(_I.organisation_id, _I.wave_key, sa.func.count())
        .where(sa.tuple_(_I.organisation_id, _I.wave_key).in_(sorted(rolls)))
        .where(_I.contact_id.is_(None), _I.withheld_reason.is_(None))
        .group_by(_I.organisation_id, _I.wave_key)
    )
    gone = {(row[0], row[1]): row[2] for row in session.execute(erased)} if rolls else {}
    return {
        key: Roll(wave.asked_count or 0, wave.known_count or 0, wave.added_count or 0, gone.get(key, 0))
        for key, wave in rolls.items()
    }


def behind(session: Session, organisation_id: int, invitation_id: UUID) -> Roll | None:
    """The roll of the wave that asks somebody; None where there is none."""
    invitation = session.get(Invitation, (organisation_id, invitation_id))
    if invitation is None or invitation.wave_key is None:
        return None
    return of(session, session.get_one(Wave, (organisation_id, invitation.wave_key)))


def known_refs(
    session: Session, organisation_id: int, refs: Mapping[Named, str], seal: Seal, since: datetime
) -> list[Named]:
    """Of what `refs` names, that of people who were asked anonymously by then, and erased since."""
    waves = sa.select(_W.key).where(_W.organisation_id == organisation_id, Wave.anonymous, _W.invited_at <= since)
    rows = sa.select(_I.former_id).where(
        _I.organisation_id == organisation_id, _I.former_id.is_not(None), _I.wave_key.in_(waves)
    )
    formers = set(session.execute(rows).scalars())
    return [name for name, ref in refs.items() if seal.former(ref) in formers] if formers else []


def _again(session: Session, wave: Wave, seal: Seal, since: datetime) -> list[UUID]:
    """The invitations of those who had been asked by then, and were erased and imported again."""
    ref = sa.func.coalesce(_CONTACT.first_ref, _CONTACT.ref)
    late = sa.select(_I.id, ref).where(*of_wave(_I, wave), _I.withheld_reason.is_(None), ~_I.known)
    same = (_CONTACT.organisation_id == _I.organisation_id) & (_CONTACT.id == _I.contact_id)
    refs = {row[0]: row[1] for row in session.execute(late.join_from(core(Invitation), core(Contact), same))}
    return known_refs(session, wave.organisation_id, refs, seal, since)


def _made(when: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether the contact of an invitation was made then."""
    same = (_CONTACT.organisation_id == _I.organisation_id, _CONTACT.id == _I.contact_id)
    return sa.select(_CONTACT.id).where(*same, when).correlate(core(Invitation)).exists()
