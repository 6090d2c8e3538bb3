"""What counts as an outage, how it is written down, and what readiness makes of it."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.operations.readiness import REFUSED, Readiness
from app.settings import Settings
from app.storage.database import Database
from app.storage.outages import Outages, is_outage
from tests.app.client import client, make_key
from tests.app.pages.setting import issue, poll
from tests.app.storage.pools import all_held
from tests.factories import make_organisation


def raised(database: Database, *statements: str) -> BaseException:
    """What the last of these statements, each on the same connection, raises."""
    *before, last = statements
    with database.writer.connect() as connection:
        for statement in before:
            connection.exec_driver_sql(statement)
        with pytest.raises(SQLAlchemyError) as caught:
            connection.exec_driver_sql(last)
    return caught.value


def test_an_empty_pool_is_an_outage_and_a_statement_that_is_wrong_is_none(database: Database) -> None:
    with all_held(database.exports), pytest.raises(sa.exc.TimeoutError) as caught:
        database.exports.connect()
    assert is_outage(caught.value)
    with database.writing() as session:
        make_organisation(session)
    again = "INSERT INTO organisation SELECT * FROM organisation"
    assert [is_outage(raised(database, wrong)) for wrong in ("SELECT * FROM nowhere", again)] == [False, False]


def test_a_full_or_locked_sqlite_file_is_an_outage(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "soundings.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    grow = "CREATE TABLE large AS SELECT zeroblob(1 << 20)"
    full = raised(database, "PRAGMA max_page_count=1", grow)
    assert is_outage(full)
    assert getattr(full.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    database.close()  # a fresh connection has no such bound
    with closing(sqlite3.connect(file)) as other, closing(sqlite3.connect(file, timeout=0.01)) as third:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            third.execute("BEGIN IMMEDIATE")
        database.try_write()  # another one writes, so writing works
    assert is_outage(locked.value)
    database.close()
    (tmp_path / "gone").mkdir()
    lost = Database(f"sqlite:///{tmp_path}/gone")
    with pytest.raises(DBAPIError) as caught:
        lost.try_write()
    assert is_outage(caught.value)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_postgresql_calls_off_at_a_time_limit_is_no_outage_and_a_lock_or_a_lost_connection_is(
    database: Database,
) -> None:
    slow = raised(database, "SET LOCAL statement_timeout = 20", "SELECT pg_sleep(5)")
    lost = raised(database, "SELECT pg_terminate_backend(pg_backend_pid())")
    read_only = raised(database, "SET TRANSACTION READ ONLY", "CREATE TABLE large (n integer)")
    with database.writer.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE unit IN ACCESS EXCLUSIVE MODE")
        locked = raised(database, "SET LOCAL lock_timeout = 20", "SELECT * FROM unit")
    assert [is_outage(error) for error in (slow, lost, read_only, locked)] == [False, True, True, True]
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DBAPIError) as caught:
        nowhere.try_write()
    assert is_outage(caught.value)


FULL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file "base/1": No space left' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON response FOR EACH ROW EXECUTE FUNCTION refuse()
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_postgresql_has_no_room_for_is_an_outage(database: Database) -> None:
    sorting = "SELECT n FROM generate_series(1, 200000) AS n ORDER BY -n"
    full = raised(database, "SET LOCAL work_mem = '64kB'", "SET LOCAL temp_file_limit = '64kB'", sorting)
    assert getattr(full.__cause__, "sqlstate", None) == "53400"
    assert is_outage(full)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_full_disk_under_postgresql_is_503_until_there_is_room_and_then_the_same_answer_is_stored(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server itself refuses, with the code of a full disk: to fill one, a test would need one to itself."""
    person = issue(database)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(FULL)

    async def run() -> list[httpx.Response]:
        async with client(settings) as http:
            full = [
                await http.post(person.page, json={"score": 9}),
                await http.post(person.page, data={"score": "9"}, headers={"Accept-Language": "sv"}),
                await http.get("/readyz"),
            ]
            with database.writer.begin() as connection:
                connection.exec_driver_sql("DROP TRIGGER full_disk ON response")
            return [*full, await http.post(person.page, json={"score": 9})]

    posted, form, ready, again = asyncio.run(run())
    assert [r.status_code for r in (posted, form, ready, again)] == [503, 503, 503, 201]
    assert all(int(r.headers["retry-after"]) > 0 for r in (posted, form))
    assert "ingenting har sparats" in form.text
    assert ready.json()["detail"] == REFUSED
    out = capsys.readouterr().out
    assert [json.loads(line)["code"] for line in out.splitlines() if '"outage"' in line] == ["53100"]
    assert "extend" not in out


