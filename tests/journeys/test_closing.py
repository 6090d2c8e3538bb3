"""Closing under fire: each answer counts once or is refused, nothing shows early, and a kill leaves no half."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, Popen
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from app.worker.worker import Worker
from surveys.fieldwork import waves as closed_waves
from surveys.responses import tallies
from surveys.tables import Ballot, Wave
from tests.app.client import make_key
from tests.conftest import SECRET, addresses
from tests.factories import make_organisation, make_unit
from tests.journeys import crowd
from tests.journeys.crowd import LASTS, Crowd, shown
from tests.journeys.server import SOUNDINGS, answering, free_port, kill
from tests.surveys.staff import make_enps

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "2"))
UNITS = {"pairs": 90, "many": 600, "huge": 0, "h-a": 2_390, "h-b": 7, "h-c": 3}
LIFETIME_SECONDS = 0.5  # about as long as closing the wave that is killed takes
LONGEST_SECONDS = 10.0  # it takes a fraction of one; waiting for a lock that is given up takes thirty


@dataclass
class Service:
    """Two servers on one database, without workers."""

    database: Database
    settings: Settings
    key: str
    log: Path
    servers: list[tuple[str, Popen[bytes]]] = field(default_factory=list)

    @property
    def bases(self) -> list[str]:
        """Where people answer: SQLite is served by one process."""
        bases = [base for base, _ in self.servers]
        return bases[:1] if self.database.dialect == "sqlite" else bases

    def start(self) -> None:
        """One more server."""
        port = free_port()
        environment = os.environ | {
            "SOUNDINGS_DATABASE_URL": self.settings.database_url, "SOUNDINGS_SECRET": SECRET,
            "SOUNDINGS_MAIL": self.settings.mail, "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        with self.log.open("ab") as output:
            serve = ("serve", "--port", str(port), "--no-worker")
            process = answering(port, environment, *serve, output=output, errors=output)
        self.servers.append((f"http://127.0.0.1:{port}", process))

    def manager(self, base: str) -> httpx.Client:
        """A client with the key of the owner."""
        return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {self.key}"}, timeout=60)

    def close(self, base: str, wave: str) -> httpx.Response:
        with self.manager(base) as http:
            return http.post(f"/api/v1/waves/{wave}/closure")

    def work(self) -> None:
        """What a worker does whose clock says that every wave is over."""
        Worker(self.database, self.settings, now=lambda: clock.now() + LASTS).run(once=True)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"], name="service")
def running_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("closing")
    for url in addresses(request, folder):
        database = Database(url)
        with database.writing() as session:
            make_organisation(session)
            make_enps(session, 1)
            for unit, count in UNITS.items():
                make_unit(session, 1, unit, "huge" if unit.startswith("h-") else None)
                if count:
                    crowd.employ(session, unit, count)
            key = make_key(session, 1)
        settings = Settings(database_url=url, secret=SECRET, mail=f"folder:{folder / 'mail'}")
        service = Service(database, settings, key, folder / "log")
        with ThreadPoolExecutor(2) as both:
            for started in [both.submit(service.start) for _ in range(2)]:
                started.result()
        yield service
        for _, process in service.servers:
            if process.poll() is None:
                kill(process)
        database.close()


def test_two_who_answer_at_the_same_instant_are_both_counted(service: Service) -> None:
    ids = crowd.ask(service.database, "pairs", "pairs")
    different, twice = list(zip(ids[:30], ids[30:60], strict=True)), [(id_, id_) for id_ in ids[60:]]
    people = Crowd(service.bases)
    together = threading.Barrier(2)

    def person(side: int) -> list[int]:
        with httpx.Client(base_url=service.bases[side % len(service.bases)], timeout=60) as http:
            told = []
            for pair in different + twice:
                together.wait(60)
                told.append(people.answer(http, pair[side]))
            return told

    with ThreadPoolExecutor(2) as both:
        one, other = both.map(person, range(2))
    told = Counter(tuple(sorted(pair)) for pair in zip(one, other, strict=True))
    assert told == {(201, 201): len(different), (201, 410): len(twice)}
    counts = crowd.count(service.database, "pairs")
    assert (counts.is_open, counts.ballots) == (True, len(ids))


def test_whoever_answers_while_the_wave_is_closed_from_all_sides_is_counted_or_refused(service: Service) -> None:
    ids = crowd.ask(service.database, "many", "many")
    people, seen = Crowd(service.bases), list[tuple[int, int]]()
    begin, over = threading.Event(), threading.Event()

    def close(base: str) -> httpx.Response:
        begin.wait(60)
        return service.close(base, "many")

    def work() -> None:
        begin.wait(60)
        service.work()

    def watch() -> None:
        with service.manager(service.bases[-1]) as http:
            while not over.is_set():
                seen.append(shown(http, "many"))

    with ThreadPoolExecutor(5) as others:
        watching, working = others.submit(watch), others.submit(work)
        closing = [others.submit(close, base) for base in (*service.bases, service.bases[0])]
        try:
            people.answer_all(ids, 8, len(ids) // 3, begin.set)
        finally:
            begin.set()
            replies = [one.result() for one in closing]
            over.set()
        working.result()
        watching.result()
    acknowledged = sum(people.counted.values())
    assert set(people.statuses) == {201, 410}
    assert people.slowest < LONGEST_SECONDS
    counts = crowd.count(service.database, "many")
    assert (counts.is_released, counts.answered) == (True, acknowledged)
    assert {count for both in seen for count in both} <= {0, acknowledged}
    with service.manager(service.bases[0]) as http:
        assert shown(http, "many") == (acknowledged, acknowledged)
        told = http.get("/api/v1/distribution?survey=enps&wave=many").raise_for_status().json()["items"]
        assert told[0]["counts"] == {str(score): people.counted[score] for score in range(11)}
    first, *again = [reply.json() for reply in replies]
    assert all(reply.status_code == 200 for reply in replies)
    assert all(reply == first for reply in again)
    service.work()
    assert service.close(service.bases[0], "many").json() == first
    again_ = crowd.count(service.database, "many")
    assert (again_.is_released, again_.answered, again_.swept) == (True, acknowledged, True)
    with service.database.reading() as session:
        assert tallies.check(session, 1) == []
    wrong = [line for line in service.log.read_text().splitlines() if '"level":"error"' in line or "one by one" in line]
    assert wrong == []


def test_a_kill_leaves_a_wave_open_or_released_and_the_next_worker_goes_on(service: Service) -> None:
    chance, killed, waves = random.Random(7), Counter[str](), list[str]()
    wave = ""
    for number in range(ROUNDS):
        if number == len(service.servers):
            service.start()
        base, process = service.servers[number]
        if not wave:
            wave = f"kill-{number}"
            waves.append(wave)
            crowd.fill(service.database, crowd.ask(service.database, wave, "huge"))
        with service.manager(base) as http:
            assert shown(http, wave) == (0, 0)
        with ThreadPoolExecutor(1) as other:
            closing = other.submit(service.close, base, wave)
            # The last one is killed after it has closed the wave, and before anybody has swept.
            wait([closing], None if number == ROUNDS - 1 else chance.uniform(0.05, LIFETIME_SECONDS))
            kill(process)
            told = closing.exception() is None and closing.result().is_success
        counts = crowd.count(service.database, wave)
        assert counts.answered == 2_400
        assert counts.is_released or (counts.is_open and not told), counts
        killed["released" if counts.closed else "open"] += 1
        if counts.closed:
            assert not counts.swept
            wave = ""
    print(f"{service.database.dialect}: found {dict(killed)} after a kill")
    service.work()
    left = [crowd.count(service.database, one) for one in waves]
    assert all(counts.is_released and counts.swept for counts in left)
    with service.database.reading() as session:
        assert tallies.check(session, 1) == []


# In the transaction of a closing: the table that a step writes. The log is rotated by a worker, after that.
STEPS = {"statement written": "wave_statement", "log rotated": None, "participants recorded": "wave_participant"}
STEP_ROUNDS = max(2, ROUNDS // 5)
ARRIVED_SECONDS = 3.0  # a closing takes a fraction of that; on SQLite nobody sees from outside where it is
HELD = {
    "sqlite": "BEGIN SELECT count(*) FROM invitation a, invitation b, invitation c, invitation d; END",
    "postgresql": "FOR EACH STATEMENT EXECUTE FUNCTION held()",
}
SLEEPER = "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(120); RETURN NULL; END'"
ASLEEP = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


@contextmanager
def held_behind(database: Database, table: str) -> Iterator[None]:
    """A trigger keeps whoever writes to this table right behind that, in their transaction."""
    sleeps = database.dialect == "postgresql"
    with database.writer.begin() as connection:
        if sleeps:
            connection.exec_driver_sql(SLEEPER)
        connection.exec_driver_sql(f"CREATE TRIGGER held AFTER INSERT ON {table} {HELD[database.dialect]}")
    yield
    with database.writer.begin() as connection:
        if sleeps:  # whose server was killed sleeps on
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid, 10000) {ASLEEP}").all()
        connection.exec_driver_sql("DROP FUNCTION held() CASCADE" if sleeps else "DROP TRIGGER held")


def arrived(database: Database) -> bool:
    """Whether somebody is held."""
    if database.dialect == "sqlite":
        time.sleep(ARRIVED_SECONDS)
        return True
    with database.reader.connect() as connection:
        return bool(connection.exec_driver_sql(f"SELECT count(*) {ASLEEP}").scalar_one())


def kill_closing(service: Service, wave: str, table: str) -> None:
    """A server that closes a wave is killed right behind the rows it wrote to a table."""
    service.start()
    base, process = service.servers[-1]
    with held_behind(service.database, table), ThreadPoolExecutor(1) as other:
        closing = other.submit(service.close, base, wave)
        until(lambda: arrived(service.database))
        assert not closing.done()
        kill(process)
        assert closing.exception() is not None
    assert crowd.count(service.database, wave).is_open


def kill_sweeping(service: Service, wave: str) -> None:
    """A worker is killed as it has rewritten the tables, and writes the log past itself or cuts it off."""
    with service.database.writing() as session:
        closed_waves.close(session, 1, wave, clock.now(), [SECRET.encode()])
    environment = os.environ | {
        "SOUNDINGS_DATABASE_URL": service.settings.database_url, "SOUNDINGS_SECRET": SECRET,
        "SOUNDINGS_MAIL": service.settings.mail,
    }  # fmt: skip
    worker = Popen([str(SOUNDINGS), "worker"], env=environment, start_new_session=True, stdout=DEVNULL, stderr=DEVNULL)
    try:
        until(lambda: sweeping(service, wave))
    finally:
        kill(worker)
    assert crowd.count(service.database, wave).is_released


def sweeping(service: Service, wave: str) -> bool:
    """Whether the log is being rotated, on SQLite whether it was cut for the first time; or all is done already."""
    if service.database.dialect == "sqlite":
        return Path(f"{service.database.url.database}-wal").stat().st_size == 0
    with service.database.reading() as session:
        return session.get_one(Wave, (1, wave)).log_position is not None


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def logged(database: Database, ballots: Sequence[UUID]) -> list[UUID]:
    """Those of the ballots that the files of the database's log hold."""
    with database.reader.connect() as connection:
        if database.dialect == "sqlite":
            files = [Path(f"{database.url.database}-wal")]
        else:
            folder = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one()) / "pg_wal"
            files = [path for path in folder.iterdir() if path.is_file()]
    contents = [path.read_bytes() for path in files]
    return [id_ for id_ in ballots if any(id_.bytes in content or id_.hex.encode() in content for content in contents)]


def test_a_kill_at_each_step_of_closing_leaves_nothing_half_done_and_the_next_worker_goes_on(service: Service) -> None:
    reached, waves, ballots = Counter[str](), list[str](), list[UUID]()
    for number in range(STEP_ROUNDS):
        step, table = list(STEPS.items())[number % len(STEPS)]
        waves.append(f"step-{number}")
        crowd.fill(service.database, crowd.ask(service.database, waves[-1], "many"))
        with service.database.reading() as session:
            ballots += session.exec(select(Ballot.id).limit(20))
        if table is None:
            kill_sweeping(service, waves[-1])
        else:
            kill_closing(service, waves[-1], table)
        reached[step] += 1
        service.work()
        assert crowd.count(service.database, waves[-1]).swept
    print(f"{service.database.dialect}: killed at {dict(reached)}")
    left = [crowd.count(service.database, one) for one in waves]
    assert all(counts.is_released and counts.answered == UNITS["many"] for counts in left)
    assert logged(service.database, ballots) == []
    with service.database.reading() as session:
        assert tallies.check(session, 1) == []
