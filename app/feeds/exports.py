"""Exports: any number of rows as CSV or Parquet in constant memory, straight from the database's cursor."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import chain
from time import monotonic
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.feeds import formulas, parquet
from app.feeds.downloads import Download
from app.feeds.formats import Format, csv_chunks
from app.feeds.places import Places
from app.feeds.rows import Column, Rows
from app.storage.database import Database

CHUNK_ROWS = 2_000
STEPS = 100_000  # of SQLite's machine between two looks at the time, about a millisecond's worth
CHUNK_BYTES = 256 * 1024
SLUGS = ("survey", "wave", "touchpoint", "unit")  # keys begin with a letter or a digit
DEFUSE = "soundings_defused"
PLAIN = "[0-9A-Za-z]*"


def export(
    database: Database,
    rows: Rows,
    format_: Format,
    *,
    places: Places,
    key_id: UUID,
    name: str,
    limit: int | None = None,
    after: tuple[Any, ...] | None = None,
) -> Download:
    """The rows as a download that holds its own connection, and lets go of it when the client goes away.

    Raises Problem where too many are running already.
    """
    with ExitStack() as opened:
        opened.callback(places.take(key_id))
        connection = opened.enter_context(database.exports.connect())
        limit_time(connection, places)
        source, chunks = _read(connection, rows, format_, limit, after)
        opened.callback(source.close)
        return Download(chunks, format_, name, places, opened.pop_all().close)


def _read(
    connection: sa.Connection, rows: Rows, format_: Format, limit: int | None, after: tuple[Any, ...] | None
) -> tuple[Any, Iterator[bytes]]:
    """What reads the rows, to be closed in the end, and the pieces of the file that it fills."""
    dialect = connection.dialect.name
    if format_ is Format.PARQUET:
        statement = rows.statement([c.source for c in rows.columns], limit, after)
        source: Any = _typed(connection, statement)
        return source, parquet.chunks({c.name: c.kind for c in rows.columns}, source)
    text = _on_postgresql if dialect == "postgresql" else _on_sqlite
    statement = rows.statement([text(c) for c in rows.columns], limit, after)
    source = (_copied if dialect == "postgresql" else _fetched)(connection, statement)
    return source, chain(csv_chunks([c.name for c in rows.columns], []), source)


def limit_time(connection: sa.Connection, places: Places) -> None:
    """Let the database itself end what takes too long, in its transaction or while nobody asks for the next row."""
    seconds = places.seconds + 1  # later than the download, which says why it ends
    if connection.dialect.name == "sqlite":
        until = monotonic() + seconds
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: monotonic() > until, STEPS)
        return
    # For the transaction only: behind a pooler a SET could stay with a connection of somebody else's.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000:.0f}")
    idle = 2 * places.stall_seconds  # nobody is left who would end it at half of that
    connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {idle * 1000:.0f}")


def _typed(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    options = {"stream_results": True, "yield_per": CHUNK_ROWS}
    with connection.execute(statement, execution_options=options) as rows:
        yield from rows


def _fetched(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[bytes]:
    """CSV from the cursor of SQLite, whose cells are text or numbers already."""
    driver: Any = connection.connection.driver_connection
    driver.create_function(DEFUSE, 1, formulas.defused, deterministic=True)
    with connection.execute(statement) as fetched:
        cursor: Any = fetched.cursor
        while rows := cursor.fetchmany(CHUNK_ROWS):
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\r\n").writerows(rows)
            yield text.getvalue().encode()


def _copied(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[bytes]:
    """CSV made by PostgreSQL itself; COPY gives one row at a time, ended by a line feed."""
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT csv)", compiled.params) as copy:
        lines: list[bytes] = []
        size = 0
        for line in copy:
            lines.append(bytes(line[:-1]))
            size += len(line)
            if size > CHUNK_BYTES:
                yield b"\r\n".join([*lines, b""])
                lines, size = [], 0
        yield b"\r\n".join([*lines, b""])


def _on_postgresql(column: Column) -> sa.ColumnElement[Any]:
    if column.kind is datetime:
        utc = sa.func.timezone("UTC", column.source)
        return sa.func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    if not _free(column):
        return sa.type_coerce(column.source, sa.Text)
    text = sa.type_coerce(column.source, sa.Text)
    return sa.func.regexp_replace(text, formulas.PATTERN, formulas.DEFUSED, "g")


def _on_sqlite(column: Column) -> sa.ColumnElement[Any]:
    source = sa.type_coerce(column.source, sa.Text)
    if column.kind is datetime:
        return sa.func.replace(source, " ", "T") + "Z"
    if column.kind is UUID:
        parts = [
            sa.func.substr(source, start, length) for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        ]
        return sa.func.printf("%s-%s-%s-%s-%s", *parts)
    if column.kind is float:  # as PostgreSQL writes it: 4 and not 4.0
        whole = sa.cast(source, sa.Integer)
        return sa.case((source == whole, whole), else_=source)
    if not _free(column):
        return source
    # Only what may hold a formula is worth a call from SQLite back into Python.
    suspect = sa.not_(source.bool_op("GLOB")(PLAIN)) | (sa.func.instr(source, "\n") + sa.func.instr(source, "\r") > 0)
    return sa.case((suspect, getattr(sa.func, DEFUSE)(source)), else_=source)


def _free(column: Column) -> bool:
    """Whether people choose the text of the column, so that it may hold a formula."""
    return column.kind is str and column.name not in SLUGS
