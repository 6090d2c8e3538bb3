"""Units: teams and departments in a tree."""

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys import keys
from surveys.facts import Malformed, Unknown
from surveys.keys import check_key
from surveys.names import check_name
from surveys.organisation.organisations import take_turn
from surveys.tables import Unit


def put(session: Session, organisation_id: int, key: str, *, name: str, parent: str | None) -> tuple[Unit, bool]:
    """Make or change a unit, out of the archive too; the flag says whether it is new.

    Raises Malformed, as where the tree would loop.
    """
    check_key("key", key)
    check_name("name", name)
    if parent is not None:
        take_turn(session, organisation_id)  # two units put below each other at once would make a loop
        keys.check_offered(session, organisation_id, Unit, "parent", parent)
        if parent in below(session, organisation_id, [key]) | {key}:
            raise Malformed("parent", f"'{parent}' is '{key}' itself or lies below it.")
    return keys.put(session, Unit, organisation_id, key, {"name": name, "parent_key": parent, "archived_at": None})


def get(session: Session, organisation_id: int, key: str) -> Unit:
    """The unit with this key. Raises Unknown."""
    unit = session.get(Unit, (organisation_id, key))
    if unit is None:
        raise Unknown("unit", key)
    return unit


def known(session: Session, organisation_id: int, keys: Collection[str | None]) -> set[str]:
    """Those of the units that exist."""
    rows = sa.select(col(Unit.key)).where(
        col(Unit.organisation_id) == organisation_id, col(Unit.key).in_(sorted(filter(None, keys)))
    )
    return set(session.execute(rows).scalars())


def parents(session: Session, organisation_id: int) -> dict[str, str | None]:
    """The tree: each unit, with the one above it or None."""
    rows = session.execute(
        sa.select(col(Unit.key), col(Unit.parent_key)).where(col(Unit.organisation_id) == organisation_id)
    )
    return {row.key: row.parent_key for row in rows}


def below(session: Session, organisation_id: int, chosen: list[str]) -> set[str]:
    """Those of the units that exist, and all that lie below them."""
    tree = parents(session, organisation_id)
    children = defaultdict(list)
    for key, parent in tree.items():
        children[parent].append(key)
    subtree: set[str] = set()
    waiting = [key for key in chosen if key in tree]
    while waiting:
        key = waiting.pop()
        if key not in subtree:
            subtree.add(key)
            waiting.extend(children[key])
    return subtree
