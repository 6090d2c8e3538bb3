"""Migrations, from an empty database: up, down, up again, and nothing that the tables say is missing."""

import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from app.storage.database import Database
from app.storage.migrations import SCRIPTS, alone, config, current_revision, head_revision, migrate
from surveys.facts import Refused
from surveys.tables import Wave, metadata
from tests.conftest import administer
from tests.factories import NOW, make_contact, make_organisation, make_survey
from tests.known import known
from tests.surveys.results import make_results


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


MIGRATOR = """
import sys
from app.storage.database import Database
from app.storage.migrations import migrate

print("ready", flush=True)
sys.stdin.readline()
migrate(Database(sys.argv[1]).writer)
"""


def test_two_processes_migrate_an_empty_database_at_the_same_moment(empty: Database) -> None:
    url = empty.url.render_as_string(hide_password=False)
    command_ = [sys.executable, "-c", MIGRATOR, url]
    with ExitStack() as stack:
        migrators = [stack.enter_context(Popen(command_, stdin=PIPE, stdout=PIPE, stderr=PIPE)) for _ in range(2)]
        for migrator in migrators:
            assert known(migrator.stdout).readline() == b"ready\n"
        for migrator in migrators:
            known(migrator.stdin).write(b"\n")
            known(migrator.stdin).flush()
        ends = [(migrator.communicate(timeout=120)[1].decode(), migrator.returncode) for migrator in migrators]
    assert ends == [("", 0), ("", 0)]
    assert revision(empty) == head_revision()
    assert tables(empty) >= set(metadata.tables)


def impatient(database: Database) -> Database:
    """Another one that waits for SQLite's own lock a tenth of a second only."""
    other = Database(database.url.render_as_string(hide_password=False))
    if other.dialect == "sqlite":

        @sa.event.listens_for(other.writer, "connect")
        def be_impatient(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout=100")

    return other


def test_who_comes_second_waits_for_as_long_as_the_first_one_takes(empty: Database) -> None:
    other = impatient(empty)
    with ThreadPoolExecutor(1) as thread:
        with alone(empty.writer) as connection:
            second = thread.submit(migrate, other.writer)
            assert wait([second], timeout=1).not_done
            command.upgrade(config(connection), "head")
        second.result(60)
    other.close()
    assert revision(empty) == head_revision()


def test_tables_in_use_are_left_alone_and_nothing_has_happened(empty: Database) -> None:
    migrate(empty.writer)
    other = impatient(empty)
    with empty.writer.begin() as using:
        using.exec_driver_sql("UPDATE organisation SET name = ''")
        with pytest.raises(Refused, match="in use"):
            migrate(other.writer, "base")
    other.close()
    assert (tables(empty), revision(empty)) == (set(metadata.tables), head_revision())


def test_lists_of_opened_waves_lose_the_refs_of_people_who_were_erased_before(empty: Database) -> None:
    migrate(empty.writer)
    listed = {"refs": ["Ada@example.org", "gone@example.org", "bo", "first"]}
    with empty.writing() as session:
        survey = make_survey(session, make_organisation(session).id)
        for ref, first in (("ada@example.org", None), ("bo", None), ("second", "first")):
            make_contact(session, 1, ref, first_ref=first)
        for key, opened in (("opened", NOW), ("planned", None)):
            wave = Wave(
                organisation_id=1, key=key, survey_key=survey.key, opens_at=NOW, closes_at=NOW + timedelta(days=7),
                invited_at=opened, contacts=listed, reminders_after_days=[],
            )  # fmt: skip
            session.add(wave)
    migrate(empty.writer, "0008")
    migrate(empty.writer)
    with empty.reading() as session:
        kept = {wave.key: wave.contacts for wave in session.execute(sa.select(Wave)).scalars()}
    assert kept == {"opened": {"refs": ["Ada@example.org", "bo", "first"]}, "planned": listed}


def of_scores(database: Database) -> tuple[list[Any], list[Any]]:
    """What is kept of the answers of anonymous waves, and what their waves say of it."""
    with database.reading() as session:
        answers = session.execute(sa.text("SELECT cell_id, id, score, category FROM anonymous_score ORDER BY id"))
        return list(answers), list(session.execute(sa.text("SELECT scores FROM wave")).scalars())


@pytest.mark.parametrize("scores", ["scores", "groups"])
def test_scores_stay_where_the_schema_goes_back_and_there_is_no_way_back_from_groups(
    empty: Database, scores: str
) -> None:
    migrate(empty.writer)
    with empty.writing() as session:
        make_results(session, scores=scores)
    before = of_scores(empty)
    assert (len(before[0]), before[1]) == (52, [scores])
    down = str(known(ScriptDirectory.from_config(config()).get_revision("0010")).down_revision)
    if scores == "groups":
        with pytest.raises(RuntimeError, match="w1"):
            migrate(empty.writer, down)
    else:
        migrate(empty.writer, down)
        assert revision(empty) == down
        migrate(empty.writer)
    assert (of_scores(empty), revision(empty)) == (before, head_revision())


# What has been released, or is in use, stays as it is; a change of the schema is a migration of its own.
FROZEN = {"0001_the_first_schema.py": "34a6c54a386e570d4ef241ce1005e5e51c568876250ae8f4903ae031c180cbde"}


def test_a_frozen_migration_stays_as_it_is() -> None:
    versions = SCRIPTS / "versions"
    assert {name: sha256((versions / name).read_bytes()).hexdigest() for name in FROZEN} == FROZEN


def test_migrations_follow_one_another_in_the_order_of_their_numbers() -> None:
    scripts = list(ScriptDirectory.from_config(config()).walk_revisions())[::-1]
    revisions = [script.revision for script in scripts]
    assert revisions == sorted(set(revisions))
    assert [script.down_revision for script in scripts] == [None, *revisions[:-1]]
    assert [Path(script.path).name[:5] for script in scripts] == [f"{script.revision}_" for script in scripts]
