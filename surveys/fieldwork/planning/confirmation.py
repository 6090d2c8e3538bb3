"""Confirmation: a second key that looks at whom an anonymous wave asks before it opens."""

import math
from datetime import datetime
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.facts import Refused
from surveys.fieldwork.planning import people
from surveys.organisation import organisations
from surveys.organisation.organisations import day_of
from surveys.tables import ApiKey, Survey, Wave
from surveys.tables.columns import core

FEWEST = 30
MAY_CONFIRM = ("owner", "analyst")


def needed(session: Session, wave: Wave, survey: Survey, now: datetime) -> bool:
    """Whether a second key has to confirm a wave that is planned.

    Where an anonymous wave asks people chosen by ref or attribute, or fewer than thirty; and where there is a key of an
    owner or analyst beside the one that planned it. What an administrator plans on the machine itself needs none.
    """
    if survey.mode != "anonymous" or wave.made_by is None or wave.confirmed_at is not None:
        return False
    picked = "refs" in wave.contacts or "attributes" in wave.contacts
    return (picked or _asks_few(session, wave, survey, now)) and _second_key(session, wave, now)


def confirm(session: Session, wave: Wave, by: UUID, now: datetime) -> None:
    """Let a wave open that waits for it. Raises Refused where this key planned it, or there is nothing to wait for."""
    if by == wave.made_by:
        raise Refused(
            f"This key planned the wave '{wave.key}' and cannot confirm it; another key of an owner or analyst has to."
        )
    if not wave.awaits_confirmation:
        raise Refused(f"The wave '{wave.key}' does not wait for a confirmation.")
    if wave.closes_at <= now:
        raise Refused(f"The time of the wave '{wave.key}' is over; plan another one.")
    wave.confirmed_by, wave.confirmed_at = by, now
    session.flush()


def late(session: Session, now: datetime) -> list[str]:
    """The keys of waves whose time to open has come, and which wait for a second key."""
    due = sa.select(core(Wave).c.key).where(Wave.awaits_confirmation, core(Wave).c.opens_at <= now)
    return sorted(session.execute(due).scalars())


def _asks_few(session: Session, wave: Wave, survey: Survey, now: datetime) -> bool:
    enough = math.ceil(FEWEST / (wave.sample or 1))
    asked = (row for row in people.chosen(session, people.plan(wave, survey, now)) if row.reason is None)
    return sum(1 for _ in islice(asked, enough)) < enough


def _second_key(session: Session, wave: Wave, now: datetime) -> bool:
    """Whether there is a key, that works today, of an owner or analyst, beside the one that planned the wave."""
    k, own = core(ApiKey).c, organisations.get(session, wave.organisation_id)
    works = (k.revoked_at.is_(None), k.expires_on.is_(None) | (k.expires_on >= day_of(now, own.time_zone)))
    others = sa.select(k.id).where(k.organisation_id == own.id, k.id != wave.made_by, k.role.in_(MAY_CONFIRM), *works)
    return session.execute(others.limit(1)).first() is not None
