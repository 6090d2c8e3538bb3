"""Openings: links that are opened while a look-up is on its way are looked up together in the next one.

As the intake does with answers: one thread reads, with a connection of its own that no export can take away, and the
event loop collects. A request costs its share of one read by primary key.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import clock
from app.storage.database import Database
from app.storage.engines import BUSY_TIMEOUT_MS
from app.storage.outages import Unavailable, is_outage
from surveys.anonymity.seals import Secrets
from surveys.answering import opened
from surveys.answering.opened import Opened
from surveys.answering.questionnaires import Questionnaires
from surveys.facts import LinkUnknown
from surveys.links import Link

BATCH = 256
Waiting = tuple[Link, asyncio.Future[Opened]]


class Reader:
    """A connection for look-ups alone, made when first needed and again when it has died."""

    def __init__(self, engine: sa.Engine, secrets: Secrets, *, waits: bool) -> None:
        self._engine = engine
        self._secrets = secrets
        self._waits = waits
        self._connection: sa.Connection | None = None
        self._questionnaires: Questionnaires = {}

    def look_up(self, links: set[Link], now: datetime) -> dict[Link, Opened]:
        """What links open. Raises DBAPIError."""
        again = self._connection is not None  # one that was used before may have died since
        try:
            return self._try(links, now)
        except sa.exc.DBAPIError:
            self.close()
            if not again:
                raise
        return self._try(links, now)

    def _try(self, links: set[Link], now: datetime) -> dict[Link, Opened]:
        if self._connection is None:
            self._connection = self._connect()
        try:
            return opened.find_all(self._connection, links, now, self._questionnaires, self._secrets)
        finally:
            if self._connection.in_transaction():
                self._connection.rollback()

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect()
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS if self._waits else 0}")
            return connection
        # A statement is a transaction of its own: BEGIN and ROLLBACK would be two more journeys.
        return connection.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Let the connection go for good, as nobody else could use it."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class Openings:
    """What links open, as it stands in the database now. Lives on one event loop, reads on one thread.

    SQLite is read on the event loop: a row that is in memory comes sooner than a thread wakes up. Where it would
    have to wait for a lock, the thread does.
    """

    def __init__(self, database: Database, secrets: Secrets, now: Callable[[], datetime] = clock.now) -> None:
        self._now = now
        self._outages = database.outages
        self._quick = Reader(database.links, secrets, waits=False) if database.dialect == "sqlite" else None
        self._reader = Reader(database.links, secrets, waits=True)
        self._waiting: list[Waiting] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="openings")
        self._running: asyncio.Task[None] | None = None

    async def find(self, link: Link) -> Opened:
        """What a link opens. Raises LinkUnknown, or DBAPIError."""
        if self._quick is not None:
            try:
                there = self._quick.look_up({link}, self._now()).get(link)
            except sa.exc.OperationalError:
                pass
            else:
                if there is None:
                    raise LinkUnknown
                return there
        future: asyncio.Future[Opened] = asyncio.get_running_loop().create_future()
        self._waiting.append((link, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await future

    async def close(self) -> None:
        """Let the connections and the thread go."""
        if self._running is not None:
            await self._running
        if self._quick is not None:
            self._quick.close()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._reader.close)
        self._thread.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(0)  # let in what is at the door
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            links = {link for link, _ in batch}
            try:
                there = await loop.run_in_executor(self._thread, self._reader.look_up, links, self._now())
            except Exception as error:
                if is_outage(error):
                    self._outages.note(error, len(batch))
                _tell(batch, {}, Unavailable() if is_outage(error) else error)
            else:
                _tell(batch, there, LinkUnknown())
        self._running = None


def _tell(batch: list[Waiting], there: dict[Link, Opened], otherwise: Exception) -> None:
    for link, future in batch:
        if future.done():  # whoever asked went away
            continue
        if link in there:
            future.set_result(there[link])
        else:
            future.set_exception(otherwise)
