"""Publications: the pages on which staff read what an anonymous wave released."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.facts import LinkUnknown, PublicationWithdrawn, Refused, Unknown
from surveys.fieldwork import waves
from surveys.links import Link
from surveys.organisation import units
from surveys.questionnaire import definitions
from surveys.tables import Cell, Publication, Tally, Wave
from surveys.tables.asking import of_wave
from surveys.tables.bulk import insert_missing
from surveys.tables.columns import core

_P = core(Publication).c


def publish(
    session: Session, organisation_id: int, wave: str, *, note: str, comments: bool, now: datetime
) -> tuple[Sequence[Publication], bool]:
    """Show the results of a wave to staff: a page of the whole organisation, and one of each unit that has figures.

    Pages that there are keep their links and get the new note; the flag says whether the wave was not published
    before. Raises Unknown, and Refused unless the wave is an anonymous one that was released.
    """
    asked = waves.get(session, organisation_id, wave)
    _check(session, asked)
    made = not _published(session, organisation_id, wave)
    shown = [None, *sorted(_with_figures(session, asked))]
    insert_missing(session, Publication, [_row(asked, unit, note, now) for unit in shown])
    session.execute(
        sa.update(core(Publication))
        .where(*_of(organisation_id, wave))
        .values(
            note=note,
            comments=comments,
            published_at=sa.case((_P.withdrawn_at.is_(None), _P.published_at), else_=now),
            withdrawn_at=None,
        )
    )
    return _published(session, organisation_id, wave), made


def listed(session: Session, organisation_id: int, wave: str) -> Sequence[Publication]:
    """The pages of a wave, that of the whole organisation first. Raises Unknown where none is published."""
    waves.get(session, organisation_id, wave)
    pages = _published(session, organisation_id, wave)
    if not pages:
        raise Unknown("publication of the wave", wave)
    return pages


def withdraw(session: Session, organisation_id: int, wave: str, now: datetime) -> None:
    """Show the results of a wave no longer; publishing again brings the same links back. Raises Unknown."""
    for page in listed(session, organisation_id, wave):
        page.withdrawn_at = now
    session.flush()


def find(session: Session, link: Link) -> Publication:
    """The page behind a link. Raises LinkUnknown, and PublicationWithdrawn."""
    page = session.get(Publication, (link.organisation_id, link.id))
    if page is None:
        raise LinkUnknown
    if page.withdrawn_at is not None:
        raise PublicationWithdrawn
    return page


def link_for(session: Session, organisation_id: int, wave: str, unit: str | None) -> Link | None:
    """The page nearest to a unit: its own, or else that of the unit above, up to the whole organisation.

    None where the wave is not published. The token is signed for the purpose `results`.
    """
    pages = {page.unit_key: page for page in _published(session, organisation_id, wave)}
    parents = units.parents(session, organisation_id)
    while unit is not None and unit not in pages:
        unit = parents.get(unit)
    return Link(organisation_id, pages[unit].id) if unit in pages else None


def _check(session: Session, wave: Wave) -> None:
    if definitions.get(session, wave.organisation_id, wave.survey_key).mode != "anonymous":
        raise Refused("Only the waves of anonymous surveys are published; those of others have no released results.")
    if wave.closed_at is None:
        raise Refused("This wave has not closed, and nothing of it is shown before.")
    if wave.forgotten_at is not None:
        raise Refused("An owner let this wave forget what was answered, so there is nothing to show.")
    if wave.counted_on is None:
        raise Refused("Nothing of this wave was released: too few answered, or too few others than in an earlier one.")


def _with_figures(session: Session, wave: Wave) -> set[str]:
    """The units that have answers counted under their name or below it."""
    c, t = core(Cell).c, core(Tally).c
    rows = session.execute(
        sa.select(c.unit_key)
        .join_from(core(Cell), core(Tally), (t.organisation_id == c.organisation_id) & (t.cell_id == c.id))
        .where(*of_wave(c, wave), c.unit_key.is_not(None))
        .distinct()
    )
    parents = units.parents(session, wave.organisation_id)
    shown: set[str] = set()
    for unit in rows.scalars():
        above: str | None = unit
        while above is not None and above not in shown:
            shown.add(above)
            above = parents.get(above)
    return shown


def _row(wave: Wave, unit: str | None, note: str, now: datetime) -> dict[str, Any]:
    return {
        "organisation_id": wave.organisation_id,
        "id": UUID(bytes=os.urandom(16)),
        "wave_key": wave.key,
        "unit_key": unit,
        "note": note,
        "comments": False,
        "published_at": now,
    }


def _published(session: Session, organisation_id: int, wave: str) -> Sequence[Publication]:
    rows = sa.select(Publication).where(*_of(organisation_id, wave), _P.withdrawn_at.is_(None))
    pages = session.execute(rows.order_by(col(Publication.unit_key)), execution_options={"populate_existing": True})
    return sorted(pages.scalars(), key=lambda page: (page.unit_key is not None, page.unit_key or ""))


def _of(organisation_id: int, wave: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _P.organisation_id == organisation_id, _P.wave_key == wave
