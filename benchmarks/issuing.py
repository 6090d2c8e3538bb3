"""(b) Issuing 100,000 invitations, against one bare executemany (SQLite) or COPY (PostgreSQL) of the same rows."""

import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from app.storage.database import Database
from benchmarks.databases import DIALECTS, fresh
from surveys.contacts import contacts
from surveys.fieldwork import invitations
from surveys.organisation import organisations
from surveys.questionnaire import definitions
from surveys.tables import Invitation, Unit
from surveys.tables.columns import core

COUNT = int(os.environ.get("BENCH_INVITATIONS", "100000"))
ROUNDS = 3
WANTED = 0.4
NOW = datetime(2026, 4, 14, 10, 0, tzinfo=UTC)
SCORE = {"key": "score", "kind": "score", "required": True, "texts": {"en": {"text": "Would you recommend us?"}}}


def main() -> int:
    """Print, for both databases, both speeds and their ratio (the median of the rounds); 1 where one is missed."""
    fine = True
    for dialect in DIALECTS:
        with fresh(dialect) as url:
            fine &= measure(url) >= WANTED
    return 0 if fine else 1


def measure(url: str) -> float:
    """Issue and load the same number of rows by turns, in one database; the median ratio."""
    database = Database(url)
    with database.writing() as session:
        set_up(session)
    ratios = []
    for number in range(ROUNDS):
        ours = timed(database, issue, NOW + timedelta(days=60 * number))
        rows = take_out(database)
        bare = timed(database, load, rows)
        take_out(database)
        ratios.append(bare / ours)
        print(f"{database.dialect}: issued {COUNT / ours:,.0f}/s, bare {COUNT / bare:,.0f}/s, ratio {bare / ours:.2f}")
    ratio = statistics.median(ratios)
    print(f"{database.dialect}: issuing at {ratio:.2f} of the bare speed (wanted: {WANTED:.2f})")
    database.close()
    return ratio


def set_up(session: Session) -> None:
    """One organisation with 50 units, two locales, one segment of four values and COUNT contacts."""
    organisations.create(session, "bench", name="Bench", time_zone="Europe/Copenhagen", locale="en", now=NOW)
    session.add_all([Unit(organisation_id=1, key=f"u{n}", name=f"Unit {n}") for n in range(50)])
    session.flush()
    settings = {
        "template": "nps", "name": "Bench", "audience": "customers", "mode": "confidential", "segments": ["region"],
        "rest_days": 30, "edit_hours": 48, "expires_days": 30,
    }  # fmt: skip
    definitions.put(session, 1, "nps", columns=settings, questions=[SCORE], now=NOW)
    start = time.perf_counter()
    contacts.import_contacts(session, 1, (person(n) for n in range(COUNT)), NOW)
    print(f"{session.get_bind().dialect.name}: imported {COUNT / (time.perf_counter() - start):,.0f} contacts/s")


def person(n: int) -> dict[str, Any]:
    """A contact that differs from its neighbours in unit, locale and segment."""
    return {
        "ref": f"c{n}", "email": f"c{n}@example.org", "locale": "en" if n % 2 else "da", "unit": f"u{n % 50}",
        "attributes": {"region": ["north", "south", "east", "west"][n % 4]},
    }  # fmt: skip


def timed(database: Database, work: Any, input_: Any) -> float:
    """Seconds that `work` takes with its commit."""
    start = time.perf_counter()
    with database.writing() as session:
        work(session, input_)
    return time.perf_counter() - start


def issue(session: Session, at: datetime) -> None:
    """What is measured."""
    issued = invitations.invite(session, 1, "nps", contacts="all", now=at)
    assert issued.invited == COUNT


def load(session: Session, rows: list[tuple[Any, ...]]) -> None:
    """The limit: the same rows, ready made, through the driver alone."""
    names = [c.name for c in core(Invitation).c]
    raw: Any = session.connection().connection.driver_connection
    if session.get_bind().dialect.name == "sqlite":
        raw.executemany(f"INSERT INTO invitation ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY invitation ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def take_out(database: Database) -> list[tuple[Any, ...]]:
    """The rows of the table as the driver gives them; the table is empty afterwards."""
    with database.writing() as session:
        raw: Any = session.connection().connection.driver_connection
        names = ", ".join(c.name for c in core(Invitation).c)
        rows = [tuple(row) for row in raw.execute(f"SELECT {names} FROM invitation").fetchall()]
        session.execute(sa.delete(core(Invitation)))
    if database.dialect == "postgresql":
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL ANALYZE invitation")
    return rows


if __name__ == "__main__":
    sys.exit(main())
