"""Staff for tests of anonymous surveys: people with units and attributes, waves, and answers through their links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.answering.answers import Outcome, Submission, answer
from surveys.fieldwork import waves
from surveys.tables import Contact, Invitation, Survey, Unit, Wave
from tests.conftest import SECRETS
from tests.factories import NOW, make_contact, make_survey

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Employee:
    """One person of the staff: a ref, a unit or None, and attributes."""

    ref: str
    unit: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def make_enps(session: Session, organisation_id: int, **facts: object) -> Survey:
    """An anonymous survey of staff, with no days of rest so that waves may follow each other."""
    given = {"audience": "staff", "mode": "anonymous", "name": "eNPS", "rest_days": 0} | facts
    return make_survey(session, organisation_id, str(given.pop("key", "enps")), **given)


LONG_AGO = NOW - timedelta(days=365)


def hire(session: Session, organisation_id: int, staff: Sequence[Employee], since: datetime = LONG_AGO) -> None:
    """Make or move contacts, so that they are what `staff` says, known since then; units must be there."""
    known = {
        c.ref: c
        for c in session.execute(sa.select(Contact).where(col(Contact.organisation_id) == organisation_id)).scalars()
    }
    for one in staff:
        if one.ref in known:
            known[one.ref].unit_key, known[one.ref].attributes = one.unit, dict(one.attributes)
        else:
            make_contact(
                session, organisation_id, one.ref, audience="staff", unit_key=one.unit,
                attributes=dict(one.attributes), created_at=since,
            )  # fmt: skip
    session.flush()


def make_units(session: Session, organisation_id: int, parents: Mapping[str, str | None]) -> None:
    """Make or move units; a parent is named before what is below it."""
    for key, parent in parents.items():
        unit = session.get(Unit, (organisation_id, key))
        if unit is None:
            session.add(Unit(organisation_id=organisation_id, key=key, name=key.title(), parent_key=parent))
        else:
            unit.parent_key = parent
        session.flush()


def open_wave(
    session: Session, survey: Survey, key: str, staff: Sequence[Employee], now: datetime = NOW, *, mailed: bool = True
) -> dict[str, Invitation]:
    """Open a wave for these people now; gives the invitation of each ref. `mailed` says their mails went out."""
    organisation_id = survey.organisation_id
    waves.create(
        session, organisation_id, survey.key, key, opens_at=now, closes_at=now + LASTS, now=now,
        contacts=[one.ref for one in staff],
    )  # fmt: skip
    waves.open_now(session, organisation_id, key, now, SECRETS)
    if mailed:
        asked = sa.update(Invitation).where(
            col(Invitation.organisation_id) == organisation_id, col(Invitation.wave_key) == key,
            col(Invitation.withheld_reason).is_(None),
        )  # fmt: skip
        session.execute(asked.values(sent_at=now))
    same = (col(Invitation.organisation_id) == col(Contact.organisation_id)) & (
        col(Invitation.contact_id) == col(Contact.id)
    )
    rows = session.execute(
        sa.select(col(Contact.ref), Invitation)
        .join(Invitation, same)
        .where(col(Invitation.organisation_id) == organisation_id, col(Invitation.wave_key) == key)
    )
    return {row[0]: row[1] for row in rows}


def backdate(session: Session, key: str = "w1", by: timedelta = timedelta(days=2)) -> None:
    """As if a wave had opened so long before, so that it may be closed."""
    (wave,) = session.execute(sa.select(Wave).where(col(Wave.key) == key)).scalars()
    assert wave.invited_at is not None
    wave.invited_at -= by
    session.flush()


def cast(
    session: Session, invitation: Invitation, score: int, comment: str | None = None, now: datetime = NOW
) -> Outcome:
    """Answer one invitation."""
    given = {} if comment is None else {"comment": comment}
    return answer(session, [Submission(invitation.organisation_id, invitation.id, score, given)], now, SECRETS)[0]


def hold_wave(
    session: Session,
    survey: Survey,
    key: str,
    staff: Sequence[Employee],
    scores: Mapping[str, int],
    *,
    now: datetime = NOW,
    comments: Mapping[str, str] | None = None,
) -> Wave:
    """A whole wave: opened for `staff`, answered with `scores` by ref, closed."""
    invitations = open_wave(session, survey, key, staff, now)
    for ref, score in scores.items():
        cast(session, invitations[ref], score, (comments or {}).get(ref), now)
    return waves.close(session, survey.organisation_id, key, now + LASTS, SECRETS)


def team(unit: str | None, count: int, start: int = 0, **attributes: str) -> list[Employee]:
    """So many people of one unit, numbered from `start`."""
    return [Employee(f"{unit or 'nobody'}-{n}", unit, attributes) for n in range(start, start + count)]
