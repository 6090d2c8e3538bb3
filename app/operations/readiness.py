"""Readiness: what keeps a process from its work, looked into at most every other second, whoever asks."""

import threading
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from app.storage import migrations
from app.storage.database import Database
from app.storage.probes import OnlyReads

FRESH_SECONDS = 2.0
WAIT_SECONDS = 1.0
SLOW = "The database has not answered for a second."
AWAY = "The database cannot be reached, or takes no writes."
REFUSED = "The database refused to store something a moment ago."


class Readiness:
    """Whether the database of a process can be reached, takes writes and has the schema of this release."""

    def __init__(self, database: Database, *, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._database = database
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._fresh_until = 0.0

    def reason(self) -> str | None:
        """Why the process is not ready; None where it is. One looks, the others wait for that, but not for long."""
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            return SLOW
        try:
            if monotonic() > self._fresh_until:
                self._reason = self._look()
                self._fresh_until = monotonic() + self._fresh_seconds
            return self._reason
        finally:
            self._lock.release()

    def _look(self) -> str | None:
        try:
            with self._database.links.connect() as connection:
                current = migrations.current_revision(connection)
            if current != migrations.head_revision():
                return f"The database is at revision {current}; run 'soundings migrate'."
            self._database.try_write()
        except (SQLAlchemyError, OnlyReads):
            return AWAY
        return REFUSED if self._database.outages.storage_fails else None
