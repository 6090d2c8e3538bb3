"""The shape of everything held about a person, made from the tables and their documented columns."""

from types import GenericAlias
from typing import Any

from pydantic import BaseModel, Field, create_model
from sqlmodel import SQLModel

from surveys.tables import Cell, Contact, Interaction, Invitation, Response
from surveys.tables.columns import core

SLICE = ("touchpoint_key", "unit_key", "channel", "locale", "segments")
HIDDEN = ("organisation_id", "contact_id", "cell_id", "former_id")
OF_ANONYMOUS = ("send_at", "reminders_sent", "attempts", "failed_at", "failure")


def fields(table: type[SQLModel], *names: str, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns named, each with its type and meaning; those `left_out` may be missing."""
    return {
        name: (
            table.model_fields[name].annotation,
            Field(default_factory=object, description=f"Left out of anonymous waves. {core(table).c[name].comment}")
            if name in left_out
            else Field(description=core(table).c[name].comment),
        )
        for name in names
    }


def row(name: str, table: type[SQLModel], *hidden: str, left_out: tuple[str, ...] = (), **more: Any) -> Any:
    """A model of the rows of a table but for what is hidden."""
    shown = [column for column in table.model_fields if column not in hidden]
    doc = (table.__doc__ or "").partition("\n")[0]
    return create_model(name, __doc__=doc, **fields(table, *shown, left_out=left_out), **more)


def many(model: Any) -> tuple[Any, Any]:
    """A field that lists this model."""
    return GenericAlias(list, (model,)), Field()


ANSWERS = (dict[str, Any], Field(description="Question key to value.", examples=[{"ease": 4}]))
HeldOut: type[BaseModel] = create_model(
    "HeldOut",
    __doc__="Everything held about a person.",
    contact=(row("HeldContact", Contact, "organisation_id", "id"), Field()),
    interactions=many(row("HeldInteraction", Interaction, "organisation_id", "contact_id")),
    invitations=many(row("HeldInvitation", Invitation, *HIDDEN, left_out=OF_ANONYMOUS, **fields(Cell, *SLICE))),
    responses=many(row("HeldResponse", Response, *HIDDEN, **fields(Cell, *SLICE), answers=ANSWERS)),
)
