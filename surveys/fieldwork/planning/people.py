"""People whom a wave that is planned would ask, as things stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from surveys.fieldwork import selection
from surveys.fieldwork.withholding import Asking
from surveys.tables import Contact, Survey, Wave
from surveys.tables.columns import core

_CONTACT = core(Contact).c
FURTHER = (_CONTACT.created_at, sa.func.coalesce(_CONTACT.first_ref, _CONTACT.ref).label("first_ref"))


@dataclass(frozen=True, slots=True)
class Plan:
    """A wave that is planned, with its survey, and when it opens: in the future, or now."""

    wave: Wave
    survey: Survey
    opens_at: datetime


def plan(wave: Wave, survey: Survey, now: datetime) -> Plan:
    """The plan of a wave that has not opened."""
    return Plan(wave, survey, max(wave.opens_at, now))


def chosen(session: Session, planned: Plan) -> Iterator[sa.Row[Any]]:
    """Those chosen, before any sample is drawn: `created_at`, `first_ref` and `reason`, why they will not be asked."""
    wave = planned.wave
    asking = Asking(planned.survey, wave.touchpoint_key, wave.key, "email", planned.opens_at)
    choice = selection.choose(wave.contacts)
    pages = selection.pages(session, wave.organisation_id, choice, asking, strict=False, further=FURTHER)
    return (row for page in pages for row in page)
