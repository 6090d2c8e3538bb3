"""Many rows in one statement, in the words both databases share: they travel as one JSON parameter.

One statement a batch instead of one a row: the thread that writes hands the interpreter back once, not
once a row, and PostgreSQL is asked once. See docs/decisions/0002-group-commit.md for what it gains.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from surveys.tables.columns import UtcDateTime, core

Rows = Sequence[dict[str, Any]]


def dialect(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


@contextmanager
def unasked(session: Session) -> Iterator[None]:
    """Let statements whose result nobody looks at travel without waiting for each other's answer.

    PostgreSQL's pipeline mode; what goes wrong is raised when the block ends. SQLite has nothing to wait for.
    """
    if dialect(session) == "sqlite":
        yield
        return
    driver: Any = session.connection().connection.driver_connection
    with driver.pipeline():
        yield


def insert(session: Session, table: type[SQLModel], rows: Rows) -> None:
    """Insert `rows`, which all have the same columns. Raises IntegrityError where a key exists."""
    if rows:
        _execute(session, _insert(dialect(session), core(table), tuple(rows[0])), table, rows)


def insert_missing(session: Session, table: type[SQLModel], rows: Rows) -> None:
    """Insert `rows`, leaving those whose primary key exists as they are."""
    if rows:
        _execute(session, _insert_missing(dialect(session), core(table), tuple(rows[0])), table, rows)


def insert_if_new(session: Session, table: type[SQLModel], row: dict[str, Any]) -> bool:
    """Insert a row unless its key is there, and say whether it was new.

    Where another transaction is inserting the same key, wait for how that one ends.
    """
    session.flush()
    write = sqlite.insert if dialect(session) == "sqlite" else postgresql.insert
    statement = write(core(table)).values(row).on_conflict_do_nothing().returning(*core(table).primary_key)
    return session.connection().execute(statement).first() is not None


def insert_new(session: Session, table: type[SQLModel], rows: Rows, key: str) -> Sequence[Any]:
    """Insert `rows`, leaving those whose primary key exists as they are; the column `key` of those that were new.

    Give them in the order of their key. Where another transaction is inserting one, wait for how that one ends.
    """
    if not rows:
        return ()
    made = _execute(session, _insert_new(dialect(session), core(table), tuple(rows[0]), key), table, rows)
    return made.all()  # type: ignore[no-any-return]


def add_counts(session: Session, table: type[SQLModel], rows: Rows, counts: Sequence[str]) -> None:
    """Add the `counts` columns of `rows` to those stored, making rows that are missing.

    Give the rows in the order of their key, so that processes wait for each other and never in a circle.
    """
    if rows:
        _execute(session, _add_counts(dialect(session), core(table), tuple(rows[0]), tuple(counts)), table, rows)


def among(dialect: str, column: Any, parameter: str) -> sa.ColumnElement[bool]:
    """The condition that a UUID column is one of those that `ids` gives as `parameter`."""
    if dialect == "sqlite":
        listed = sa.func.json_each(sa.bindparam(parameter, type_=sa.Text)).table_valued("value")
        return sa.type_coerce(column, sa.Text).in_(sa.select(listed.c.value))
    array = sa.cast(sa.bindparam(parameter, type_=postgresql.ARRAY(sa.Text)), postgresql.ARRAY(sa.Uuid))
    return column == sa.func.any(array)  # type: ignore[no-any-return]


def ids(dialect: str, values: Iterable[UUID]) -> str | list[str]:
    """The parameter that `among` reads."""
    listed = sorted(value.hex for value in values)
    return to_json(listed).decode() if dialect == "sqlite" else listed


@lru_cache(maxsize=64)
def _insert(dialect: str, table: sa.Table, columns: tuple[str, ...]) -> Any:
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return statement.from_select(list(columns), _source(dialect, table, columns), include_defaults=False)


@lru_cache(maxsize=64)
def _insert_missing(dialect: str, table: sa.Table, columns: tuple[str, ...]) -> Any:
    return _insert(dialect, table, columns).on_conflict_do_nothing()


@lru_cache(maxsize=64)
def _insert_new(dialect: str, table: sa.Table, columns: tuple[str, ...], key: str) -> Any:
    return _insert_missing(dialect, table, columns).returning(table.c[key])


@lru_cache(maxsize=64)
def _add_counts(dialect: str, table: sa.Table, columns: tuple[str, ...], counts: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table, columns)
    return statement.on_conflict_do_update(
        index_elements=[c.name for c in table.primary_key],
        set_={name: table.c[name] + statement.excluded[name] for name in counts},
    )


def _source(dialect: str, table: sa.Table, columns: tuple[str, ...]) -> sa.Select[Any]:
    """A SELECT over a JSON array of arrays, typed as the table's columns are."""
    rows = sa.bindparam("rows", type_=sa.Text)
    if dialect == "sqlite":
        each = sa.func.json_each(rows).table_valued("value")
        values: list[Any] = [each.c.value.op("->>")(sa.literal_column(str(n))) for n in range(len(columns))]
    else:
        each = sa.func.jsonb_array_elements(sa.cast(rows, postgresql.JSONB)).table_valued("value")
        typed = zip((table.c[name] for name in columns), range(len(columns)), strict=True)
        values = [sa.cast(each.c.value.op("->>")(sa.literal_column(str(n))), _type(column)) for column, n in typed]
    # SQLite takes "ON" for a join's unless a WHERE stands before it.
    return sa.select(*values).select_from(each).where(sa.literal_column("1") == sa.literal_column("1"))


def _type(column: sa.Column[Any]) -> Any:
    return sa.DateTime(timezone=True) if isinstance(column.type, UtcDateTime) else column.type


def _execute(session: Session, statement: Any, table: type[SQLModel], rows: Rows) -> Any:
    session.flush()
    encoded = _encode(session, table, rows)
    connection = session.connection()
    if dialect(session) == "sqlite":
        return connection.exec_driver_sql(_text(connection.dialect, statement), (encoded,))
    return connection.exec_driver_sql(_text(connection.dialect, statement), {"rows": encoded})


@lru_cache(maxsize=64)
def _text(dialect: sa.Dialect, statement: Any) -> str:
    """A statement as the driver takes it: put into words once, not once a batch."""
    return str(statement.compile(dialect=dialect))


def _encode(session: Session, table: type[SQLModel], rows: Rows) -> str:
    forms = _forms(dialect(session), core(table), tuple(rows[0]))
    encoded = []
    for row in rows:
        values = list(row.values())
        for n, form in forms:
            if values[n] is not None:
                values[n] = form(values[n])
        encoded.append(values)
    return to_json(encoded).decode()


@lru_cache(maxsize=64)
def _forms(dialect: str, table: sa.Table, columns: tuple[str, ...]) -> list[tuple[int, Callable[[Any], str]]]:
    """Which columns are kept in another form than JSON gives them, and how to bring them into it."""
    kept: dict[type, Callable[[Any], str]] = {
        sa.Uuid: lambda value: value if isinstance(value, str) else value.hex,
        sa.Date: date.isoformat,
        UtcDateTime: _sqlite_instant if dialect == "sqlite" else datetime.isoformat,
        sa.JSON: lambda value: to_json(value).decode(),
    }
    forms = ((n, kept.get(type(table.c[name].type))) for n, name in enumerate(columns))
    return [(n, form) for n, form in forms if form is not None]


@lru_cache(maxsize=256)
def _sqlite_instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
