"""Units: teams and departments in a tree."""

from collections import defaultdict

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.facts import Malformed, Unknown
from surveys.keys import check_key
from surveys.tables import Unit


def put(session: Session, organisation_id: int, key: str, *, name: str, parent: str | None) -> tuple[Unit, bool]:
    """Make or change a unit; the flag says whether it is new. Raises Malformed where the tree would loop."""
    check_key("key", key)
    if parent is not None:
        if session.get(Unit, (organisation_id, parent)) is None:
            raise Malformed("parent", f"there is no unit '{parent}'.")
        if parent in below(session, organisation_id, [key]) | {key}:
            raise Malformed("parent", f"'{parent}' is '{key}' itself or lies below it.")
    unit = session.get(Unit, (organisation_id, key))
    made = unit is None
    if unit is None:
        unit = Unit(organisation_id=organisation_id, key=key, name=name, parent_key=parent)
        session.add(unit)
    unit.name, unit.parent_key = name, parent
    session.flush()
    return unit, made


def get(session: Session, organisation_id: int, key: str) -> Unit:
    """The unit with this key. Raises Unknown."""
    unit = session.get(Unit, (organisation_id, key))
    if unit is None:
        raise Unknown("unit", key)
    return unit


def parents(session: Session, organisation_id: int) -> dict[str, str | None]:
    """The tree: each unit, with the one above it or None."""
    rows = session.execute(
        sa.select(col(Unit.key), col(Unit.parent_key)).where(col(Unit.organisation_id) == organisation_id)
    )
    return {row.key: row.parent_key for row in rows}


def below(session: Session, organisation_id: int, keys: list[str]) -> set[str]:
    """Those of the units that exist, and all that lie below them."""
    tree = parents(session, organisation_id)
    children = defaultdict(list)
    for key, parent in tree.items():
        children[parent].append(key)
    subtree: set[str] = set()
    waiting = [key for key in keys if key in tree]
    while waiting:
        key = waiting.pop()
        if key not in subtree:
            subtree.add(key)
            waiting.extend(children[key])
    return subtree
