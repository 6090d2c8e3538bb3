"""Initiatives: what the organisation does to improve, for whom, and from when."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from culture.tables import Initiative
from surveys import keys
from surveys.facts import Malformed, Unknown
from surveys.names import check_name
from surveys.organisation import units


def put(session: Session, organisation_id: int, key: str, **columns: Any) -> tuple[Initiative, bool]:
    """Make or change an initiative; the flag says whether it is new. Raises Malformed naming the field.

    `columns` are name, kind, scope, comparison (filters as a query parsed them), starts_on and ends_on.
    """
    check_name("name", columns["name"])
    if columns["ends_on"] is not None and columns["ends_on"] < columns["starts_on"]:
        raise Malformed("ends_on", f"{columns['ends_on']} is before 'starts_on', {columns['starts_on']}.")
    if columns["comparison"] == columns["scope"]:
        raise Malformed("comparison", "it is the scope itself; choose answers that the initiative does not touch.")
    return keys.put(session, Initiative, organisation_id, key, columns)


def get(session: Session, organisation_id: int, key: str, within: str | None = None) -> Initiative:
    """The initiative with this key. Raises Unknown, also where it is of units outside a manager's own, `within`."""
    initiative = session.get(Initiative, (organisation_id, key))
    if initiative is None or not _inside(initiative, _own(session, organisation_id, within)):
        raise Unknown("initiative", key)
    return initiative


def listed(
    session: Session, organisation_id: int, *, after: str | None, limit: int, within: str | None = None
) -> list[Initiative]:
    """At most `limit` initiatives behind the key `after`, by key; for a manager those `get` would give."""
    rows = sa.select(Initiative).where(col(Initiative.organisation_id) == organisation_id)
    if after is not None:
        rows = rows.where(col(Initiative.key) > after)
    own = _own(session, organisation_id, within)
    rows = rows.order_by(col(Initiative.key))
    stored = session.execute(rows.limit(limit) if own is None else rows).scalars()
    return [initiative for initiative in stored if _inside(initiative, own)][:limit]


def _own(session: Session, organisation_id: int, within: str | None) -> set[str] | None:
    return None if within is None else units.below(session, organisation_id, [within])


def _inside(initiative: Initiative, own: set[str] | None) -> bool:
    """Whether an initiative is for all units, or for some of one's own only."""
    return own is None or own.issuperset(initiative.scope.get("unit", ()))


def between(session: Session, organisation_id: int, first: date, last: date) -> list[Initiative]:
    """The initiatives whose first or last day lies between two days, by key.

    One that went on all the time is not among them: it cannot make a difference between those days.
    """
    start, end = col(Initiative.starts_on), col(Initiative.ends_on)
    rows = sa.select(Initiative).where(
        col(Initiative.organisation_id) == organisation_id, start.between(first, last) | end.between(first, last)
    )
    return list(session.execute(rows.order_by(col(Initiative.key))).scalars())
