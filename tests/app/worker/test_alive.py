"""The container's health check knows a worker that takes its turns, and a service that answers, from others."""

import os
import subprocess
import sys
import time
from pathlib import Path

from app.checkup.alive import FILE, TURN_SECONDS
from app.storage.database import Database
from tests.app.cli.commands import SOUNDINGS, call
from tests.conftest import SECRET
from tests.journeys.server import free_port, serving


def check(port: int, alive: Path) -> int:
    """The exit code of the check, as the container runs it."""
    command = [sys.executable, "-X", "importtime", "-m", "app.checkup.alive", str(port)]
    done = subprocess.run(command, env=os.environ | {FILE: str(alive)}, capture_output=True, text=True, check=False)
    assert "sqlalchemy" not in done.stderr
    return done.returncode


def test_a_worker_lives_while_it_takes_its_turns(database: Database, database_url: str, tmp_path: Path) -> None:
    alive, port = tmp_path / "worker.alive", free_port()
    assert check(port, alive) == 1
    settings = {"SOUNDINGS_DATABASE_URL": database_url, "SOUNDINGS_SECRET": SECRET, FILE: str(alive)}
    with subprocess.Popen([str(SOUNDINGS), "worker"], cwd=tmp_path, env=os.environ | settings) as worker:
        try:
            touched = [_touched(alive), _touched(alive)]
            assert touched[0] < touched[1]
            assert check(port, alive) == 0
        finally:
            worker.terminate()
    long_ago = time.time() - TURN_SECONDS - 1
    os.utime(alive, (long_ago, long_ago))
    assert check(port, alive) == 1


def _touched(alive: Path, within: float = 30) -> float:
    """When the file is touched next."""
    before = alive.stat().st_mtime if alive.exists() else 0.0
    end = time.monotonic() + within
    while time.monotonic() < end:
        if alive.exists() and alive.stat().st_mtime > before:
            return alive.stat().st_mtime
        time.sleep(0.05)
    raise AssertionError("the worker took no turn")


def test_without_a_worker_the_service_is_asked(database: Database, database_url: str, tmp_path: Path) -> None:
    with serving(database_url, SECRET, SOUNDINGS_MAIL=f"folder:{tmp_path / 'mail'}") as address:
        port = int(address.rpartition(":")[2])
        assert check(port, tmp_path / "worker.alive") == 0
    assert check(port, tmp_path / "worker.alive") == 1


def test_a_file_that_cannot_be_there_is_refused(database: Database, database_url: str, tmp_path: Path) -> None:
    done = call(database_url, tmp_path, "worker", "--once", "--alive", "nowhere/alive")
    assert (done.returncode, done.stderr) == (2, "--alive: there is no folder nowhere.\n")
