"""A wave of an anonymous survey from its opening until it is swept, on a real service, with all that is left of it.

200 people answer in a known order, with known scores.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa
from sqlmodel import col, select

from app import clock
from app.storage.database import Database
from surveys import links
from surveys.fieldwork import waves
from surveys.tables import Ballot, Contact, Invitation, Wave
from tests.app.client import make_key
from tests.conftest import SECRET
from tests.factories import make_contact, make_organisation, make_unit
from tests.journeys.dump import Dump, steal, transactions
from tests.journeys.server import answering, free_port, stop
from tests.surveys.staff import backdate, make_enps

FLOOR, COMMENT_FLOOR = 20, 30
ADDRESS, FORWARDED, AGENT = "127.0.0.99", "203.0.113.77", "Mozilla/5.0 (an employee's telephone)"
UNITS = {
    "works": None, "p": "works", "q": "works", "r": "works", "sales": None, "s": "sales", "t": "sales", "lab": None,
}  # fmt: skip
# Of p, q and r, which are counted together, each gives one score: a trace of the team would tell it.
TEAMS: dict[str, int | None] = {"p": 1, "q": 6, "r": 10}
PEOPLE = [("p", 14), ("q", 14), ("r", 14), ("s", 35), ("s", 25), ("t", 58), ("lab", 20), (None, 20)]


@dataclass
class Person:
    """One of the staff, the answer they gave, and what must not be found beside it."""

    ref: str
    unit: str | None
    site: str
    name: str
    score: int
    comment: str
    token: str = ""

    @property
    def email(self) -> str:
        return f"{self.ref}@staff.example.org"


@dataclass
class Played:
    """The whole story: who answered in which order, and what was there before, while and after they did."""

    arrivals: list[Person]
    between: tuple[datetime, datetime]
    urn: Dump
    ballots: list[UUID]
    logged_meanwhile: str
    metrics: str
    dump: Dump
    touched: dict[str, set[str]]
    log: str = ""


def staff(chance: random.Random) -> list[Person]:
    """200 people with a score each, known to the test alone."""
    people = []
    for group, (unit, count) in enumerate(PEOPLE):
        for n in range(count):
            ref = f"{unit or 'none'}-{group}-{n:02}"
            score = TEAMS.get(unit or "") or chance.randrange(11)
            site = "south" if group == 4 else "north"
            # Random digits are not compressed, so that they would be found in what PostgreSQL stores apart.
            words = f"words of {ref}: " + chance.randbytes(1_500 if n % 5 == 0 else 20).hex()
            people.append(Person(ref, unit, site, f"Ingeborg Qvist-{ref}", score, words))
    chance.shuffle(people)
    return people


def play(database: Database, url: str, folder: Path) -> Played:
    people = staff(random.Random(20261121))
    key = found_organisation(database, people)
    port, log = free_port(), folder / "log"
    environment = os.environ | {
        "SOUNDINGS_DATABASE_URL": url, "SOUNDINGS_SECRET": SECRET, "SOUNDINGS_MAIL": f"folder:{folder / 'mail'}",
        "SOUNDINGS_LOG_LEVEL": "DEBUG", "SOUNDINGS_METRICS": "public", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    with log.open("wb") as output:
        process = answering(port, environment, "serve", "--port", str(port), output=output, errors=output)
        try:
            story = answer_and_close(database, f"http://127.0.0.1:{port}", key, people, log)
        finally:
            stop(process)
    story.log = log.read_text()
    return story


def found_organisation(database: Database, people: list[Person]) -> str:
    """An organisation with these people and an anonymous wave that is due to open; a key of the owner."""
    with database.writing() as session:
        make_organisation(session)
        for unit, parent in UNITS.items():
            make_unit(session, 1, unit, parent)
        make_enps(session, 1, segments=["site"], floor=FLOOR, comment_floor=COMMENT_FLOOR)
        for one in sorted(people, key=lambda one: one.ref):
            make_contact(
                session, 1, one.ref, email=one.email, name=one.name, audience="staff", unit_key=one.unit,
                attributes={"site": one.site},
            )  # fmt: skip
        now = clock.now()
        waves.create(session, 1, "enps", "w1", opens_at=now, closes_at=now + timedelta(days=7), now=now)
        return make_key(session, 1)


def answer_and_close(database: Database, base: str, key: str, people: list[Person], log: Path) -> Played:
    """Wait for the mails, let everybody answer in the order given, close the wave, and copy everything once swept."""
    with httpx.Client(base_url=f"{base}/api/v1", headers={"Authorization": f"Bearer {key}"}) as api:
        until(lambda: count(database, col(Invitation.sent_at).is_not(None)) == len(people))
        sign(database, people)
        with database.writing() as session:
            backdate(session)
        before = log.read_text()
        first = datetime.now(UTC)
        answer(base, people)
        between = (first, datetime.now(UTC))
        time.sleep(1)  # what a wave states of its closing is in whole seconds
        meanwhile = log.read_text().removeprefix(before)
        ask_wrongly(base, people[0].token)
        metrics = httpx.get(f"{base}/metrics").text
        touched = transactions(database) if database.dialect == "postgresql" else {}
        urn = steal(database)
        with database.reading() as session:
            ballots = list(session.exec(select(Ballot.id)))
        api.post("/waves/w1/closure").raise_for_status()
    until(lambda: swept(database))
    return Played(people, between, urn, ballots, meanwhile, metrics, steal(database), touched)


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def count(database: Database, condition: Any) -> int:
    with database.reading() as session:
        return int(session.execute(sa.select(sa.func.count()).select_from(Invitation).where(condition)).scalar_one())


def swept(database: Database) -> bool:
    with database.reading() as session:
        return session.get_one(Wave, (1, "w1")).swept_at is not None


def sign(database: Database, people: list[Person]) -> None:
    """Give each person the token of their link."""
    with database.reading() as session:
        rows = session.execute(
            sa.select(col(Contact.ref), col(Invitation.id)).join(
                Invitation, col(Invitation.contact_id) == col(Contact.id)
            )
        )
        tokens = {ref: links.sign(SECRET.encode(), "answer", 1, id_) for ref, id_ in rows}
    for one in people:
        one.token = tokens[one.ref]


def person(base: str) -> httpx.Client:
    """An employee's browser, with an address that nothing else has."""
    headers = {"User-Agent": AGENT, "X-Forwarded-For": FORWARDED, "Referer": "https://intranet.example.org/"}
    return httpx.Client(base_url=base, headers=headers, transport=httpx.HTTPTransport(local_address=ADDRESS))


def answer(base: str, people: list[Person]) -> None:
    """Everybody answers, one after the other; every fourth on the page, the others as programs do."""
    with person(base) as browser:
        for n, one in enumerate(people):
            given = {"score": one.score, "comment": one.comment}
            if n % 4 == 0:
                assert one.name not in browser.get(f"/s/{one.token}").raise_for_status().text
                assert browser.post(f"/s/{one.token}", data=given).status_code == 303
            else:
                reply = browser.post(f"/s/{one.token}", json=given)
                assert (reply.status_code, reply.text) == (201, "{}")


def ask_wrongly(base: str, token: str) -> None:
    """What goes wrong may be told in the log, but not whose link it was."""
    with person(base) as browser:
        replies = [
            browser.post(f"/s/{token}", json={"score": 3}),
            browser.post(f"/s/{token}", json={"score": 99}),
            browser.post(f"/s/{token[:-1]}", json={"score": 3}),
            browser.post(f"/s/{token}", content=b"<score>3</score>", headers={"Content-Type": "text/xml"}),
            browser.get(f"/s/{token}/nowhere"),
            browser.delete(f"/s/{token}"),
        ]
    assert [reply.status_code for reply in replies] == [410, 422, 404, 415, 404, 405]
