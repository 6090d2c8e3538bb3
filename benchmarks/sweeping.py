"""Sweeps a closed anonymous wave out of a large file: the memory it takes beside the size of the database."""

import argparse
import subprocess
import sys
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from app.storage.database import Database
from benchmarks.databases import DIALECTS, fresh
from surveys.fieldwork import waves
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, hire, make_enps, open_wave, team

TARGET_MB = 64
BALLAST_MB = 400
SWEEP = """
import sys
from datetime import datetime
from pathlib import Path
from app.storage.database import Database
from app.worker.sweeping import sweep

def peak():  # of this program; what getrusage says begins with the memory of whoever started it
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

database = Database(sys.argv[1])
with database.reading() as session:
    session.connection().exec_driver_sql("SELECT count(*) FROM organisation").scalar_one()
before = peak()
print(sweep(database, datetime.fromisoformat(sys.argv[2])), peak() - before)
"""


def main() -> int:
    """Print the memory on both databases; 1 where it is above the bound."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=BALLAST_MB)
    size = parser.parse_known_args()[0].megabytes
    missed = 0
    for dialect in DIALECTS:
        with fresh(dialect) as url:
            fill(url, size)
            swept, more = sweep_apart(url, NOW)
            assert swept == 1
            print(f"{dialect}: {size} MB, {more} MB more memory (wanted {TARGET_MB} at most)", flush=True)
            missed |= more > TARGET_MB
    return missed


def fill(url: str, megabytes: int) -> None:
    """A wave that has closed, in a database of about so many megabytes."""
    database = Database(url)
    with database.writing() as session:
        survey = make_enps(session, make_organisation(session).id)
        staff = team(None, 6)
        hire(session, survey.organisation_id, staff)
        open_wave(session, survey, "w1", staff)
        load(session, megabytes)
    with database.writing() as session:
        waves.close(session, 1, "w1", NOW + LASTS, SECRETS)
    database.close()


def load(session: Session, megabytes: int) -> None:
    """A table of so many megabytes, in rows of a kilobyte, that nobody reads."""
    rows = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {1024 * megabytes})"
    session.execute(sa.text("CREATE TABLE ballast (filling VARCHAR)"))
    session.execute(sa.text(f"INSERT INTO ballast {rows} SELECT '{'x' * 1000}' FROM n"))


def sweep_apart(url: str, now: datetime) -> tuple[int, int]:
    """Sweep in a process of its own: how many waves were swept, and how many more megabytes it held at most."""
    command = [sys.executable, "-c", SWEEP, url, now.isoformat()]
    swept, more = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(swept), int(more)


if __name__ == "__main__":
    sys.exit(main())
