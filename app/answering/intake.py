"""The intake: answers that arrive while a commit is on its way are stored together in the next one.

A caller is answered once its transaction is committed, so a 2xx means the answer is on disk. One thread
writes; the event loop only collects. A batch that fails is tried again one by one, so that one bad
submission never fails its neighbours.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import Session

from app import clock
from app.edge.faults import described
from app.operations.metrics import BATCH as BATCH_SIZE
from app.operations.metrics import RECORDED
from app.storage.database import Database
from app.storage.outages import Unavailable, is_outage
from surveys.anonymity.seals import Secrets
from surveys.answering.answers import Outcome, Recorded, Submission, answer
from surveys.facts import Fact

BATCH = 256
WAITING_LIMIT = 10_000

log = structlog.get_logger()


class IntakeFull(Exception):
    """More answers are waiting than the database takes; the caller should try again shortly."""


Job = Callable[[Session, datetime], Any]
Waiting = tuple[Submission | Job, asyncio.Future[Any]]
Store = Callable[[Session, list[Submission], datetime, Secrets], list[Outcome]]


class Intake:
    """The one way an answer through a link gets in. Lives on one event loop, writes on one thread."""

    def __init__(
        self, database: Database, secrets: Secrets, now: Callable[[], datetime] = clock.now, store: Store = answer
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._now = now
        self._store = store
        self._waiting: deque[Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._running: asyncio.Task[None] | None = None

    async def submit(self, submission: Submission) -> Outcome:
        """Store one submission durably and give its outcome. Raises IntakeFull, or what the database raised."""
        outcome: Outcome = await self._wait_for(submission)
        return outcome

    async def run(self, job: Job) -> Any:
        """Do a job in the transaction that stores the answers waiting with it, and give its result or Fact."""
        return await self._wait_for(job)

    async def _wait_for(self, wanted: Submission | Job) -> Any:
        if len(self._waiting) >= WAITING_LIMIT:
            raise IntakeFull
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await future

    async def close(self) -> None:
        """Store what is waiting, then let the thread go."""
        if self._running is not None:
            await self._running
        self._thread.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await self._gather()
            batch = self._next_batch()
            results = await loop.run_in_executor(self._thread, self._commit, [s for s, _ in batch])
            BATCH_SIZE.observe(len(batch))
            RECORDED.labels("link").inc(sum(isinstance(r, Recorded) and not r.corrected for r in results))
            for (_, future), result in zip(batch, results, strict=True):
                if future.cancelled():
                    continue
                if isinstance(result, Exception) and not isinstance(result, Fact):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        self._running = None

    async def _gather(self) -> None:
        """Let in what is at the door: a commit for one answer costs nearly as much as one for all that come with it."""
        before = 0
        while before < len(self._waiting) < BATCH:
            before = len(self._waiting)
            await asyncio.sleep(0)

    def _next_batch(self) -> list[Waiting]:
        """The next submissions, at most one per invitation: a second one corrects the first, in the next batch."""
        batch: dict[tuple[int, UUID] | Job, Waiting] = {}
        later: list[Waiting] = []
        while self._waiting and len(batch) < BATCH and len(later) < BATCH:
            one = self._waiting.popleft()
            wanted = one[0]
            key = (wanted.organisation_id, wanted.invitation_id) if isinstance(wanted, Submission) else wanted
            if key in batch:
                later.append(one)
            else:
                batch[key] = one
        self._waiting.extendleft(reversed(later))
        return list(batch.values())

    def _commit(self, batch: list[Submission | Job]) -> list[Any]:
        try:
            return list(self._transact(batch))
        except Exception as error:
            if is_outage(error):
                return self._again(batch)
            log.warning("batch failed, storing one by one", size=len(batch), **described(error))
        return [self._alone(each) for each in batch]

    def _again(self, batch: list[Submission | Job]) -> list[Any]:
        """Once more on a new connection, and together: while the database is away, one by one would take for ever."""
        try:
            return list(self._transact(batch))
        except Exception as error:
            if not is_outage(error):
                return [self._alone(each) for each in batch]
            self._database.outages.note(error, len(batch))
            return [Unavailable() for _ in batch]

    def _alone(self, waiting: Submission | Job) -> Any:
        try:
            return self._transact([waiting])[0]
        except Exception as error:
            if is_outage(error):
                self._database.outages.note(error)
                return Unavailable()
            log.error("answer not stored", **described(error))
            return error

    def _transact(self, batch: list[Submission | Job]) -> list[Any]:
        submissions = [one for one in batch if isinstance(one, Submission)]
        now = self._now()
        with self._database.answering() as session:
            outcomes = iter(self._store(session, submissions, now, self._secrets))
            return [next(outcomes) if isinstance(one, Submission) else _done(session, one, now) for one in batch]


def _done(session: Session, job: Job, now: datetime) -> Any:
    """The result of a job, or the Fact that kept it from leaving anything behind."""
    try:
        with session.begin_nested():
            return job(session, now)
    except Fact as fact:
        return fact
