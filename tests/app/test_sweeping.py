"""Sweeping leaves nothing of a closed wave's urn, and everything of one that is open."""

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from app.database import Database
from app.sweeping import sweep
from surveys import waves
from surveys.tables import Ballot, Survey, Wave
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, cast, hire, hold_wave, make_enps, open_wave, team

STAFF = team(None, 12)
REFS = [one.ref for one in STAFF]


def setting(session: Session) -> Survey:
    number = make_organisation(session).id
    hire(session, number, STAFF)
    return make_enps(session, number)


def test_it_is_done_once_for_each_closed_wave(database: Database) -> None:
    with database.writing() as session:
        survey = setting(session)
    assert sweep(database, NOW) == 0
    with database.writing() as session:
        hold_wave(session, survey, "w1", STAFF, dict.fromkeys(REFS, 5))
    assert (sweep(database, NOW), sweep(database, NOW)) == (1, 0)
    with database.reading() as session:
        assert session.get_one(Wave, (survey.organisation_id, "w1")).swept_at == NOW


def test_ballots_of_an_open_wave_stay(database: Database) -> None:
    with database.writing() as session:
        survey = setting(session)
        other = make_enps(session, survey.organisation_id, key="other")
        hold_wave(session, survey, "w1", STAFF, dict.fromkeys(REFS, 5))
        invitations = open_wave(session, other, "w2", STAFF)
        for score, ref in enumerate(REFS[:5]):
            cast(session, invitations[ref], score, f"words {score}")
    assert sweep(database, NOW) == 1
    with database.reading() as session:
        kept = session.exec(select(Ballot)).all()
    assert sorted((b.score, b.comment) for b in kept) == [(n, f"words {n}") for n in range(5)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_left_in_the_file_even_while_somebody_reads_from_before(database: Database) -> None:
    with database.writing() as session:
        survey = setting(session)
        invitations = open_wave(session, survey, "w1", STAFF)
        for ref in REFS[:9]:
            cast(session, invitations[ref], 5, f"whisper of {ref}")
    with database.reading() as before:
        before.execute(sa.text("SELECT count(*) FROM organisation"))
        assert b"whisper of" in _file(database)
        with database.writing() as session:
            waves.close(session, survey.organisation_id, "w1", NOW + LASTS)
        assert sweep(database, NOW) == 1
        assert b"whisper of" not in _file(database)


def _file(database: Database) -> bytes:
    """The urn's file, with all that is to be written there."""
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CHECKPOINT"))
        found = connection.execute(sa.text("SELECT pg_read_binary_file(pg_relation_filepath('ballot'))"))
        return bytes(found.scalar_one())