class Disk:
    """Something that may fail to be written to."""

    full = True

    def probe(self) -> None:
        if self.full:
            raise sqlite_full()


def sqlite_full() -> sa.exc.OperationalError:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count=1")
    try:
        connection.execute("CREATE TABLE large (n)")
    except sqlite3.OperationalError as error:
        return sa.exc.OperationalError("a statement", {}, error)
    finally:
        connection.close()
    raise AssertionError("it was not full")


def test_an_outage_has_one_line_when_it_begins_and_one_with_its_count_when_it_is_over(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = Disk()
    outages = Outages(disk.probe, quiet_seconds=0.2)

    def said() -> list[dict[str, object]]:
        return [json.loads(line) for line in out if "outage" in line]

    out: list[str] = []

    def until(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.02)
            out.extend(capsys.readouterr().out.splitlines())

    asyncio.run(start(settings))  # an application, for the shape of the log
    for _ in range(50):
        outages.note(sqlite_full(), 2)
    time.sleep(0.5)  # however long nobody asks for anything
    assert outages.storage_fails
    disk.full = False
    until(lambda: len(said()) == 2)
    began, over = said()
    assert (began["event"], began["level"], began["error"], began["code"]) == (
        "outage", "error", "OperationalError", "SQLITE_FULL",
    )  # fmt: skip
    assert (over["event"], over["requests"]) == ("outage over", 100)
    assert not outages.storage_fails
    outages.note(sqlite_full())
    until(lambda: len(said()) == 4)
    assert said()[3]["requests"] == 1
    outages.close()


async def start(settings: Settings) -> None:
    async with client(settings):
        pass


def test_an_empty_pool_answers_503_at_once_to_managers_and_respondents(settings: Settings, database: Database) -> None:
    person, *_ = poll(database)
    with database.writing() as session:
        key = make_key(session, 1)

    async def run() -> list[httpx.Response]:
        async with client(settings, key) as http:
            held = http._transport.app.state.database  # type: ignore[attr-defined]
            begun = time.monotonic()
            with all_held(held.reader), all_held(held.links):
                replies = [
                    await http.get("/api/v1/units"),
                    await http.get(person.page, headers={"Accept-Language": "sv"}),
                    await http.post(person.page, data={"score": "9"}, headers={"Accept-Language": "sv"}),
                ]
            assert time.monotonic() - begun < 12
            return replies

    units, page, form = asyncio.run(run())
    assert [r.status_code for r in (units, page, form)] == [503, 503, 503]
    assert all(int(r.headers["retry-after"]) > 0 for r in (units, page, form))
    assert units.json()["type"] == "urn:soundings:problem:busy"
    assert "Försök igen om en minut" in page.text
    assert "ingenting har sparats" in form.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_however_often_readiness_is_asked_it_writes_once_in_two_seconds(database: Database) -> None:
    readiness = Readiness(database)
    before = written(database)
    for _ in range(100):
        assert readiness.reason() is None
    assert 0 < written(database) - before <= 3


def written(database: Database) -> int:
    """Transactions that wrote, on PostgreSQL; pages in the log, on SQLite."""
    if database.dialect == "sqlite":
        log = Path(f"{database.url.database}-wal")
        return log.stat().st_size // 4096 if log.exists() else 0
    with database.reading() as session:
        taken = sa.text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(session.execute(taken).scalar_one())


def test_a_process_whose_database_refused_to_store_something_is_not_ready_for_a_moment(database: Database) -> None:
    readiness = Readiness(database, fresh_seconds=0)
    database.outages.note(sqlite_full())
    assert readiness.reason() == REFUSED
    deadline = time.monotonic() + 10
    while readiness.reason() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
