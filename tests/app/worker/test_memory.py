"""Memory: neither rewriting a large SQLite file nor reading through it takes the file into memory."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.storage.database import Database
from tests.factories import make_organisation
from tests.surveys.staff import hire, hold_wave, make_enps, team

MIB = 1 << 20
SIZE_MIB = 100
WORK = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from app import clock
from app.storage.database import Database
from app.worker.sweeping import sweep

def memory(line):
    return int(next(text for text in Path("/proc/self/status").read_text().splitlines() if line in text).split()[1])

def read(_):
    with database.reading() as session:
        session.connection().exec_driver_sql("SELECT sum(length(content)) FROM large").scalar_one()

database = Database(sys.argv[1])
read(0)
before = memory("VmRSS")
{work}
print((memory("VmHWM") - before) // 1024)
database.close()
"""


@pytest.fixture
def large(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a large file in which an anonymous wave has closed."""
    file = tmp_path / "soundings.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        staff, number = team(None, 12), make_organisation(session).id
        hire(session, number, staff)
        hold_wave(session, make_enps(session, number), "w1", staff, {member.ref: 5 for member in staff})
        session.execute(sa.text("CREATE TABLE large (content BLOB)"))
        rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)"
        fill = sa.text(f"INSERT INTO large {rows} SELECT randomblob(900) FROM n")  # noqa: S608 - our own
        session.execute(fill, {"rows": SIZE_MIB * MIB // 1024})
    database.close()
    return f"sqlite:///{file}"


def grown(url: str, work: str) -> int:
    """MiB by which a process of its own grew at most while it did this."""
    script = WORK.replace("{work}", work)
    done = subprocess.run([sys.executable, "-c", script, url], check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_sweeping_a_large_file_takes_little_memory(large: str) -> None:
    assert grown(large, "assert sweep(database, clock.now()) == 1") < 64


def test_forty_who_read_all_of_it_at_once_take_little_memory(large: str) -> None:
    assert grown(large, "list(ThreadPoolExecutor(40).map(read, range(80)))") < 40 * 6
