"""The short path of a survey's link: its page, its form and the posted JSON, from the wire without a detour.

It stands before router and middleware because those cost more than storing an answer or filling in a page does;
docs/decisions/0002-group-commit.md and 0013-held-pages.md have the measurements.
"""

from typing import Any

import structlog
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.answering import repeats
from app.answering.intake import IntakeFull
from app.answering.replies import ANSWER, body, busy, reply
from app.edge import slashes, unavailable
from app.edge.faults import described
from app.edge.problems import Problem, from_fact, malformed, problem
from app.pages.respondents import survey, visit
from app.storage.outages import RETRY_AFTER
from surveys import links
from surveys.answering.answers import Submission
from surveys.facts import Fact

PREFIX = "/s/"
FORM = b"application/x-www-form-urlencoded"
JSON = (b"application/json", b"")
METHODS = "GET, HEAD, POST"

log = structlog.get_logger()


def is_survey(scope: Scope) -> bool:
    """Whether the request is for a survey's link itself, not for what lies below it."""
    return scope["type"] == "http" and scope["path"].startswith(PREFIX) and "/" not in _token(scope)


def _token(scope: Scope) -> str:
    path: str = scope["path"]
    return path[len(PREFIX) :].removesuffix("/")


class SurveyPath:
    """Answers requests that are for a survey's link. What a page raises is for whoever stands around to tell."""

    def __init__(self, state: Any) -> None:
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._respond(scope, receive)
        except Exception as error:
            if not self.state.database.outages.met(error):
                raise
            response = unavailable.answer(Request(scope))
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        method, token = scope["method"], _token(scope)
        if (way := slashes.away(scope)) is not None:
            return way
        if method in ("GET", "HEAD"):
            return await survey.show(self.state, visit.of_scope(scope, token, self.state))
        if method != "POST":
            return problem(405, f"Here is {METHODS}, and not {method}.", headers={"Allow": METHODS})
        kind = _kind(scope)
        if kind == FORM:
            return await survey.answer(self.state, visit.of_scope(scope, token, self.state), receive)
        if kind in JSON:
            return await self._take(token, receive, repeats.key_of(scope))
        read = "application/json or application/x-www-form-urlencoded"
        return problem(415, f"'{kind.decode('latin-1')}' is not understood here. Send {read}.")

    async def _take(self, token: str, receive: Receive, key: str | None) -> Response:
        """Store what came as JSON; whatever fails is said as a problem, and the answer is not stored."""
        try:
            return await _store(self.state, token, receive, key)
        except Problem as over:
            return problem(over.status_code, str(over.detail))
        except Exception as error:
            if self.state.database.outages.met(error):
                return problem(503, unavailable.DETAIL, headers=RETRY_AFTER)
            log.error("answer not stored", **described(error))
            return problem(500, "Something went wrong here; your answer is not stored. Please try again.")


def _kind(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind: bytes = value.split(b";", 1)[0].strip().lower()
            return kind
    return b""


async def _store(state: Any, token: str, receive: Receive, key: str | None) -> Response:
    try:
        link = links.verify(state.secrets, "answer", token)
        raw = await body(receive)
        answer = ANSWER.validate_json(raw)
        fields = {name: getattr(answer, name) for name in answer.model_fields_set if name != "score"}
        submission = Submission(link.organisation_id, link.id, answer.score, fields)
        if key is not None:
            return await repeats.take(state, submission, key, raw, reply)
        outcome = await state.intake.submit(submission)
    except ValidationError as error:
        return malformed(error.errors())
    except IntakeFull as full:
        state.database.outages.note(full)
        return busy()
    except Fact as fact:
        return from_fact(fact)
    return reply(outcome)
