"""The intake: answers that arrive together share a commit, and a fault of one is not the others' fault."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from app import clock
from app.answering.intake import WAITING_LIMIT, Intake, IntakeFull
from app.storage.database import Database
from surveys.anonymity.seals import Secrets
from surveys.answering.answers import Outcome, Recorded, Submission, answer
from surveys.tables import Response
from tests.conftest import SECRETS
from tests.factories import invited, make_invitation

Store = Callable[[Session, Sequence[Submission], datetime, Secrets], list[Outcome]]


def links(database: Database, scores: Sequence[int]) -> list[Submission]:
    """One submission for each score, to a link of its own."""
    made = []
    with database.writing() as session:
        survey, contact, _ = invited(session)
        for score in scores:
            invitation = make_invitation(session, survey, contact)
            invitation.created_at = clock.now()
            invitation.expires_at = clock.now() + timedelta(days=30)
            made.append(Submission(invitation.organisation_id, invitation.id, score))
    return made


def submit(database: Database, submissions: Sequence[Submission], store: Store) -> list[Any]:
    """What becomes of submissions that arrive at once."""

    async def run() -> list[Any]:
        intake = Intake(database, SECRETS, store=store)
        outcomes = await asyncio.gather(*map(intake.submit, submissions), return_exceptions=True)
        await intake.close()
        return outcomes

    return asyncio.run(run())


def test_answers_that_arrive_together_share_a_commit(database: Database) -> None:
    sizes = []

    def store(session: Session, batch: Sequence[Submission], now: datetime, secrets: Secrets) -> list[Outcome]:
        sizes.append(len(batch))
        return answer(session, batch, now, secrets)

    outcomes = submit(database, links(database, [9, 8, 7, 6]), store)
    assert all(isinstance(outcome, Recorded) for outcome in outcomes)
    assert sizes == [4]


def test_a_batch_that_fails_is_stored_one_by_one(database: Database) -> None:
    def store(session: Session, batch: Sequence[Submission], now: datetime, secrets: Secrets) -> list[Outcome]:
        outcomes = answer(session, batch, now, secrets)
        if any(one.score == 3 for one in batch):
            raise RuntimeError("the database would not take this one")
        return outcomes

    outcomes = submit(database, links(database, [9, 3, 7]), store)
    assert [type(outcome) for outcome in outcomes] == [Recorded, RuntimeError, Recorded]
    with database.reading() as session:
        assert session.exec(select(Response.score).order_by(col(Response.score))).all() == [7, 9]


def test_more_than_may_wait_is_told_to_come_again(database: Database) -> None:
    async def run() -> list[Any]:
        intake = Intake(database, SECRETS)
        jobs = [lambda _session, _now, n=n: n for n in range(WAITING_LIMIT + 1)]
        done = await asyncio.gather(*map(intake.run, jobs), return_exceptions=True)
        await intake.close()
        return done

    *stored, refused = asyncio.run(run())
    assert isinstance(refused, IntakeFull)
    assert stored == list(range(WAITING_LIMIT))
