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
    return _sqlite(database) if database.dialect == "sqlite" else _postgresql(database)


def _postgresql(database: Database) -> bool:
    """A new file for the urn, with what other waves have in it in the order of its random ids.

    VACUUM would keep the bytes of dead rows on the pages, and VACUUM FULL the rows themselves while anybody still
    reads from before; TRUNCATE drops the old file whoever reads. Nobody but closing reads the urn, and that waits.
    """
    with database.writing() as session:
        for statement in (
            f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'",
            "LOCK TABLE ballot IN ACCESS EXCLUSIVE MODE",
            "CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM ballot",
            "TRUNCATE ballot",
            "INSERT INTO ballot SELECT * FROM kept ORDER BY id",
        ):
            session.execute(sa.text(statement))
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
