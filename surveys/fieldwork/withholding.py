"""Withholding: what keeps a contact from being asked, and who is drawn in a sample."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

import sqlalchemy as sa

from surveys.fieldwork import validity
from surveys.tables import Cell, Contact, Invitation, Survey, Wave
from surveys.tables.columns import UtcDateTime, core


@dataclass(frozen=True, slots=True)
class Asking:
    """What decides about withholding: survey, touchpoint, wave, way of delivery, and the instant."""

    survey: Survey
    touchpoint: str | None
    wave: str | None
    deliver: str
    now: datetime


_I, _CONTACT, _CELL, _W = (core(table).c for table in (Invitation, Contact, Cell, Wave))
_OF_CONTACT = (_I.organisation_id == _CONTACT.organisation_id) & (_I.contact_id == _CONTACT.id)


def reason(asking: Asking) -> sa.ColumnElement[str | None]:
    """SQL for the first reason that holds: the person's wish, the address, then what was asked before; or null."""
    unreachable = validity.UNREACHABLE if asking.deliver == "email" else {"unsubscribed": validity.UNSUBSCRIBED}
    return sa.case(
        *((rule.sql(asking.now), word) for word, rule in unreachable.items()),
        (_already_invited(asking), "already_invited"),
        (_resting(asking), "resting"),
        else_=sa.null(),
    )


def _already_invited(asking: Asking) -> sa.ColumnElement[bool]:
    """In this wave already, or with an open question about the same survey and touchpoint."""
    touchpoint = (
        sa.select(_CELL.touchpoint_key)
        .where(_CELL.organisation_id == _I.organisation_id, _CELL.id == _I.cell_id)
        .scalar_subquery()
    )
    same = touchpoint.is_(None) if asking.touchpoint is None else touchpoint == asking.touchpoint
    earlier = validity.OPEN.sql(asking.now) & same
    if asking.wave is not None:
        earlier = earlier | (_I.wave_key == asking.wave)
    invited = (
        sa.select(_I.id)
        .outerjoin(core(Wave), (_W.organisation_id == _I.organisation_id) & (_W.key == _I.wave_key))
        .where(_OF_CONTACT, _I.survey_key == asking.survey.key, validity.REACHES.sql(asking.now), earlier)
    )
    return invited.correlate(core(Contact)).exists()


def _resting(asking: Asking) -> sa.ColumnElement[bool]:
    """Asked anything at all within the survey's days of rest, or about to be."""
    if asking.survey.rest_days == 0:
        return sa.false()
    since = sa.bindparam(None, asking.now - timedelta(days=asking.survey.rest_days), UtcDateTime())
    asked_at = sa.func.coalesce(_I.sent_at, _I.send_at, _I.created_at)
    return sa.exists().where(_OF_CONTACT, validity.REACHES.sql(asking.now), asked_at > since).correlate(core(Contact))


class Sample:
    """A share of those who could be asked, drawn at random page by page; every one has the same chance.

    The number drawn is share x contacts, rounded up or down at random so that the expectation is exact.
    """

    def __init__(self, share: float | None) -> None:
        self.share = share
        self._random = SystemRandom()
        self._owed = self._random.random()

    def draw(self, count: int) -> Collection[int]:
        """Which of the next `count` are asked, as positions."""
        if self.share is None:
            return range(count)
        self._owed += self.share * count
        quota = min(count, math.floor(self._owed))
        self._owed -= quota
        return set(self._random.sample(range(count), quota))
