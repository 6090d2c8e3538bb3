"""A crowd of employees: many at once who are asked, who answer over HTTP at the same time, and what became of it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
import sqlalchemy as sa
from sqlmodel import Session
from uuid_utils.compat import uuid7

from app import clock
from app.storage.database import Database
from surveys import links
from surveys.answering import answers
from surveys.answering.answers import Submission
from surveys.fieldwork import waves
from surveys.responses import tallies
from surveys.tables import (
    AnonymousComment,
    AnonymousScore,
    Ballot,
    Cell,
    Contact,
    Invitation,
    Tally,
    Turnout,
    Wave,
    WaveParticipant,
    WaveStatement,
)
from surveys.tables.columns import core
from tests.conftest import SECRET, SECRETS

LASTS = timedelta(days=7)
COMMIT = 256


def employ(session: Session, unit: str, count: int) -> None:
    """So many people of a unit that is there, known for long enough to count in a comparison of waves."""
    now = clock.now() - timedelta(days=365)
    rows = [
        {
            "organisation_id": 1, "id": uuid7(), "ref": f"{unit}-{n}", "audience": "staff", "unit_key": unit,
            "email": f"{unit}-{n}@example.org", "email_key": f"{unit}-{n}@example.org", "attributes": {},
            "created_at": now, "updated_at": now,
        }
        for n in range(count)
    ]  # fmt: skip
    session.execute(sa.insert(core(Contact)), rows)


def ask(database: Database, key: str, unit: str) -> list[UUID]:
    """Open a wave for a unit and what is below it two days ago, as if all mail had been sent; the invitations."""
    now = clock.now() - timedelta(days=2)
    i = core(Invitation)
    with database.writing() as session:
        waves.create(session, 1, "enps", key, opens_at=now, closes_at=now + LASTS, now=now, contacts={"unit": unit})
        waves.open_now(session, 1, key, now, SECRETS)
        session.execute(sa.update(i).where(i.c.wave_key == key).values(send_at=None, sent_at=now))
        return list(session.execute(sa.select(i.c.id).where(i.c.wave_key == key)).scalars())


def fill(database: Database, invitations: Sequence[UUID], together: int = COMMIT) -> None:
    """Everybody answers, without a server; so many in one transaction."""
    now = clock.now()
    given = [Submission(1, id_, id_.bytes[0] % 11, {"comment": id_.hex}) for id_ in invitations]
    for start in range(0, len(given), together):
        with database.writing() as session:
            answers.answer(session, given[start : start + together], now, SECRETS)


@dataclass
class Crowd:
    """People who answer at the addresses of several servers, in turn; what they were told is kept."""

    bases: Sequence[str]
    replies: list[tuple[int, int, float]] = field(default_factory=list)

    @property
    def counted(self) -> Counter[int]:
        """The scores that were acknowledged."""
        return Counter(score for status, score, _ in self.replies if status == 201)

    @property
    def statuses(self) -> Counter[int]:
        return Counter(status for status, _, _ in self.replies)

    @property
    def slowest(self) -> float:
        """The longest anybody waited for a reply, seconds."""
        return max(seconds for _, _, seconds in self.replies)

    def answer(self, http: httpx.Client, id_: UUID) -> int:
        """One person answers; the status."""
        score, token = id_.bytes[0] % 11, links.sign(SECRET.encode(), "answer", 1, id_)
        begun = time.monotonic()
        reply = http.post(f"/s/{token}", json={"score": score, "comment": id_.hex})
        self.replies.append((reply.status_code, score, time.monotonic() - begun))
        return reply.status_code

    def answer_all(self, invitations: Sequence[UUID], people: int, when: int, then: Callable[[], None]) -> None:
        """Answer all with so many people at a time; when so many answers are acknowledged, `then` is called."""
        waiting = iter(invitations)
        lock = threading.Lock()

        def person(number: int) -> None:
            with httpx.Client(base_url=self.bases[number % len(self.bases)], timeout=60) as http:
                while True:
                    with lock:
                        id_ = next(waiting, None)
                    if id_ is None:
                        return
                    self.answer(http, id_)
                    if len(self.replies) >= when:
                        then()

        with ThreadPoolExecutor(people) as threads:
            for ended in [threads.submit(person, number) for number in range(people)]:
                ended.result()


@dataclass(frozen=True)
class Counts:
    """What the database holds of one wave."""

    closed: bool
    swept: bool
    answered: int
    participants: int
    statements: int
    ballots: int
    scores: int
    comments: int
    tallied: int
    turned_out: int
    merged: int

    @property
    def is_open(self) -> bool:
        """Open, with all that was answered in the urn and nothing anywhere else."""
        written = {self.scores, self.comments, self.tallied, self.turned_out, self.merged, self.participants}
        nothing = written | {self.statements} == {0}
        return not self.closed and not self.swept and self.ballots == self.answered and nothing

    @property
    def is_released(self) -> bool:
        """Closed, with each answer counted once everywhere and nothing left in the urn."""
        each = {self.scores, self.comments, self.tallied, self.turned_out, self.participants}
        stated = self.statements == 1
        return self.closed and self.ballots == 0 and each == {self.answered} and self.merged > 0 and stated


def count(database: Database, key: str) -> Counts:
    """What there is of a wave."""
    with database.reading() as session:
        return _count(session, key)


def _count(session: Session, key: str) -> Counts:
    c, wave = core(Cell).c, session.get_one(Wave, (1, key))
    cells = sa.select(c.id).where(c.wave_key == key)

    def number(table: type, what: sa.ColumnElement[int] | None = None) -> int:
        counted = sa.func.count() if what is None else sa.func.coalesce(sa.func.sum(what), 0)
        found = sa.select(counted).select_from(core(table)).where(core(table).c.cell_id.in_(cells))
        return int(session.execute(found).scalar_one())

    t = core(Tally).c
    p = core(WaveParticipant).c
    participants = sa.select(sa.func.count()).where(p.wave_key == key)
    stated = sa.select(sa.func.count()).select_from(core(WaveStatement)).where(core(WaveStatement).c.wave_key == key)
    ballots = number(Ballot)
    merged = sa.select(sa.func.count()).where(c.wave_key == key, c.merged_into.is_not(None))
    return Counts(
        closed=wave.closed_at is not None,
        swept=wave.swept_at is not None,
        answered=ballots if wave.closed_at is None else wave.answered_count or 0,
        participants=session.execute(participants).scalar_one(),
        statements=session.execute(stated).scalar_one(),
        ballots=ballots,
        scores=number(AnonymousScore),
        comments=number(AnonymousComment),
        tallied=number(Tally, sum((t[name] for name in tallies.COLUMNS), sa.literal(0))),
        turned_out=number(Turnout, core(Turnout).c.answered),
        merged=session.execute(merged).scalar_one(),
    )


def shown(http: httpx.Client, key: str) -> tuple[int, int]:
    """How many responses and how many comments of a wave the API tells of."""
    scores = http.get(f"/api/v1/scores?survey=enps&wave={key}").raise_for_status().json()
    comments = 0
    for page in _pages(http, f"/api/v1/comments?survey=enps&wave={key}&limit=1000"):
        comments += len(page["items"])
    return scores["total"]["responses"], comments


def _pages(http: httpx.Client, path: str) -> Iterator[dict[str, list[object]]]:
    after = ""
    while True:
        page = http.get(path + after).raise_for_status().json()
        yield page
        if page["next"] is None:
            return
        after = f"&after={page['next']}"
