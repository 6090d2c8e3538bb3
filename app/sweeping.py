"""Sweeping: after an anonymous wave has closed, nothing of its urn is left in free pages, dead rows or the log."""

import sqlite3
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from app.database import Database
from surveys import waves

LOCK_TIMEOUT = "5s"

log = structlog.get_logger()


def sweep(database: Database, now: datetime) -> int:
    """Rewrite the storage where waves closed since the last time, and give how many; safe to call at any time.

    It cannot run inside a transaction, so it comes after closing, and again until it is done. Where others are in
    the way, nothing is noted, and the next call tries again.
    """
    with database.reading() as session:
        closed = waves.unswept(session)
    if not closed:
        return 0
    try:
        done = _rewrite(database)
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        log.warning("storage not rewritten yet", error=type(error).__name__)
        return 0
    if not done:
        return 0
    with database.writing() as session:
        waves.note_swept(session, closed, now)
    return len(closed)


def _rewrite(database: Database) -> bool:
    if database.dialect == "sqlite":
        return _sqlite(database)
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return _postgresql(connection)


def _postgresql(connection: sa.Connection) -> bool:
    """A new file for the urn: plain VACUUM leaves the bytes of dead rows, and their transactions, on the pages."""
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        connection.exec_driver_sql("VACUUM (FULL) ballot")
    finally:
        connection.exec_driver_sql("RESET lock_timeout")
    return True


def _sqlite(database: Database) -> bool:
    """The whole file anew, then the write-ahead log cut to nothing; `secure_delete` has zeroed deleted rows before."""
    pooled: Any = database.writer.raw_connection()
    try:
        pooled.execute("VACUUM")
        busy, *_ = pooled.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        pooled.close()
    return not busy
