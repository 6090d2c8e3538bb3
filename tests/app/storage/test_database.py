"""Engines: those that read cannot write and see one state throughout; none waits for another's connections."""

import shutil
import time
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from app.settings import Settings
from app.storage.database import Database
from app.storage.probes import OnlyReads
from surveys.tables import Organisation, Unit
from tests.app.client import ask, make_key
from tests.factories import make_organisation, make_survey, make_unit


def test_a_reading_session_cannot_write(database: Database, now: datetime) -> None:
    with database.writing() as session:
        number = make_organisation(session, now=now).id
    with database.reading() as session:
        make = sa.insert(Unit).values(organisation_id=number, key="crew", name="Crew")
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.execute(make)


def test_a_reading_session_sees_one_state_while_others_write(database: Database, now: datetime) -> None:
    with database.writing() as session:
        number = make_organisation(session, now=now).id

    def units(session: Session) -> int:
        return len(session.exec(select(Unit)).all())

    with database.reading() as session:
        assert units(session) == 0
        with database.writing() as other:
            make_unit(other, number, "crew")
        assert units(session) == 0
    with database.reading() as session:
        assert units(session) == 1


def hold_all(engine: sa.Engine, held: ExitStack) -> None:
    """Take connections until the pool has none left."""
    with suppress(sa.exc.TimeoutError):
        while True:
            held.enter_context(engine.connect())


def test_an_empty_pool_says_so_at_once_and_keeps_no_other_kind_of_work_waiting(
    database: Database, now: datetime
) -> None:
    with ExitStack() as held:
        for engine in (database.exports, database.reader):
            hold_all(engine, held)
        begun = time.monotonic()
        with database.answering() as session:
            make_organisation(session, now=now)
        with database.opening() as session:
            assert session.exec(select(sa.func.count()).select_from(Organisation)).one() == 1
        assert time.monotonic() - begun < 1
        with pytest.raises(sa.exc.TimeoutError), database.reading() as session:
            session.exec(select(Organisation)).all()
        assert time.monotonic() - begun < 3


def test_an_engine_for_links_cannot_write_and_one_for_answers_can(database: Database, now: datetime) -> None:
    with database.answering() as session:
        make_organisation(session, now=now)
    with database.opening() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(sa.delete(Organisation))


def test_trying_a_write_leaves_nothing_and_fails_where_nothing_can_be_written(
    database: Database, database_url: str
) -> None:
    before = size(database)
    for _ in range(50):
        database.try_write()
    assert size(database) <= before + 2 * 4096
    if database.dialect == "postgresql":
        sealed = Database(f"{database_url}&options=-c%20default_transaction_read_only%3Don")
        try:
            with pytest.raises(OnlyReads):
                sealed.try_write()
        finally:
            sealed.close()


def size(database: Database) -> int:
    """Bytes that the tables and their pages take."""
    counted = "pg_database_size(current_database())" if database.dialect == "postgresql" else "page_count * 4096"
    pages = "" if database.dialect == "postgresql" else " FROM pragma_page_count()"
    with database.reading() as session:
        return int(session.connection().exec_driver_sql(f"SELECT {counted}{pages}").scalar_one())


def test_a_connection_that_read_is_not_read_only_for_the_next_who_writes(database: Database, now: datetime) -> None:
    with database.reading() as session:
        session.exec(select(Organisation)).all()
    with database.writing() as session:
        make_organisation(session, now=now)
    with database.reading() as session:
        assert session.exec(select(sa.func.count()).select_from(Organisation)).one() == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_is_told_with_the_transaction_and_not_when_connecting(database: Database) -> None:
    # PgBouncer refuses a connection that asks for default_transaction_read_only or default_transaction_isolation.
    with database.reader.connect() as connection:
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in
                 ("transaction_read_only", "default_transaction_read_only",
                  "transaction_isolation", "default_transaction_isolation")]  # fmt: skip
    assert shown == ["on", "off", "repeatable read", "read committed"]


def test_figures_come_from_the_replica_and_keys_from_where_they_are_written(
    settings: Settings, database: Database, sqlite_template: Path, tmp_path: Path, now: datetime
) -> None:
    replica = tmp_path / "replica.db"
    shutil.copy(sqlite_template, replica)  # a replica that has received nothing yet
    with database.writing() as session:
        organisation = make_organisation(session, now=now)
        make_survey(session, organisation.id)
        key = make_key(session, organisation.id)
    lagging = settings.model_copy(update={"report_database_url": f"sqlite:///{replica}"})
    listed, scores = ask(lagging, key, ("GET", "/surveys"), ("GET", "/scores?survey=nps"))
    assert [item["key"] for item in listed.json()["items"]] == ["nps"]
    assert scores.status_code == 422
    assert scores.json()["errors"] == [{"field": "survey", "message": "there is no survey 'nps'."}]
