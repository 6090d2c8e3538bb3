"""Outages: the database does not take what it will take later. One line in the log begins each, and one ends it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from time import monotonic

import sqlalchemy as sa
import structlog

from app.edge.faults import described
from app.storage.probes import OnlyReads

LOOK_EVERY_SECONDS = 1.0
QUIET_SECONDS = 5.0
MOMENT_SECONDS = 2.0
RETRY_AFTER = {"Retry-After": "5"}
CROWDED = ("TimeoutError", "IntakeFull")  # too much at once: the database itself may be well
REFUSALS = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
}  # fmt: skip
READ_ONLY = "25006"  # after a failover, until the address leads to the new primary
OUR_OWN = ("54", "57014")  # a statement too complex, or called off at its time limit: not better later

log = structlog.get_logger()


def is_outage(error: BaseException) -> bool:
    """Whether the same request may well succeed later: no connection, no room, no lock; not a fault of ours."""
    return any(_passes(cause) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__


def _passes(error: BaseException) -> bool:
    import psycopg  # those who use SQLite need not load it before something goes wrong

    if isinstance(error, sa.exc.TimeoutError | OnlyReads):
        return True
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in REFUSALS
    if isinstance(error, psycopg.Error):
        state = error.sqlstate or ""
        return state == READ_ONLY or (isinstance(error, psycopg.OperationalError) and not state.startswith(OUR_OWN))
    return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated


class Unavailable(Exception):
    """The database did not take it, and `Outages` has counted it; the same may succeed in a moment."""


class Outages:
    """The outage there is, if any. `probe` raises while the database takes no writes."""

    def __init__(self, probe: Callable[[], None], *, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._probe = probe
        self._quiet_seconds = quiet_seconds
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._watching: threading.Thread | None = None
        self._refused = 0
        self._began_at = self._last_at = 0.0
        self._storage = False

    @property
    def storage_fails(self) -> bool:
        """Whether the database refused work a moment ago for another reason than too much of it at once."""
        return self._storage and monotonic() - self._last_at < MOMENT_SECONDS

    def note(self, error: BaseException, requests: int = 1) -> None:
        """Count requests that were put off because of `error`; the first begins an outage."""
        with self._lock:
            self._refused += requests
            self._last_at = monotonic()
            self._storage |= type(error).__name__ not in CROWDED
            if self._watching is not None or self._closing.is_set():
                return
            self._began_at = self._last_at
            self._watching = threading.Thread(target=self._watch, name="outage", daemon=True)
            self._watching.start()
        log.error("outage", **described(error))

    def met(self, error: BaseException) -> bool:
        """Whether a request met an outage, which then counts it, if it was not counted before."""
        if isinstance(error, Unavailable):
            return True
        if not is_outage(error):
            return False
        self.note(error)
        return True

    def close(self) -> None:
        """Stop looking for the end of an outage."""
        self._closing.set()
        if (watching := self._watching) is not None:
            watching.join()

    def _watch(self) -> None:
        while not self._closing.wait(min(LOOK_EVERY_SECONDS, self._quiet_seconds)):
            try:
                self._probe()
            except Exception as error:
                if not is_outage(error):
                    log.error("outage cannot be looked into", **described(error))
                    self._end()
                    return
                continue
            if monotonic() - self._last_at >= self._quiet_seconds:
                self._end()
                return

    def _end(self) -> None:
        with self._lock:
            refused, seconds = self._refused, self._last_at - self._began_at
            self._refused, self._storage, self._watching = 0, False, None
        log.warning("outage over", requests=refused, seconds=round(seconds, 1))
