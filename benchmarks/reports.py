"""Times /scores and /trend over ten and one million answers, and DuckDB over the same answers as rows."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from app import clock
from app.access import keys
from app.settings import Settings
from app.storage.database import Database
from benchmarks.databases import DIALECTS, fresh
from surveys.organisation import organisations
from surveys.questionnaire import definitions
from surveys.responses import cells
from surveys.responses.cells import Slice
from surveys.responses.tallies import SCORES
from surveys.tables import MonthTally, Tally, Touchpoint, Unit
from surveys.tables.columns import core
from tests.app.client import client

ROWS, FEWER = 10_000_000, 1_000_000
TOUCHPOINTS, UNITS = 20, 50
FIRST_DAY, DAYS = date(2023, 1, 1), 1096
MOST_GROWTH = 1.5
ROUNDS = 7
COUNTS = ", ".join(f"count(*) FILTER (score = {n}) AS s{n}" for n in range(11))
REPORTS = {
    "/scores?by=touchpoint": "SELECT touchpoint, {counts} FROM '{file}' GROUP BY touchpoint",
    "/trend?period=month": "SELECT date_trunc('month', day), {counts} FROM '{file}' GROUP BY 1",
}


def answers(file: Path, rows: int) -> None:
    """A Parquet file of single answers with fixed chance: touchpoint, unit, day, score."""
    duckdb.execute("SELECT setseed(0.4)")
    duckdb.execute(
        f"COPY (SELECT 't' || (random() * {TOUCHPOINTS - 1})::int AS touchpoint,"
        f" 'u' || (random() * {UNITS - 1})::int AS unit,"
        f" DATE '{FIRST_DAY}' + (random() * {DAYS - 1})::int AS day, least(10, (random() * 14)::int) AS score"
        f" FROM range({rows})) TO '{file}' (FORMAT parquet)"
    )


def fill(database: Database, file: Path) -> str:
    """The tallies of the answers in the file, as the service would have counted them, and an owner's key."""
    slices = {
        (f"t{t}", f"u{u}"): Slice("nps", touchpoint=f"t{t}", unit=f"u{u}", channel="api", locale="en")
        for t in range(TOUCHPOINTS)
        for u in range(UNITS)
    }
    now = clock.now()
    with database.writing() as session:
        number = organisations.create(session, "bench", name="Bench", time_zone="UTC", locale="en", now=now).id
        settings = {
            "template": "nps", "name": "NPS", "audience": "customers", "mode": "confidential", "segments": [],
            "rest_days": 0, "edit_hours": 1, "expires_days": 30,
        }  # fmt: skip
        score = {"key": "score", "kind": "score", "required": True, "texts": {"en": {"text": "How likely?"}}}
        definitions.put(session, number, "nps", columns=settings, questions=[score], now=now)
        for touchpoint in sorted({t for t, _ in slices}):
            session.add(Touchpoint(organisation_id=number, key=touchpoint, name=touchpoint, audience="customers"))
        for unit in sorted({u for _, u in slices}):
            session.add(Unit(organisation_id=number, key=unit, name=unit))
        session.flush()
        cells.ensure(session, number, slices.values())
        key = keys.create(session, number, role="owner", now=now)[1]
    for table, starts_on in ((Tally, "day"), (MonthTally, "date_trunc('month', day)::date")):
        counted = duckdb.connect().execute(
            f"SELECT touchpoint, unit, {starts_on} AS starts_on, {COUNTS} FROM '{file}' GROUP BY ALL"
        )
        rows = (
            {"organisation_id": number, "cell_id": slices[t, u].id, "starts_on": day}
            | dict(zip(SCORES, n, strict=True))
            for t, u, day, *n in iter(counted.fetchone, None)
        )
        _insert(database, core(table), rows)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    return key


def _insert(database: Database, table: sa.Table, rows: Iterator[dict[str, Any]]) -> None:
    with database.writer.begin() as connection:
        while chunk := list(islice(rows, 20_000)):
            connection.execute(sa.insert(table), chunk)


def served(url: str, key: str) -> dict[str, float]:
    """Milliseconds of each report through the application, the best of several."""

    async def run() -> dict[str, float]:
        settings = Settings(database_url=url, secret="x" * 32, log_level="WARNING")
        best = dict.fromkeys(REPORTS, float("inf"))
        async with client(settings, key) as http:
            for _ in range(ROUNDS):
                for path in REPORTS:
                    begun = time.perf_counter()
                    answer = await http.get(f"/api/v1{path}")
                    best[path] = min(best[path], 1000 * (time.perf_counter() - begun))
                    assert answer.status_code == 200, answer.text
        return best

    return asyncio.run(run())


def by_duckdb(sql: str) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    return duckdb.execute(sql).fetchall()


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds of `work`, the best of several."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        best = min(best, 1000 * (time.perf_counter() - begun))
    return best


def measure(dialect: str, many: Path, fewer: Path) -> bool:
    """Print the times of one database beside DuckDB's; whether both limits hold."""
    with fresh(dialect) as url:
        database = Database(url)
        small = served(url, fill(database, fewer))
        database.close()
    with fresh(dialect) as url:
        database = Database(url)
        large = served(url, fill(database, many))
        database.close()
    good = True
    for path, sql in REPORTS.items():
        bare = timed(partial(by_duckdb, sql.format(counts=COUNTS, file=many)))
        growth = large[path] / small[path]
        print(
            f"{dialect} {path}: {large[path]:.0f} ms over all, {small[path]:.0f} ms over a tenth,"
            f" growth {growth:.2f} (wanted at most {MOST_GROWTH}); DuckDB {bare:.0f} ms", flush=True,
        )  # fmt: skip
        good = good and growth <= MOST_GROWTH and large[path] < bare
    return good


def main() -> int:
    """Measure both databases; 0 where every limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soundings-reports-"))
    try:
        many, fewer = folder / "many.parquet", folder / "fewer.parquet"
        answers(many, options.rows)
        answers(fewer, options.rows * FEWER // ROWS)
        held = [measure(dialect, many, fewer) for dialect in DIALECTS]
        return 0 if all(held) else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
