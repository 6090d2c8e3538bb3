"""Engines and sessions: one that writes, one that only reads, on SQLite and PostgreSQL alike."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

BUSY_TIMEOUT_MS = 30_000
# SQLite finds a key such as "país" by its path only where JSON holds it unescaped.
to_json = partial(json.dumps, ensure_ascii=False)
POOL_SIZE = 20
IDLE_SECONDS = 2.0
OVERFLOW = 20  # together the 40 worker threads that Starlette gives to synchronous routes


class Database:
    """An engine that writes and one that reads, and one for reports, which may stand on a replica that lags.

    The reading ones cannot write: SQLite runs them with `query_only`, PostgreSQL with read-only transactions.
    """

    def __init__(self, url: str, report_url: str | None = None) -> None:
        self.url = _with_driver(url)
        self.writer = _engine(self.url, writes=True)
        self.reader = _engine(self.url, writes=False)
        self.reports = _engine(_with_driver(report_url), writes=False) if report_url else self.reader

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.writer.dialect.name

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it raises."""
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot change it."""
        with Session(self.reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def reporting(self) -> Iterator[Session]:
        """A session for figures and exports; what was written a moment ago may not be seen yet."""
        with Session(self.reports, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Let go of every connection."""
        for engine in (self.writer, self.reader, self.reports):
            engine.dispose()


def _with_driver(url: str) -> sa.URL:
    parsed = sa.make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _engine(url: sa.URL, *, writes: bool) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, writes=writes)
    # Said with each BEGIN, since a pooler between us and the database refuses such options when connecting.
    reads = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # a fault in the log must not tell what a person wrote
        pool_size=POOL_SIZE,
        max_overflow=OVERFLOW,
        json_serializer=to_json,
        execution_options={} if writes else reads,
    )
    _ping_after_idling(engine)
    return engine


def _ping_after_idling(engine: sa.Engine) -> None:
    """Replace a connection that died while it lay in the pool; one in steady use costs no question each time."""

    @sa.event.listens_for(engine, "checkin")
    def note(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = monotonic()

    @sa.event.listens_for(engine, "checkout")
    def ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if monotonic() - record.info.get("idle_since", monotonic()) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except sa.exc.DBAPIError as error:
            raise sa.exc.DisconnectionError from error
        except Exception as error:
            if engine.dialect.is_disconnect(error, connection, None):  # type: ignore[arg-type]
                raise sa.exc.DisconnectionError from error
            raise


def _sqlite(url: sa.URL, *, writes: bool) -> sa.Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=OVERFLOW,
        poolclass=sa.QueuePool,
        json_serializer=to_json,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @sa.event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
            *(() if writes else ("query_only=ON",)),
        ):
            cursor: Any = connection.cursor()
            cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later could not be upgraded once another wrote.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
