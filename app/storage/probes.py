"""Probes: whether the database takes a write, tried without leaving anything behind."""

import sqlite3
from typing import Any

import sqlalchemy as sa

PATIENCE_MS = 500


class OnlyReads(Exception):
    """Somebody made the database read-only, as providers do where its disk is full."""


def write(engine: sa.Engine) -> None:
    """Commit something that reaches the disk and makes nothing larger. Raises what the database raises.

    Where another one writes at the moment, writing works.
    """
    try:
        if engine.dialect.name == "sqlite":
            _sqlite(engine)
        else:
            _postgresql(engine)
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
            raise


def _sqlite(engine: sa.Engine) -> None:
    """The page of the file's header, to the log and through it: an UPDATE that changes nothing would write nothing."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")  # before the transaction begins, which may wait
        kept = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version={kept:d}")
        connection.commit()


def _postgresql(engine: sa.Engine) -> None:
    """A record in the write-ahead log, which waits for the disk; it needs no table and no right."""
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = '5s'")
        if connection.exec_driver_sql("SHOW transaction_read_only").scalar_one() == "on":
            raise OnlyReads
        connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'soundings', '')")
