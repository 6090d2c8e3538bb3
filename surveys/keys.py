"""Keys: the slugs people choose for units, touchpoints, surveys and waves, and how a row is made or changed by one."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from surveys.facts import Malformed
from surveys.tables import Survey, Touchpoint, Unit
from surveys.tables.bulk import insert_if_new

PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
Keyed = TypeVar("Keyed", bound=SQLModel)
Offered = TypeVar("Offered", Survey, Touchpoint, Unit)


def check_key(field: str, key: str) -> None:
    """Raise Malformed unless `key` is 1 to 64 lower-case letters, digits, dots, dashes or underscores."""
    if not PATTERN.fullmatch(key):
        raise Malformed(
            field,
            "a key is 1 to 64 lower-case letters, digits, '.', '-' or '_', and begins and ends with a letter or digit.",
        )


def check_offered(session: Session, organisation_id: int, table: type[Offered], field: str, key: str | None) -> None:
    """Raise Malformed, naming `field`, where a key is of nothing that is there, or of what is in the archive."""
    if key is None:
        return
    noun, row = table.__tablename__, session.get(table, (organisation_id, key))
    if row is None:
        raise Malformed(field, f"there is no {noun} '{key[:64]}'.")
    if row.archived_at is not None:
        raise Malformed(field, f"{noun} '{key}' is archived; put it again to use it.")


def make(
    session: Session, table: type[Keyed], organisation_id: int, key: str, columns: Mapping[str, Any]
) -> tuple[Keyed, bool]:
    """The row with this key, made with `columns` where there is none, and locked; the flag says whether it is new.

    Of several callers at once one makes it, the others get what it made. Answers do not wait for the lock: it lets
    foreign keys to the row through. Raises Malformed for what is no key.
    """
    check_key("key", key)
    row = table(organisation_id=organisation_id, key=key, **columns)
    made = insert_if_new(session, table, row.model_dump())
    key_share = {"key_share": True}
    stored = session.get_one(table, (organisation_id, key), with_for_update=key_share, populate_existing=True)
    return stored, made


def put(
    session: Session, table: type[Keyed], organisation_id: int, key: str, columns: Mapping[str, Any]
) -> tuple[Keyed, bool]:
    """Make the row with this key, or change it, so that it has `columns`; the flag says whether it is new."""
    row, made = make(session, table, organisation_id, key, columns)
    for name, value in columns.items():
        setattr(row, name, value)
    session.flush()
    return row, made
