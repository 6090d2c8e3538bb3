"""Interactions: contacts who met a touchpoint, and are asked about it after a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.api.answer.batches import ITEMS, RefusedOut, loosely, shaped
from app.api.ask.invitations import Withheld, counted
from app.api.conventions.edge import Now, Sender, Writing
from app.api.conventions.fields import Attributes, Instant
from app.api.conventions.routes import Router
from app.api.set_up.contacts import ContactIn
from surveys.fieldwork import interactions
from surveys.fieldwork.interactions import Item

router = Router(tags=["ask"])


class InteractionIn(BaseModel):
    """A contact met a touchpoint. `id` is yours; the same one again is recognised and changes nothing."""

    model_config = ConfigDict(extra="forbid")
    contact: ContactIn
    touchpoint: str
    occurred_at: Instant | None = Field(None, description="Now where left out; with a time zone.")
    attributes: Attributes = Field(
        default_factory=dict, description="Those the survey declares as segments go before the contact's own."
    )
    id: str | None = Field(None, min_length=1, max_length=200)


class InteractionsIn(BaseModel):
    """Interactions; each is taken or refused on its own."""

    model_config = ConfigDict(extra="forbid")
    items: list[dict[str, Any]] = Field(min_length=1, max_length=ITEMS, json_schema_extra=loosely("InteractionIn"))


class TakenOut(BaseModel):
    """How many are asked, how many not and why, and which rows were not taken."""

    invited: int
    withheld: Withheld
    already_there: int
    refused: list[RefusedOut]


INTERACTION = TypeAdapter(InteractionIn)


@router.post("/interactions", response_model=TakenOut)
def record_interactions(body: InteractionsIn, caller: Sender, session: Writing, now: Now) -> Any:
    """Store interactions with their contacts; the survey bound to a touchpoint is sent after its delay."""
    right, wrong = shaped(INTERACTION, body.items)
    items = [Item(row=row, **interaction.model_dump(exclude_unset=True)) for row, interaction in right]
    taken = interactions.record(session, caller.organisation_id, items, now)
    refused = sorted([*wrong, *taken.refused], key=lambda refusal: refusal.row)
    return counted(taken.issued) | {"already_there": taken.already_there, "refused": refused}
