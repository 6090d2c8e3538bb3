"""Touchpoints: moments where someone meets the organisation, each with its promise."""

from typing import Any

from sqlmodel import Session

from surveys.facts import Malformed, Unknown
from surveys.keys import check_key
from surveys.tables import Touchpoint, Unit


def put(session: Session, organisation_id: int, key: str, **facts: Any) -> tuple[Touchpoint, bool]:
    """Make or change a touchpoint; the flag tells whether it is new. Raises Malformed for a unit that is not there.

    `facts` are name, audience, promise, target_nps (points) and unit_key.
    """
    check_key("key", key)
    if facts["unit_key"] is not None and session.get(Unit, (organisation_id, facts["unit_key"])) is None:
        raise Malformed("unit", f"there is no unit '{facts['unit_key']}'.")
    touchpoint = session.get(Touchpoint, (organisation_id, key))
    made = touchpoint is None
    if touchpoint is None:
        touchpoint = Touchpoint(organisation_id=organisation_id, key=key, **facts)
        session.add(touchpoint)
    for name, value in facts.items():
        setattr(touchpoint, name, value)
    session.flush()
    return touchpoint, made


def get(session: Session, organisation_id: int, key: str) -> Touchpoint:
    """The touchpoint with this key. Raises Unknown."""
    touchpoint = session.get(Touchpoint, (organisation_id, key))
    if touchpoint is None:
        raise Unknown("touchpoint", key)
    return touchpoint
