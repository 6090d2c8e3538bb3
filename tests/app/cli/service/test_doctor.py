"""`soundings doctor` tells each broken thing with its remedy."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app import clock
from app.checkup import database as checks
from app.checkup import machine
from app.cli import app
from app.settings import Settings
from app.storage.database import Database
from app.storage.migrations import head_revision, migrate
from app.worker.sweeping import sweep
from surveys.fieldwork import waves
from surveys.responses.tallies import Change, apply
from tests.app.mail.server import mail_server
from tests.conftest import SECRET
from tests.factories import NOW, invited, make_organisation
from tests.surveys.staff import LASTS, hire, hold_wave, make_enps, team

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def doctor(url: str, *options: str, **settings: str | None) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and by its name each line's state with all that is told, remedy included."""
    sound = {"SECRET": SECRET, "BASE_URL": "https://ask.example.org", "MAIL": "folder:var/none", "DATABASE_URL": url}
    env = {f"SOUNDINGS_{name}": value for name, value in (sound | settings).items()}
    done = CliRunner().invoke(app, ["doctor", *options], env=env)
    found: dict[str, tuple[str, str]] = {}
    name = ""
    for line in done.stdout.splitlines():
        if line.startswith(" "):
            state, told = found[name]
            found[name] = state, f"{told} {line.strip()}"
        else:
            name = line[5:17].strip()
            found[name] = line[:5].strip(), line[17:]
    return done.exit_code, found


def test_a_sound_installation_passes(database: Database, database_url: str) -> None:
    with database.writing() as session:
        make_organisation(session)
    with mail_server() as inbox:
        code, found = doctor(database_url, "--tallies", MAIL=f"smtp://127.0.0.1:{inbox.port}")
    assert {name: state for name, (state, _) in found.items() if state != "ok"} == {}
    assert set(found) >= {"secret", "address", "database", "schema", "durability", "clock", "urns", "tallies", "mail"}
    assert code == 0
    assert inbox.mails == []


@ON_SQLITE
@pytest.mark.parametrize(
    ("settings", "name", "state", "told"),
    [
        ({"SECRET": ""}, "secret", "fail", "missing or shorter than 32 bytes -> Make one with: python3"),
        ({"SECRET": f"{SECRET},short"}, "secret", "fail", "-> Make one"),
        ({"SECRET": "ab" * 20}, "secret", "fail", "only 2 different characters"),
        ({"SECRET_FILE": "/nowhere/secret"}, "settings", "fail", "/nowhere/secret: No such file"),
        ({"WORKER": "perhaps"}, "settings", "fail", "SOUNDINGS_WORKER"),
        ({"BASE_URL": "ask.example.org"}, "settings", "fail", "-> Set SOUNDINGS_BASE_URL right"),
        ({"BASE_URL": "http://ask.example.org"}, "address", "fail", "not https"),
        ({"BASE_URL": "http://127.0.0.1:8000"}, "address", "warn", "this machine only"),
        ({"DATABASE_URL": "sqlite:////nowhere/soundings.db"}, "database", "fail", "-> Run: soundings migrate"),
        ({"DATABASE_URL": "sqlite:////etc/passwd"}, "database", "fail", "file is not a database"),
        ({"DATABASE_URL": "nonsense"}, "settings", "fail", "sqlite:///path or postgresql://"),
        ({"DATABASE_URL": "mysql://host/name"}, "settings", "fail", "sqlite:///path or postgresql://"),
        ({"DATABASE_URL": "postgresql://x:pw-not-told@127.0.0.1:1/x"}, "database", "fail", "-> See that it runs"),
        ({"DATABASE_URL": "sqlite://"}, "durability", "fail", "-> Put the file on a local disk"),
        ({"MAIL": "smtp://127.0.0.1:1"}, "mail", "fail", "-> See that SOUNDINGS_MAIL names the server"),
        ({"MAIL": "pigeon://loft"}, "mail", "fail", "folder:PATH is wanted"),
        ({"MAIL_FROM": "nobody"}, "mail", "fail", "SOUNDINGS_MAIL_FROM"),
        ({"MAIL": "folder:/proc/none"}, "mail", "fail", "cannot be written"),
    ],
)
def test_a_setting_that_cannot_work_gets_its_remedy(
    database_url: str, *, settings: dict[str, str], name: str, state: str, told: str
) -> None:
    code, found = doctor(database_url, **({"MAIL": f"folder:{Path(database_url[10:]).parent}"} | settings))
    assert found[name][0] == state, found
    assert told in found[name][1]
    assert code == (1 if state == "fail" else 0)
    assert not any("pw-not-told" in line for _, line in found.values())


@ON_SQLITE
def test_mail_into_a_folder_is_warned_of(database_url: str, tmp_path: Path) -> None:
    code, found = doctor(database_url, MAIL=f"folder:{tmp_path}")
    assert found["mail"][0] == "warn"
    assert "reach nobody -> Set SOUNDINGS_MAIL to smtp://" in found["mail"][1]
    assert code == 0


