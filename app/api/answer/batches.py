"""Answers that an organisation's own system hands over, on the one path that answers through links take."""

from datetime import datetime
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as Invalid
from pydantic_core import to_json
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from app.api.conventions import once
from app.api.conventions.edge import Sender
from app.api.conventions.fields import Attributes, Instant, Whole
from app.api.conventions.routes import Router
from app.edge.problems import listed
from app.operations.metrics import RECORDED
from surveys.answering import batches
from surveys.answering.batches import Item
from surveys.facts import Fact
from surveys.refusals import Refusal

router = Router(tags=["answer"])
ITEMS = 1_000


def loosely(shape: str) -> Any:
    """What the document says of a list: an item of another shape is refused by its row, and the request taken."""
    return {"items": {"anyOf": [{"$ref": f"#/components/schemas/{shape}"}, {"type": "object"}]}}


class ItemIn(BaseModel):
    """One answer. `id` is yours; the same one again is recognised and counts once."""

    model_config = ConfigDict(extra="forbid")
    score: Whole = Field(ge=0, le=10)
    comment: str | None = Field(None, max_length=10_000)
    touchpoint: str | None = None
    unit: str | None = None
    channel: str | None = Field(None, min_length=1, max_length=32, description="api where left out.")
    locale: str | None = Field(None, max_length=35, description="The organisation's where left out.")
    attributes: Attributes = Field(
        default_factory=dict, description="Those the survey declares as segments slice reports."
    )
    answered_at: Instant | None = Field(None, description="Now where left out; with a time zone.")
    id: str | None = Field(None, min_length=1, max_length=200)
    answers: dict[str, Any] = Field(default_factory=dict, description="Question key to value.")


class ItemsIn(BaseModel):
    """Answers to one survey; each is taken or refused on its own."""

    model_config = ConfigDict(extra="forbid")
    items: list[dict[str, Any]] = Field(min_length=1, max_length=ITEMS, json_schema_extra=loosely("ItemIn"))


class RefusedOut(BaseModel):
    """A row that was not taken; rows count from 1."""

    row: int
    field: str
    message: str


class TakenOut(BaseModel):
    """What became of the items."""

    recorded: int
    already_there: int
    refused: list[RefusedOut]


ITEM = TypeAdapter(ItemIn)


@router.post("/surveys/{key}/responses", response_model=TakenOut)
async def record_responses(key: str, body: ItemsIn, request: Request, caller: Sender) -> Any:
    """Store answers from elsewhere: the good ones are stored and counted, each bad one is named by row and field."""
    claim: once.Claim | None = getattr(request.state, "claim", None)
    items, refused = await run_in_threadpool(read, body.items, claim)
    recorded = 0

    def job(session: Session, now: datetime) -> Response:
        if claim is not None and (answered := once.take(session, claim, now)) is not None:
            return answered
        nonlocal recorded
        taken = batches.take(session, caller.organisation_id, key, items, now)
        recorded = taken.recorded
        wrong = sorted([*refused, *taken.refused], key=lambda refusal: refusal.row)
        outcomes = {"recorded": taken.recorded, "already_there": taken.already_there, "refused": wrong}
        answer = Response(to_json(outcomes), media_type="application/json")
        if claim is not None:
            once.remember(session, claim, answer)
        return answer

    outcome = await request.app.state.intake.run(job)
    if isinstance(outcome, Fact):
        raise outcome
    RECORDED.labels("api").inc(recorded)
    return outcome


Shape = TypeVar("Shape", bound=BaseModel)


def shaped(adapter: TypeAdapter[Shape], rows: list[dict[str, Any]]) -> tuple[list[tuple[int, Shape]], list[Refusal]]:
    """The items that have the right shape with their row, from 1, and a refusal for each of the others."""
    items: list[tuple[int, Shape]] = []
    refused: list[Refusal] = []
    for row, raw in enumerate(rows, 1):
        try:
            items.append((row, adapter.validate_python(raw)))
        except Invalid as invalid:
            first = listed(invalid.errors())[0]
            refused.append(Refusal(row, first["field"], first["message"]))
    return items, refused


def read(rows: list[dict[str, Any]], claim: once.Claim | None) -> tuple[list[Item], list[Refusal]]:
    """The answers that have the right shape, and a refusal for each of the others."""
    right, refused = shaped(ITEM, rows)
    items = [
        Item(row=row, identity=_identity(item.id, claim, row), **item.model_dump(exclude={"id"})) for row, item in right
    ]
    return items, refused


def _identity(own: str | None, claim: once.Claim | None, row: int) -> tuple[str, ...] | None:
    if own is not None:
        return (own,)
    return (claim.stored_key, claim.request_sha256.hex(), str(row)) if claim is not None else None
