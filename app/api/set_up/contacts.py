"""Contacts: people we may write to; imported, listed, shown to themselves, erased."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from app.access.keys import Caller
from app.api.conventions.edge import Allow, Now, Reading, Sender, Writing
from app.api.conventions.fields import Attributes
from app.api.conventions.lists import FORMATS, Listed, Page, by_key
from app.api.conventions.routes import Router
from app.api.set_up.held import HeldOut
from app.edge.problems import Problem
from app.feeds.formats import answer
from surveys.contacts import contacts, erasure, files, subject_access
from surveys.tables import Contact

router = Router(tags=["set up"])
BODY_LIMIT = 64 * 1024 * 1024
Reader = Annotated[Caller, Depends(Allow("analyst", "sender"))]


class ContactIn(BaseModel):
    """A person. Fields left out stay as they are; null empties one."""

    model_config = ConfigDict(extra="forbid")
    ref: str | None = Field(None, max_length=320, description="Your id; the address in lower case where there is none.")
    email: str | None = Field(None, max_length=320)
    name: str | None = Field(None, max_length=200)
    locale: str | None = Field(None, max_length=35, description="Language tag; the organisation's where null.")
    audience: Literal["customers", "staff"] = "customers"
    unit: str | None = None
    attributes: Attributes = Field(default_factory=dict, description="null removes one.")


class ContactsIn(BaseModel):
    """Contacts; each is taken or refused on its own."""

    model_config = ConfigDict(extra="forbid")
    items: list[Any]


class RefusedContact(BaseModel):
    """A row that was not taken; items count from 1, rows of a file as a spreadsheet counts them."""

    row: int
    field: str
    message: str


class ImportedOut(BaseModel):
    """What an import did."""

    created: int
    updated: int
    refused: list[RefusedContact]


class ContactOut(ContactIn):
    """A contact as stored."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    unsubscribed_at: datetime | None
    bounced_at: datetime | None


class ErasedOut(BaseModel):
    """How many invitations and responses the erased person had."""

    invitations: int
    responses: int


BODY = TypeAdapter(ContactsIn)
# One that is no contact is refused by its row, and the request taken.
CONTACT = {"$ref": "#/components/schemas/ContactIn"}
JSON_OR_CSV: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"items": {"type": "array", "items": {"anyOf": [CONTACT, {}]}}},
                    "required": ["items"],
                    "additionalProperties": False,
                }
            },
            "text/csv": {
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "description": "ref, email, name, locale, audience, unit; others are attributes.",
                }
            },
        },
    }
}


async def body(request: Request) -> bytes:
    """The body as sent. Raises 413 above the limit."""
    if int(request.headers.get("content-length") or 0) > BODY_LIMIT:
        raise Problem(413, f"At most {BODY_LIMIT // 2**20} MiB of contacts in one request; send the rest in another.")
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > BODY_LIMIT:
            raise Problem(413, f"At most {BODY_LIMIT // 2**20} MiB of contacts in one request.")
    return bytes(raw)


def rows(request: Request, raw: Annotated[bytes, Depends(body)]) -> Iterator[tuple[int, Any]]:
    """Row number and item of a JSON or CSV body."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv":
        return files.read(io.BytesIO(raw))
    try:
        return enumerate(BODY.validate_json(raw).items, 1)
    except ValidationError as invalid:
        raise RequestValidationError(invalid.errors()) from None


@router.post("/contacts", response_model=ImportedOut, openapi_extra=JSON_OR_CSV)
def import_contacts(
    caller: Sender, items: Annotated[Iterator[tuple[int, Any]], Depends(rows)], session: Writing, now: Now
) -> Any:
    """Make or change contacts by `ref`, else e-mail; the good are stored, each bad one is named by row and field."""
    return contacts.import_rows(session, caller.organisation_id, items, now)


@router.get("/contacts", response_model=Listed[ContactOut], responses=FORMATS)
def list_contacts(request: Request, caller: Reader, session: Reading, page: Page) -> Response:
    """Contacts in the order they were first imported."""
    people, after = by_key(session, Contact, caller.organisation_id, page, "id")
    return answer(request, [shown(person) for person in people], name="contacts", envelope={"next": after})


@router.get("/contacts/{ref:path}/data", response_model=HeldOut)
def show_held(ref: str, caller: Reader, session: Reading) -> Response:
    """Everything held about a person: the contact, its invitations, its responses with their answers."""
    return Response(to_json(subject_access.held(session, caller.organisation_id, ref)), media_type="application/json")


@router.delete("/contacts/{ref:path}", response_model=ErasedOut)
def erase_contact(
    ref: str,
    request: Request,
    caller: Sender,
    session: Writing,
    *,
    now: Now,
    responses: Literal["keep", "delete"] = "keep",
) -> Any:
    """Erase a person. Their responses are kept without them, or deleted with their counts; their links stop working."""
    secrets = request.app.state.secrets
    return erasure.erase(session, caller.organisation_id, ref, now, secrets, keep_responses=responses == "keep")


def shown(contact: Contact) -> dict[str, Any]:
    """A contact as the API gives it."""
    stored = contact.model_dump(exclude={"organisation_id", "email_key", "readdressed_at", "first_ref"})
    return stored | {"unit": stored.pop("unit_key")}