def test_another_releases_schema_gets_its_remedy(database: Database, database_url: str) -> None:
    with database.writer.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    code, found = doctor(database_url)
    assert (code, found["schema"][0]) == (1, "fail")
    assert "A later release made it" in found["schema"][1]
    with database.writer.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :head"), {"head": head_revision()})
    migrate(database.writer, "base")
    code, found = doctor(database_url, "--tallies")
    assert (code, found["schema"][0]) == (1, "fail")
    assert found["schema"][1] == f"at revision none, this release needs {head_revision()} -> Run: soundings migrate"


def test_tallies_that_differ_are_found_where_asked_for(database: Database, database_url: str, now: datetime) -> None:
    with database.writing() as session:
        _, _, invitation = invited(session)
        apply(session, [Change(invitation.organisation_id, invitation.cell_id, now.date(), score=9)])
    assert "tallies" not in doctor(database_url)[1]
    code, found = doctor(database_url, "--tallies")
    assert (code, found["tallies"][0]) == (1, "fail")
    assert found["tallies"][1].endswith("-> Run: soundings tallies repair --organisation fjord")


@ON_POSTGRESQL
def test_a_server_that_does_not_sync_is_found(database: Database, database_url: str) -> None:
    with database.writer.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    code, found = doctor(database_url)
    assert (code, found["durability"][0]) == (1, "fail")
    assert "synchronous_commit is off" in found["durability"][1]


@ON_POSTGRESQL
@pytest.mark.parametrize(("ahead", "state"), [(0, "ok"), (10, "warn"), (60, "fail"), (-60, "fail")])
def test_a_clock_away_from_the_databases_is_found(settings: Settings, ahead: int, state: str) -> None:
    now = datetime.now().astimezone() + timedelta(seconds=ahead)
    clock = next(f for f in checks.findings(settings, now, recount=False) if f.name == "clock")
    assert clock.state == state
    assert state == "ok" or "chrony" in clock.remedy


def test_a_disk_that_runs_full_is_found(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "yet.db"
    huge = 1 << 60
    states = [
        next(machine.room([path], least=least, few=few)).state for least, few in ((0, 0), (0, huge), (huge, huge))
    ]
    assert states == ["ok", "warn", "fail"]
    assert os.listdir(tmp_path) == []


def test_an_urn_that_nobody_swept_is_told(database: Database, database_url: str) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        hire(session, number, team(None, 6))
        hold_wave(session, make_enps(session, number), "spring", team(None, 6), {f"nobody-{n}": n for n in range(6)})
    assert doctor(database_url)[1]["urns"][0] == "warn"
    assert sweep(database, NOW) == 1
    assert doctor(database_url)[1]["urns"][0] == "ok"


def test_a_planned_wave_that_cannot_open_without_a_lost_secret_is_named(database: Database, database_url: str) -> None:
    later, staff, new = clock.now() + timedelta(days=30), team(None, 6), "x" * 8 + "another-secret-0123456789-abcdefgh"
    with database.writing() as session:
        number = make_organisation(session).id
        hire(session, number, staff)
        hold_wave(session, make_enps(session, number), "spring", staff, {f"nobody-{n}": n for n in range(6)})
        for key, without in (("autumn", False), ("winter", True)):
            waves.create(
                session, number, "enps", key, opens_at=later, closes_at=later + LASTS, now=later - LASTS,
                without_comparison=without,
            )  # fmt: skip
    state, says = doctor(database_url, SECRET=new)[1]["comparison"]
    assert (state, "autumn does not open: it could not be compared with spring" in says) == ("warn", True)
    assert "behind the others, in SOUNDINGS_SECRET" in says
    assert "winter" not in says
    assert "comparison" not in doctor(database_url, SECRET=f"{new},{SECRET}")[1]


@ON_POSTGRESQL
def test_what_is_in_the_way_of_writing_the_log_past_itself_is_named_beforehand(
    database: Database, database_url: str
) -> None:
    slot = f"kept_{uuid4().hex[:8]}"
    with database.writing() as session:
        number = make_organisation(session).id
        assert "write-ahead" not in doctor(database_url)[1]
        session.execute(sa.text("SELECT pg_create_physical_replication_slot(:slot)"), {"slot": slot})
    try:
        assert "write-ahead" not in doctor(database_url)[1]  # nobody asks anonymously here
        with database.writing() as session:
            make_enps(session, number)
        state, says = doctor(database_url)[1]["write-ahead"]
        assert (state, f"the replication slot {slot} keeps old files" in says) == ("warn", True)
    finally:
        with database.writing() as session:
            session.execute(sa.text("SELECT pg_drop_replication_slot(:slot)"), {"slot": slot})
    assert "write-ahead" not in doctor(database_url)[1]


@ON_POSTGRESQL
def test_a_database_that_writes_statements_down_is_told(database: Database, database_url: str) -> None:
    assert doctor(database_url)[1]["log"][0] == "ok"
    with database.writer.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE \"{name}\" SET log_statement = 'all'")
        connection.commit()
    state, told = doctor(database_url)[1]["log"]
    assert (state, "log_statement" in told) == ("warn", True)
