"""What a posted answer may hold, and how it is replied to."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Message, Receive

from app.api.conventions.fields import Whole
from app.edge.problems import Problem, from_fact, problem
from surveys.answering.answers import Outcome, Unlinked
from surveys.facts import Fact


class AnswerIn(BaseModel):
    """An answer: what is left out stays as it was, null clears it."""

    model_config = ConfigDict(extra="forbid")
    score: Whole = Field(ge=0, le=10, description="0 to 10")
    comment: str | None = Field(None, max_length=10_000)
    answers: dict[str, Any] = Field(default_factory=dict, description="question key to value")


ANSWER = TypeAdapter(AnswerIn)


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
    detail = "More answers are waiting than can be stored; nothing was lost, please try again."
    return problem(503, detail, headers={"Retry-After": "2"})


async def body(receive: Receive) -> bytes:
    """The whole body, as long as `app.edge.limits` lets it grow. Raises Problem where it ends too early."""
    read: bytes = b""
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":  # what was `score=10` may have arrived as `score=1`
            raise Problem(400, "The body ended too early; nothing was stored.")
        read += message.get("body", b"")
        if not message.get("more_body"):
            return read
