"""The archive: surveys, touchpoints and units that are no longer offered or asked, and still reported."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from surveys.facts import Refused
from surveys.fieldwork import validity
from surveys.organisation import organisations, touchpoints, units
from surveys.questionnaire import definitions
from surveys.tables import Cell, Invitation, OpenPage, Survey, Touchpoint, Unit, Wave
from surveys.tables.columns import core

_I, _CELL, _W, _PAGE, _UNIT, _TOUCHPOINT = (
    core(table).c for table in (Invitation, Cell, Wave, OpenPage, Unit, Touchpoint)
)


def archive_survey(session: Session, organisation_id: int, key: str, now: datetime) -> None:
    """Ask a survey no more; doing it again changes nothing.

    Raises Unknown, and Refused while a wave, an invitation or a page of it is open, or a touchpoint sends it.
    """
    organisations.take_turn(session, organisation_id)  # nobody is being asked meanwhile
    survey = definitions.get(session, organisation_id, key)
    _check_waves(session, organisation_id, _W.survey_key == key)
    _check_invitations(session, organisation_id, _I.survey_key == key, now)
    _check_pages(session, organisation_id, _PAGE.survey_key == key)
    _check_offered(session, organisation_id, Touchpoint, _TOUCHPOINT.survey_key == key, "sends this survey")
    _archive(session, survey, now)


def archive_touchpoint(session: Session, organisation_id: int, key: str, now: datetime) -> None:
    """Ask about a touchpoint no more; doing it again changes nothing.

    Raises Unknown, and Refused while a wave, an invitation or a page about it is open.
    """
    organisations.take_turn(session, organisation_id)
    touchpoint = touchpoints.get(session, organisation_id, key)
    _check_waves(session, organisation_id, _W.touchpoint_key == key)
    _check_invitations(session, organisation_id, _CELL.touchpoint_key == key, now)
    _check_pages(session, organisation_id, _PAGE.touchpoint_key == key)
    _archive(session, touchpoint, now)


def archive_unit(session: Session, organisation_id: int, key: str, now: datetime) -> None:
    """Offer a unit no more; doing it again changes nothing.

    Raises Unknown, and Refused while an invitation or a page counts for it, a wave asks it, or units lie below it or
    touchpoints belong to it that are in use.
    """
    organisations.take_turn(session, organisation_id)
    unit = units.get(session, organisation_id, key)
    _check_waves(session, organisation_id, _W.contacts["unit"].as_string() == key)
    _check_invitations(session, organisation_id, _CELL.unit_key == key, now)
    _check_pages(session, organisation_id, _PAGE.unit_key == key)
    _check_offered(session, organisation_id, Unit, _UNIT.parent_key == key, "lies below this one")
    _check_offered(session, organisation_id, Touchpoint, _TOUCHPOINT.unit_key == key, "belongs to this unit")
    _archive(session, unit, now)


def _archive(session: Session, row: Survey | Touchpoint | Unit, now: datetime) -> None:
    row.archived_at = row.archived_at or now
    session.flush()


def _check_waves(session: Session, organisation_id: int, own: sa.ColumnElement[bool]) -> None:
    waves = sa.select(_W.key).where(_W.organisation_id == organisation_id, own, _W.closed_at.is_(None))
    if (key := _first(session, waves.order_by(_W.key))) is not None:
        raise Refused(f"The wave '{key}' has not closed; close it first.")


def _check_invitations(session: Session, organisation_id: int, own: sa.ColumnElement[bool], now: datetime) -> None:
    open_ = (
        sa.select(_I.id)
        .join(core(Cell), (_CELL.organisation_id == _I.organisation_id) & (_CELL.id == _I.cell_id))
        .outerjoin(core(Wave), (_W.organisation_id == _I.organisation_id) & (_W.key == _I.wave_key))
        .where(_I.organisation_id == organisation_id, own, (validity.OPEN & ~validity.WITHHELD).sql(now))
    )
    if _first(session, open_) is not None:
        raise Refused("There are open invitations; withdraw them, or wait until they are answered or have expired.")


def _check_pages(session: Session, organisation_id: int, own: sa.ColumnElement[bool]) -> None:
    pages = sa.select(_PAGE.touchpoint_key).where(
        _PAGE.organisation_id == organisation_id, own, _PAGE.withdrawn_at.is_(None)
    )
    if (key := _first(session, pages)) is not None:
        raise Refused(f"The touchpoint '{key}' has an open page; withdraw it first.")


def _check_offered(
    session: Session, organisation_id: int, table: type[Touchpoint | Unit], own: sa.ColumnElement[bool], how: str
) -> None:
    c = core(table).c
    offered = sa.select(c.key).where(c.organisation_id == organisation_id, own, c.archived_at.is_(None))
    if (key := _first(session, offered.order_by(c.key))) is not None:
        raise Refused(f"The {table.__tablename__} '{key}' {how}; change or archive it first.")


def _first(session: Session, rows: sa.Select[Any]) -> Any:
    return session.execute(rows.limit(1)).scalar()
