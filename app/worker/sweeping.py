"""Sweeping: after an anonymous wave has closed, nothing of its urn is left in free pages, dead rows or the log."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from app.edge.faults import described
from app.storage.database import Database
from app.worker import write_ahead
from surveys.anonymity import swept

SWEEPING_CACHE_KIB = 8 * 1024
PATIENCE_MS = 2_000  # whoever answers may have to wait as long; PostgreSQL calls its own vacuum off after one second

RELEASED = ("anonymous_score", "anonymous_comment", "wave_participant")

log = structlog.get_logger()


def sweep(database: Database, now: datetime) -> int:
    """Rewrite the storage where waves closed since the last time, and give how many; safe to call at any time.

    It comes after closing, in transactions of its own, and again until it is done. Where others are in the way,
    nothing is noted, and the next call tries again.
    """
    with database.reading() as session:
        closed = swept.unswept(session)
    if not closed:
        return 0
    try:
        done = _sqlite(database) if database.dialect == "sqlite" else _postgresql(database)
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        log.warning("storage not rewritten yet", **described(error))
        return 0
    if not done:
        log.debug("storage not swept yet", error="it is being read, or the log still holds what came before")
        return 0
    with database.writing() as session:
        swept.note_swept(session, closed, now)
    return len(closed)


def _postgresql(database: Database) -> bool:
    """The storage written anew once, and then the log written past all that stood in it, as soon as may be.

    Where the database's user may not do that, or something keeps old files of the log, traffic has to.
    """
    with database.reading() as session:
        fresh = swept.unrewritten(session)
    if fresh:
        _rewrite(database)
        with database.writing() as session:
            swept.note_rewritten(session, fresh, write_ahead.position(session.connection()))
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not write_ahead.hindrances(connection):
            write_ahead.rotate(connection)
            return True
    with database.reading() as session:
        positions = swept.log_positions(session)
        return all(write_ahead.is_past(session.connection(), position) for position in positions)


def _rewrite(database: Database) -> None:
    """New files for the urn and for what closing writes; old versions of rows away elsewhere.

    VACUUM leaves the bytes of dead rows on their pages, and VACUUM FULL every row that somebody's older snapshot could
    still see. So the ballots of other waves move to a new file, in the order of their ids. A closing that was cut
    short leaves rows of which nobody's snapshot sees any.
    """
    urn = (
        "LOCK TABLE ballot IN ACCESS EXCLUSIVE MODE",
        "CREATE TEMPORARY TABLE kept_ballot ON COMMIT DROP AS SELECT * FROM ballot",
        "TRUNCATE ballot",
        "INSERT INTO ballot SELECT * FROM kept_ballot ORDER BY id",
    )
    released = (f"CLUSTER {table} USING pk_{table}" for table in RELEASED)
    for statements in (urn, released):
        with database.writer.begin() as connection:
            # For the transaction only: behind a pooler a SET could stay with a connection of somebody else's.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            for statement in statements:
                connection.exec_driver_sql(statement)
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # For this one nobody has to wait.
        connection.exec_driver_sql("VACUUM invitation, tally, month_tally, turnout, month_turnout, baseline")


def _sqlite(database: Database) -> bool:
    """The whole file anew, then the write-ahead log cut to nothing; `secure_delete` has zeroed deleted rows before."""
    pooled: Any = database.writer.raw_connection()
    try:
        # VACUUM makes a copy first: on disk, where SQLite has its temporary files, for memory may not hold it.
        with _set(pooled, temp_store="FILE", cache_size=-SWEEPING_CACHE_KIB, busy_timeout=PATIENCE_MS):
            # Who reads an old state keeps the log from being cut. Then the file need not be written either.
            if not _cut_log(pooled):
                return False
            pooled.execute("VACUUM")
            return _cut_log(pooled)
    finally:
        pooled.close()


@contextmanager
def _set(pooled: Any, **pragmas: str | int) -> Iterator[None]:
    """Set pragmas for a while; whoever gets the connection next has it as it was."""
    before = {name: pooled.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas}
    try:
        for name, wanted in pragmas.items():
            pooled.execute(f"PRAGMA {name}={wanted}")
        yield
    finally:
        for name, former in before.items():
            pooled.execute(f"PRAGMA {name}={former}")
        pooled.execute("PRAGMA shrink_memory")


def _cut_log(pooled: Any) -> bool:
    busy, *_ = pooled.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
