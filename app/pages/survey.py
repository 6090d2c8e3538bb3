"""The survey page and its JSON twin: one link, one answer."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt, TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response

from app.problems import from_fact, malformed
from surveys import links
from surveys.answering import Submission
from surveys.facts import Fact

router = APIRouter()


class AnswerIn(BaseModel):
    """An answer: what is left out stays as it was, null clears it."""

    model_config = ConfigDict(extra="forbid")
    score: StrictInt = Field(ge=0, le=10)
    comment: str | None = Field(None, max_length=10_000)
    answers: dict[str, Any] = Field(default_factory=dict)


ANSWER = TypeAdapter(AnswerIn)


@router.post("/s/{token}", include_in_schema=False)
async def answer(token: str, request: Request) -> Response:
    """Record an answer, or correct it."""
    try:
        link = links.verify(request.app.state.secrets, "answer", token)
        body = ANSWER.validate_json(await request.body())
    except Fact as fact:
        return from_fact(fact)
    except ValidationError as error:
        return malformed(error.errors())
    given = body.model_dump(include=body.model_fields_set - {"score"})
    outcome = await request.app.state.intake.submit(
        Submission(link.organisation_id, link.invitation_id, body.score, given)
    )
    if isinstance(outcome, Fact):
        return from_fact(outcome)
    return JSONResponse({"recorded_at": outcome.recorded_at.isoformat()}, 200 if outcome.corrected else 201)
