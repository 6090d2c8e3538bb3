"""The answer path: POST /s/{token} with a JSON body, from the wire to the intake without a detour.

It stands before the router as plain ASGI because routing and dependencies cost more than storing an answer
does; docs/decisions/0002-group-commit.md has the measurement. Forms and everything else pass through.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.intake import IntakeFull
from app.problems import from_fact, malformed, problem
from surveys import links
from surveys.answering import Outcome, Submission
from surveys.facts import Fact

BODY_LIMIT = 256 * 1024
PREFIX = "/s/"


class AnswerIn(BaseModel):
    """An answer: what is left out stays as it was, null clears it."""

    model_config = ConfigDict(extra="forbid")
    score: StrictInt = Field(ge=0, le=10, description="0 to 10")
    comment: str | None = Field(None, max_length=10_000)
    answers: dict[str, Any] = Field(default_factory=dict, description="question key to value")


ANSWER = TypeAdapter(AnswerIn)


class BodyTooLarge(Exception):
    """The body is longer than an answer can be."""


class BodyCutShort(Exception):
    """The sender went away in the middle: a `score=10` may have arrived as `score=1`."""


class AnswerPath:
    """Answers JSON posts to survey links itself and hands every other request on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the request if it is ours."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _is_answer(scope):
            await self.app(scope, receive, send)
            return
        response = await _answer(scope["app"].state, scope["path"][len(PREFIX) :], receive)
        await response(scope, receive, send)


def _is_answer(scope: Scope) -> bool:
    path: str = scope["path"]
    if not path.startswith(PREFIX) or "/" in path[len(PREFIX) :]:
        return False
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"application/json")
    return bool(kind.split(b";", 1)[0].strip().lower() == b"application/json")


async def _answer(state: Any, token: str, receive: Receive) -> Response:
    try:
        link = links.verify(state.secrets, "answer", token)
        given = ANSWER.validate_json(await body(receive))
        fields = {name: getattr(given, name) for name in given.model_fields_set if name != "score"}
        outcome = await state.intake.submit(Submission(link.organisation_id, link.invitation_id, given.score, fields))
    except BodyTooLarge:
        return problem(413, f"An answer has at most {BODY_LIMIT // 1024} KiB.")
    except BodyCutShort:
        return problem(400, "The body ended too early; nothing was stored.")
    except ValidationError as error:
        return malformed(error.errors())
    except IntakeFull:
        return problem(
            503,
            "More answers are waiting than can be stored; nothing was lost, please try again.",
            headers={"Retry-After": "2"},
        )
    except Fact as fact:
        return from_fact(fact)
    return reply(outcome)


def reply(outcome: Outcome) -> Response:
    """201 for a new answer, 200 for a correction, or the problem that an outcome is."""
    if isinstance(outcome, Fact):
        return from_fact(outcome)
    return JSONResponse({"recorded_at": outcome.recorded_at.isoformat()}, 200 if outcome.corrected else 201)


async def body(receive: Receive) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is longer than an answer can be, or BodyCutShort."""
    read: bytes = b""
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyCutShort
        read += message.get("body", b"")
        if len(read) > BODY_LIMIT:
            raise BodyTooLarge
        if not message.get("more_body"):
            return read
