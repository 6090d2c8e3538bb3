"""Two engines: the one that reads cannot write, and sees one state of the database throughout."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from app.database import Database
from app.settings import Settings
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
