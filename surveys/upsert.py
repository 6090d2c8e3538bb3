"""Inserts that meet rows already there, in the words both databases share."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from surveys.tables.columns import core

Rows = Sequence[dict[str, Any]]


def insert_missing(session: Session, table: type[SQLModel], rows: Rows) -> None:
    """Insert `rows`, leaving those whose primary key exists as they are."""
    if rows:
        session.execute(_insert(session, table).on_conflict_do_nothing(), list(rows))


def add_counts(session: Session, table: type[SQLModel], rows: Rows, counts: Sequence[str]) -> None:
    """Add the `counts` columns of `rows` to those stored, making rows that are missing.

    Rows are written in the order of their key, so that processes wait for each other and never in a circle.
    """
    if not rows:
        return
    keys = [c.name for c in sa.inspect(table).primary_key]
    statement = _insert(session, table)
    stored = statement.table.c
    statement = statement.on_conflict_do_update(
        index_elements=keys, set_={name: stored[name] + statement.excluded[name] for name in counts}
    )
    session.execute(statement, sorted(rows, key=lambda row: tuple(row[k] for k in keys)))


def _insert(session: Session, table: type[SQLModel]) -> Any:
    dialect = session.get_bind().dialect.name
    return sqlite.insert(core(table)) if dialect == "sqlite" else postgresql.insert(core(table))
