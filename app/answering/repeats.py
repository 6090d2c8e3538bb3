"""Repeats: an answer posted again with the same Idempotency-Key is replied to as it was the first time.

What is kept for that names no link and no answer: both stand in it as hashes under a secret that the database does not
hold, with the day for a time, so that of an anonymous survey it shows nothing but that somebody has answered.
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.responses import Response
from starlette.types import Scope

from app.api.conventions import once
from app.api.conventions.once import Claim
from app.operations.metrics import RECORDED
from surveys.answering import answers
from surveys.answering.answers import Outcome, Recorded, Submission
from surveys.facts import Fact

HEADER = once.FIELD.lower().encode()


def key_of(scope: Scope) -> str | None:
    """The Idempotency-Key of a request, if it has one."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER), None)


async def take(
    state: Any, submission: Submission, key: str, body: bytes, reply: Callable[[Outcome], Response]
) -> Response:
    """Store what came through a link unless it came before under this key; `reply` says what is answered.

    Raises Malformed for a key that is none or came with another body, the fact that refuses the answer, and IntakeFull.
    """
    once.check(key)
    claim = _claim(state, submission, key, body)
    recorded = 0

    def job(session: Session, now: datetime) -> Response:
        nonlocal recorded
        if (answered := once.take(session, claim, now)) is not None:
            return answered
        (outcome,) = answers.answer(session, [submission], now, state.secrets)
        if isinstance(outcome, Fact):
            raise outcome
        recorded = isinstance(outcome, Recorded) and not outcome.corrected
        response = reply(outcome)
        once.remember(session, claim, response)
        return response

    response = await state.intake.run(job)
    if isinstance(response, Fact):
        raise response
    RECORDED.labels("link").inc(recorded)
    whole: Response = response
    return whole


def _claim(state: Any, submission: Submission, key: str, body: bytes) -> Claim:
    link = b"%d\0%b\0" % (submission.organisation_id, submission.invitation_id.bytes)
    asked = hmac.digest(state.secrets[0], b"repeat\0" + link + key.encode(), sha256)
    said = hmac.digest(state.secrets[0], b"answer\0" + link + body, sha256)
    return Claim(submission.organisation_id, UUID(bytes=asked[:16]), "", said, state.secrets, by_day=True)
