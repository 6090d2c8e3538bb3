"""Sweeping leaves nothing of a closed wave's urn, and everything of one that is open; and keeps nobody waiting."""

import time
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, select

from app.checkup import anonymity
from app.storage.database import Database
from app.worker import write_ahead
from app.worker.sweeping import PATIENCE_MS, sweep
from benchmarks.sweeping import load, sweep_apart
from surveys.fieldwork import waves
from surveys.tables import AnonymousComment, AnonymousScore, Ballot, Survey, Wave
from surveys.tables.columns import core
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.journeys.dump import steal
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


def fill(database: Database) -> set[UUID]:
    """A wave that everybody has answered, one after the other; the ids of the ballots."""
    with database.writing() as session:
        survey = setting(session)
        invitations = open_wave(session, survey, "w1", STAFF)
    for ref in REFS:
        with database.writing() as session:
            cast(session, invitations[ref], 5, f"words of {ref}")
    with database.reading() as session:
        return ids(session, Ballot)


def ids(session: Session, table: type[Ballot | AnonymousScore | AnonymousComment]) -> set[UUID]:
    return set(session.execute(sa.select(core(table).c.id)).scalars())


def close(database: Database) -> None:
    with database.writing() as session:
        waves.close(session, 1, "w1", NOW + LASTS, SECRETS)


def look(session: Session) -> None:
    """Read something, so that the session sees the state of now until it ends."""
    session.execute(sa.text("SELECT count(*) FROM organisation")).scalar_one()


def test_no_ballot_is_left_in_any_file(database: Database) -> None:
    ballots = fill(database)
    urn = steal(database)
    assert all(urn.holds_id(id_) for id_ in ballots)  # or the search would find nothing at all
    close(database)
    assert sweep(database, NOW) == 1
    dump = steal(database)
    assert [id_ for id_ in ballots if dump.holds_id(id_)] == []


def test_the_log_holds_every_ballot_until_it_was_written_past(database: Database) -> None:
    if database.dialect == "sqlite":
        return  # its log is cut to nothing
    ballots = fill(database)
    close(database)
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = write_ahead.position(connection)
        assert all(in_log(database, id_) for id_ in ballots)
        assert not write_ahead.is_past(connection, before)
        assert write_ahead.hindrances(connection) == []
        write_ahead.rotate(connection)
    assert [id_ for id_ in ballots if in_log(database, id_)] == []


def in_log(database: Database, id_: UUID) -> list[str]:
    """The files of PostgreSQL's log that hold an id."""
    return [name for name in steal(database).holds_id(id_) if name.startswith("pg_wal/")]


def test_without_the_right_to_write_the_log_past_itself_a_wave_waits_and_doctor_says_so(database: Database) -> None:
    if database.dialect == "sqlite":
        return
    fill(database)
    close(database)
    weak = f"weak_{uuid4().hex[:8]}"
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {weak} LOGIN")
        connection.exec_driver_sql(f"GRANT ALL ON SCHEMA public TO {weak}")
        for (table,) in connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").all():
            connection.exec_driver_sql(f'ALTER TABLE "{table}" OWNER TO {weak}')
    limited = Database(database.url.set(username=weak).render_as_string(hide_password=False))
    assert [sweep(limited, NOW), sweep(limited, NOW)] == [0, 0]
    with limited.reading() as session:
        (warning,) = (one for one in anonymity.findings(session, NOW, SECRETS) if one.name == "write-ahead")
        lacking = ("EXECUTE on pg_switch_wal()", "EXECUTE on pg_ls_waldir()", "the role pg_checkpoint")
        assert warning.state == "warn"
        assert [right for right in lacking if f"{right} is not granted" not in warning.detail] == []
    limited.close()
    assert sweep(database, NOW) == 1
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"REASSIGN OWNED BY {weak} TO CURRENT_USER")
        connection.exec_driver_sql(f"DROP OWNED BY {weak}")
        connection.exec_driver_sql(f"DROP ROLE {weak}")


def test_who_reads_an_older_state_meanwhile_keeps_no_ballot_alive(database: Database) -> None:
    ballots = fill(database)
    with database.reading() as reader:
        look(reader)
        close(database)
        swept = sweep(database, NOW)
        dump = steal(database)
        assert swept == 0 or [id_ for id_ in ballots if dump.holds_id(id_)] == []
    assert swept + sweep(database, NOW) == 1
    dump = steal(database)
    assert [id_ for id_ in ballots if dump.holds_id(id_)] == []


def test_who_reads_meanwhile_keeps_nobody_from_writing(database: Database) -> None:
    fill(database)
    with database.reading() as reader:
        look(reader)
        close(database)
        begun = time.monotonic()
        sweep(database, NOW)
        assert time.monotonic() - begun < 3 * PATIENCE_MS / 1000
    with database.writing() as session:
        patience = "PRAGMA busy_timeout" if database.dialect == "sqlite" else "SHOW lock_timeout"
        assert session.connection().exec_driver_sql(patience).scalar_one() in (30_000, "0")


def test_a_closing_that_was_cut_short_leaves_nothing(database: Database) -> None:
    fill(database)
    with Session(database.writer) as session:
        waves.close(session, 1, "w1", NOW + LASTS - timedelta(days=1), SECRETS)
        session.flush()
        written = ids(session, AnonymousScore) | ids(session, AnonymousComment)
        session.rollback()
    assert len(written) == 2 * len(STAFF)
    close(database)
    assert sweep(database, NOW) == 1
    dump = steal(database)
    assert [id_ for id_ in written if dump.holds_id(id_)] == []


BALLAST_MB = 160


def test_a_large_database_is_swept_in_little_memory(database: Database) -> None:
    fill(database)
    with database.writing() as session:
        load(session, BALLAST_MB)
    close(database)
    swept, megabytes = sweep_apart(database.url.render_as_string(hide_password=False), NOW)
    assert swept == 1
    assert megabytes < BALLAST_MB / 3
