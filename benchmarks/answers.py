"""(a) Answers per second through POST /s/{token}, against a route that stores nothing and a plain one."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import httpx
import sqlalchemy as sa

from app import clock
from app.storage.database import Database
from benchmarks.databases import DIALECTS, fresh
from surveys import links
from surveys.responses import cells
from surveys.responses.cells import Slice
from surveys.tables import Invitation
from tests.factories import make_contact, make_organisation, make_survey, make_touchpoint, make_unit

CONNECTIONS = 64
ANSWERS = int(os.environ.get("BENCH_ANSWERS", "6000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
LOCALES = ("da", "de", "en")
SECRET = "a-secret-of-the-benchmark-0123456789"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where it listens, and its process."""

    port: int
    process_id: int


def issue(database: Database, count: int) -> list[str]:
    """Paths of fresh links, spread over 20 touchpoints, 10 units and 3 locales."""
    with database.writing() as session:
        organisation = make_organisation(session, f"bench-{uuid4().hex[:8]}", now=clock.now())
        survey = make_survey(session, organisation.id)
        contacts = [make_contact(session, organisation.id, locale=locale).id for locale in LOCALES]
        slices = []
        for t in range(20):
            make_touchpoint(session, organisation.id, f"t{t}")
        for u in range(10):
            make_unit(session, organisation.id, f"u{u}")
            slices += [Slice("nps", None, f"t{t}", f"u{u}", "email", lo) for t in range(20) for lo in LOCALES]
        cells.ensure(session, organisation.id, slices)
        now = clock.now()
        ids = [uuid4() for _ in range(count)]
        rows = [
            {
                "organisation_id": organisation.id, "id": id_, "survey_key": survey.key,
                "contact_id": contacts[n % len(contacts)],
                "cell_id": slices[n % len(slices)].id, "deliver": "email", "created_at": now, "invited_on": now.date(),
                "expires_at": now + timedelta(days=30),
            }
            for n, id_ in enumerate(ids)
        ]  # fmt: skip
        session.execute(sa.insert(Invitation), rows)
        return [f"/s/{links.sign(SECRET.encode(), 'answer', organisation.id, id_)}" for id_ in ids]


@contextmanager
def serving(factory: str, url: str) -> Iterator[Server]:
    """A server of `factory` in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"SOUNDINGS_DATABASE_URL": url, "SOUNDINGS_SECRET": SECRET, "SOUNDINGS_WORKER": "0"}
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port), "--no-access-log",
               "--log-level", "warning"]  # fmt: skip
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/none", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def load(port: int, paths: list[str]) -> float:
    """Requests per second; every one must be answered 2xx."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", str(port), str(CONNECTIONS)],
        input="\n".join(paths), capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert result["good"] == len(paths), f"{result['good']} of {len(paths)} answered 2xx"
    return float(result["per_second"])


def run(dialect: str) -> dict[str, float]:
    """Median ratios over rounds in which the three servers take turns."""
    with fresh(dialect) as url:
        database = Database(url)
        paths = issue(database, ANSWERS * (ROUNDS + 1))
        database.close()
        with (
            serving("app.main:create_process", url) as ours,
            serving("benchmarks.limits:nothing", url) as nothing,
            serving("benchmarks.limits:plain", url) as plain,
        ):
            ratios: dict[str, list[float]] = {"nothing": [], "plain": []}
            for n in range(ROUNDS + 1):
                share = paths[n * ANSWERS : (n + 1) * ANSWERS]
                bare, own = load(nothing.port, share), load(ours.port, share)
                simple = load(plain.port, share[: max(ANSWERS // 10, 200)])
                if n:  # the first round warms up
                    ratios["nothing"].append(own / bare)
                    ratios["plain"].append(own / simple)
                    print(
                        f"  {dialect}: stores nothing {bare:.0f}/s, Soundings {own:.0f}/s, plain route {simple:.0f}/s"
                    )
    return {name: statistics.median(values) for name, values in ratios.items()}


def main() -> int:
    """Print the ratios on both databases; 1 where one is missed."""
    fine = True
    for dialect in DIALECTS:
        result = run(dialect)
        print(f"(a) {dialect}: {result['nothing']:.2f} of a route that stores nothing (wanted: at least 0.5)")
        print(f"(a) {dialect}: {result['plain']:.1f} times a plain FastAPI + SQLModel route (wanted: at least 5)")
        fine &= result["nothing"] >= 0.5 and result["plain"] >= 5
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
