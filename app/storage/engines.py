"""Engines: connections to SQLite or PostgreSQL, in pools that one kind of work cannot empty for another."""

import json
from dataclasses import dataclass
from functools import partial
from os import environ
from pathlib import Path
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 30_000
IDLE_SECONDS = 2.0
WAIT_SECONDS = 1.0  # for a connection of an empty pool; after that the caller has to come again
# A network that swallows packets must not hold a thread for the minutes that the system would wait.
NETWORK = {"connect_timeout": 5, "tcp_user_timeout": 30_000}
# SQLite finds a key such as "país" by its path only where JSON holds it unescaped.
to_json = partial(json.dumps, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections that are kept, further ones that are opened for a moment, and MiB of pages SQLite caches for each."""

    kept: int
    more: int
    cache_mib: int


# What threads of requests use allows for all of them: Starlette runs 40, and a request that has one of these threads
# should not have to wait for a connection as well. SQLite hands out the connection used last, so that caches of those
# opened for a moment's crowd stay small.
WRITES = Pool(kept=20, more=20, cache_mib=16)
READS = Pool(kept=20, more=20, cache_mib=4)
LINKS = Pool(kept=10, more=30, cache_mib=4)
ANSWERS = Pool(kept=1, more=1, cache_mib=64)  # the intake has one thread
EXPORTS = Pool(kept=4, more=0, cache_mib=4)
PROBES = Pool(kept=1, more=1, cache_mib=1)


def with_driver(url: str) -> sa.URL:
    """The address parsed, with the driver we use."""
    parsed = sa.make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def engine(url: sa.URL, pool: Pool, *, writes: bool) -> sa.Engine:
    """An engine with a pool of its own; one that does not write cannot."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, pool, writes=writes)
    # Said with each BEGIN, since a pooler between us and the database refuses such options when connecting.
    reads = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    made = sa.create_engine(
        url,
        hide_parameters=True,  # a fault in the log must not tell what a person wrote
        pool_size=pool.kept,
        max_overflow=pool.more,
        pool_timeout=WAIT_SECONDS,
        json_serializer=to_json,
        connect_args={name: limit for name, limit in NETWORK.items() if name not in url.query},
        execution_options={} if writes else reads,
    )
    _ping_after_idling(made)
    return made


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


def _sqlite(url: sa.URL, pool: Pool, *, writes: bool) -> sa.Engine:
    if url.database:
        folder = Path(url.database).parent
        folder.mkdir(parents=True, exist_ok=True)
        # Rewriting the file needs its size once more: beside it there is room, and /tmp may lie in memory.
        environ.setdefault("SQLITE_TMPDIR", str(folder.resolve()))
    made = sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=pool.kept,
        max_overflow=pool.more,
        pool_timeout=WAIT_SECONDS,
        pool_use_lifo=True,
        poolclass=sa.QueuePool,
        json_serializer=to_json,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @sa.event.listens_for(made, "connect")
    def configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"cache_size=-{pool.cache_mib * 1024}",
            "temp_store=FILE",
            *(() if writes else ("query_only=ON",)),
        ):
            cursor: Any = connection.cursor()
            cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    @sa.event.listens_for(made, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later could not be upgraded once another wrote.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made
