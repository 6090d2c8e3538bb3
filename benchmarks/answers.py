"""(a) Answers per second through POST /s/{token}, linked and anonymous, against one without storing and a plain one."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import sqlalchemy as sa
from sqlmodel import Session

from app import clock
from app.storage.database import Database
from benchmarks.databases import DIALECTS, fresh
from surveys import links
from surveys.anonymity import seals
from surveys.responses import cells
from surveys.responses.cells import Slice
from surveys.tables import Invitation, Survey, Wave
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
        slices = []
        for t in range(20):
            make_touchpoint(session, organisation.id, f"t{t}")
        for u in range(10):
            make_unit(session, organisation.id, f"u{u}")
            slices += [Slice("nps", None, f"t{t}", f"u{u}", "email", lo) for t in range(20) for lo in LOCALES]
        return _paths(session, survey, slices, count)


def issue_anonymous(database: Database, count: int) -> list[str]:
    """Paths of fresh links of an open wave, spread over 10 units and 3 sites."""
    now = clock.now()
    with database.writing() as session:
        organisation = make_organisation(session, f"bench-{uuid4().hex[:8]}", now=now)
        survey = make_survey(session, organisation.id, audience="staff", mode="anonymous", segments=["site"])
        wave = Wave(
            organisation_id=organisation.id, key="wave", survey_key=survey.key, opens_at=now,
            closes_at=now + timedelta(days=7), invited_at=now, floor=5, comment_floor=10, always_release_total=False,
            scores="scores", segments=["site"], secret_check=seals.check_of(SECRET.encode(), organisation.id, "wave"),
            contacts={}, reminders_after_days=[],
        )  # fmt: skip
        session.add(wave)
        for u in range(10):
            make_unit(session, organisation.id, f"u{u}")
        segments = [(("site", site),) for site in LOCALES]
        slices = [Slice("nps", "wave", unit=f"u{u}", segments=own) for u in range(10) for own in segments]
        return _paths(session, survey, slices, count, wave_key="wave", anonymous=True)


def _paths(session: Session, survey: Survey, slices: Sequence[Slice], count: int, **columns: object) -> list[str]:
    """Paths of so many new links, each of the next of the cells."""
    number, now = survey.organisation_id, clock.now()
    contacts = [make_contact(session, number, locale=locale).id for locale in LOCALES]
    cells.ensure(session, number, slices)
    ids = [uuid4() for _ in range(count)]
    rows = [
        {
            "organisation_id": number, "id": id_, "survey_key": survey.key, "contact_id": contacts[n % len(contacts)],
            "cell_id": slices[n % len(slices)].id, "deliver": "email", "created_at": now, "invited_on": now.date(),
            "expires_at": now + timedelta(days=30), **columns,
        }
        for n, id_ in enumerate(ids)
    ]  # fmt: skip
    session.execute(sa.insert(Invitation), rows)
    return [f"/s/{links.sign(SECRET.encode(), 'answer', number, id_)}" for id_ in ids]


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


def cpu_seconds(process_id: int) -> float:
    """User and system time that a process has used so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(dialect: str) -> dict[str, float]:
    """Median ratios over rounds in which the servers take turns; `anonymous` is of a route that stores nothing too."""
    with fresh(dialect) as url:
        database = Database(url)
        paths, unlinked = (make(database, ANSWERS * (ROUNDS + 1)) for make in (issue, issue_anonymous))
        database.close()
        with (
            serving("app.main:create_process", url) as ours,
            serving("benchmarks.limits:nothing", url) as nothing,
            serving("benchmarks.limits:plain", url) as plain,
        ):
            rounds = []
            for n in range(ROUNDS + 1):
                share, urn = (own[n * ANSWERS : (n + 1) * ANSWERS] for own in (paths, unlinked))
                bare, linked, cast = _loaded(nothing, share), _loaded(ours, share), _loaded(ours, urn)
                simple = load(plain.port, share[: max(ANSWERS // 10, 200)])
                rounds.append((linked[0] / bare[0], linked[0] / simple, cast[0] / bare[0], bare[1] / cast[1]))
                if n:  # the first round warms up
                    print(
                        f"  {dialect}: stores nothing {bare[0]:.0f}/s, Soundings {linked[0]:.0f}/s, "
                        f"anonymous {cast[0]:.0f}/s, plain route {simple:.0f}/s"
                    )
    medians = (statistics.median(values) for values in zip(*rounds[1:], strict=True))
    return dict(zip(("nothing", "plain", "anonymous", "anonymous by CPU"), medians, strict=True))


def _loaded(server: Server, paths: list[str]) -> tuple[float, float]:
    """Answers per second, and the seconds of CPU that the server used for them."""
    before = cpu_seconds(server.process_id)
    return load(server.port, paths), cpu_seconds(server.process_id) - before


def main() -> int:
    """Print the ratios on both databases; 1 where one is missed."""
    fine = True
    for dialect in sys.argv[1:] or DIALECTS:
        result = run(dialect)
        for of, ratio in (("", result["nothing"]), (", anonymous", result["anonymous"])):
            print(f"(a) {dialect}{of}: {ratio:.2f} of a route that stores nothing (wanted: at least 0.5)")
        print(f"  {dialect}, anonymous: {result['anonymous by CPU']:.2f} by CPU alone, whatever else the machine does")
        print(f"(a) {dialect}: {result['plain']:.1f} times a plain FastAPI + SQLModel route (wanted: at least 5)")
        fine &= min(result["nothing"], result["anonymous"]) >= 0.5 and result["plain"] >= 5
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
