"""Touchpoints: moments where someone meets the organisation, each with its promise."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys import keys
from surveys.facts import Malformed, Unknown
from surveys.names import check_name
from surveys.tables import Survey, Touchpoint, Unit


def put(session: Session, organisation_id: int, key: str, **columns: Any) -> tuple[Touchpoint, bool]:
    """Make or change a touchpoint; the flag says whether it is new. Raises Malformed for what is not there.

    `columns` are name, audience, promise, target_nps (points), unit_key, and what is sent after an interaction:
    survey_key and survey_delay_hours.
    """
    check_name("name", columns["name"])
    if columns["unit_key"] is not None and session.get(Unit, (organisation_id, columns["unit_key"])) is None:
        raise Malformed("unit", f"there is no unit '{columns['unit_key']}'.")
    survey = columns.get("survey_key")
    asked = session.get(Survey, (organisation_id, survey)) if survey is not None else None
    if survey is not None and asked is None:
        raise Malformed("survey", f"there is no survey '{survey}'.")
    if asked is not None and asked.mode == "anonymous":
        raise Malformed("survey", f"survey '{survey}' is anonymous, and those are asked in waves only.")
    if survey is None and columns.get("survey_delay_hours") is not None:
        raise Malformed("delay_hours", "there is no survey to send after this time; name it, or leave this out.")
    return keys.put(session, Touchpoint, organisation_id, key, columns)


def units_of(session: Session, organisation_id: int, keys: Collection[str | None]) -> dict[str | None, str | None]:
    """Those of the touchpoints that exist, each with its unit or None: answers that name no unit count in that one."""
    rows = sa.select(col(Touchpoint.key), col(Touchpoint.unit_key)).where(
        col(Touchpoint.organisation_id) == organisation_id, col(Touchpoint.key).in_(sorted(filter(None, keys)))
    )
    return {row.key: row.unit_key for row in session.execute(rows)}


def get(session: Session, organisation_id: int, key: str) -> Touchpoint:
    """The touchpoint with this key. Raises Unknown."""
    touchpoint = session.get(Touchpoint, (organisation_id, key))
    if touchpoint is None:
        raise Unknown("touchpoint", key)
    return touchpoint
