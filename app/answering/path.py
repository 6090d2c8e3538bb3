"""The answer path: POST /s/{token} with a JSON body, from the wire to the intake without a detour.

It stands before the router because routing and dependencies cost more than storing an answer does;
docs/decisions/0002-group-commit.md has the measurement. Forms and everything else pass through.
"""

from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, Field, StrictInt, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.answering import repeats
from app.answering.intake import IntakeFull
from app.problems import Problem, from_fact, malformed, problem
from app.requests import tell_of_link
from surveys import links
from surveys.answering.answers import Outcome, Submission, Unlinked
from surveys.facts import Fact

PREFIX = "/s/"
ROUTE = "/s/{token}"

log = structlog.get_logger()


class AnswerIn(BaseModel):
    """An answer: what is left out stays as it was, null clears it."""

    model_config = ConfigDict(extra="forbid")
    score: StrictInt = Field(ge=0, le=10, description="0 to 10")
    comment: str | None = Field(None, max_length=10_000)
    answers: dict[str, Any] = Field(default_factory=dict, description="question key to value")


ANSWER = TypeAdapter(AnswerIn)


def is_answer(scope: Scope) -> bool:
    """Whether the request posts JSON to a survey link."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path: str = scope["path"]
    if not path.startswith(PREFIX) or "/" in path[len(PREFIX) :]:
        return False
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"application/json")
    return kind.split(b";", 1)[0].strip().lower() in (b"application/json", b"")


class AnswerPath:
    """Answers requests that `is_answer`; whatever fails is told as a problem, and the answer is not stored."""

    def __init__(self, state: Any) -> None:
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await _answer(self.state, scope["path"][len(PREFIX) :], receive, repeats.key_of(scope))
        except Problem as over:
            response = problem(over.status_code, str(over.detail))
        except Exception as error:
            # No traceback: a database's message may quote the row.
            log.error("answer not stored", error=type(error).__name__)
            response = problem(500, "Something went wrong here; your answer is not stored. Please try again.")
        # A line in the log for each would cost as much as storing it, and would keep the time of every answer.
        tell_of_link("POST", ROUTE, response.status_code)
        await response(scope, receive, send)


async def _answer(state: Any, token: str, receive: Receive, key: str | None) -> Response:
    try:
        link = links.verify(state.secrets, "answer", token)
        raw = await body(receive)
        given = ANSWER.validate_json(raw)
        fields = {name: getattr(given, name) for name in given.model_fields_set if name != "score"}
        submission = Submission(link.organisation_id, link.id, given.score, fields)
        if key is not None:
            return await repeats.take(state, submission, key, raw, reply)
        outcome = await state.intake.submit(submission)
    except ValidationError as error:
        return malformed(error.errors())
    except IntakeFull:
        return busy()
    except Fact as fact:
        return from_fact(fact)
    return reply(outcome)


def reply(outcome: Outcome) -> Response:
    """201 for a new answer, without a time where it is anonymous; 200 for a correction; or what went wrong."""
    if isinstance(outcome, Fact):
        return from_fact(outcome)
    if isinstance(outcome, Unlinked):
        return Response("{}", 201, media_type="application/json")
    recorded = to_json({"recorded_at": outcome.recorded_at})
    return Response(recorded, 200 if outcome.corrected else 201, media_type="application/json")


def busy() -> Response:
    """503 where more answers are waiting than the database takes."""
    told = "More answers are waiting than can be stored; nothing was lost, please try again."
    return problem(503, told, headers={"Retry-After": "2"})


async def body(receive: Receive) -> bytes:
    """The whole body, as long as `app.limits` lets it grow. Raises Problem where it ends too early."""
    read: bytes = b""
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":  # what was `score=10` may have arrived as `score=1`
            raise Problem(400, "The body ended too early; nothing was stored.")
        read += message.get("body", b"")
        if not message.get("more_body"):
            return read
