"""Migrations, from an empty database: up, down, up again, and nothing that the tables say is missing."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from app.database import Database
from app.migrations import config, current_revision, head_revision, migrate
from surveys.tables import metadata
from tests.conftest import administer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database in which nothing has been made yet."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield opened
        opened.close()
        return
    url = sa.make_url(request.getfixturevalue("postgresql_url")).set(drivername="postgresql+psycopg")
    name = f"empty_{uuid.uuid4().hex[:12]}"
    administer(url, f'CREATE DATABASE "{name}"')
    opened = Database(url.set(database=name).render_as_string(hide_password=False))
    yield opened
    opened.close()
    administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def tables(database: Database) -> set[str]:
    with database.reader.connect() as connection:
        return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


def revision(database: Database) -> str | None:
    with database.reader.connect() as connection:
        return current_revision(connection)


def test_the_schema_goes_up_down_and_up_again(empty: Database) -> None:
    assert tables(empty) == set()
    migrate(empty.writer)
    assert (tables(empty), revision(empty)) == (set(metadata.tables), head_revision())
    migrate(empty.writer, "base")
    assert (tables(empty), revision(empty)) == (set(), None)
    migrate(empty.writer)
    assert (tables(empty), revision(empty)) == (set(metadata.tables), head_revision())


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    migrate(empty.writer)
    migrate(empty.writer)
    assert revision(empty) == head_revision()


def test_the_migrated_schema_is_what_the_tables_declare(empty: Database) -> None:
    migrate(empty.writer)
    with empty.writer.begin() as connection:
        command.check(config(connection))
