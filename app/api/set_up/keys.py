"""Keys of the API: made by an owner, shown once, revoked for good."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access import keys
from app.api.conventions.edge import Now, Owner, Reading, Writing
from app.api.conventions.fields import Day, Note
from app.api.conventions.lists import FORMATS, Listed, Page, by_key
from app.api.conventions.routes import Router
from app.feeds.formats import answer
from surveys.tables import ApiKey

router = Router(tags=["set up"])


BOUND: Any = {
    "oneOf": [
        {"required": ["unit"], "properties": {"role": {"const": "manager"}, "unit": {"type": "string"}}},
        {"properties": {"role": {"enum": ["owner", "analyst", "sender", "reader"]}, "unit": {"type": "null"}}},
    ]
}


class KeyIn(BaseModel):
    """What a key may do, and until when."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=BOUND)
    role: Literal["owner", "analyst", "sender", "manager", "reader"]
    unit: str | None = Field(None, description="For a manager: the unit that bounds what is seen.")
    name: Note = Field("", description="What the key is for.")
    expires_on: Day | None = Field(None, description="Last day it works, in the organisation's zone.")


class KeyOut(KeyIn):
    """A key without its secret, which is not stored."""

    model_config = ConfigDict(json_schema_extra={})
    expires_on: date | None = Field(None, description="Last day it works, in the organisation's zone.")
    id: UUID
    created_at: datetime
    revoked_at: datetime | None


class KeyMade(KeyOut):
    """A key just made."""

    key: str = Field(description="Shown this once.")


def shown(key: ApiKey) -> dict[str, Any]:
    """A key as the API gives it."""
    stored = key.model_dump(exclude={"organisation_id", "secret_sha256"})
    return stored | {"unit": stored.pop("unit_key")}


@router.get("/keys", response_model=Listed[KeyOut], responses=FORMATS)
def list_keys(request: Request, caller: Owner, session: Reading, page: Page) -> Response:
    """All keys, the oldest first."""
    rows, after = by_key(session, ApiKey, caller.organisation_id, page, "id")
    return answer(request, [shown(key) for key in rows], name="keys", envelope={"next": after})


@router.post("/keys", status_code=201)
def make_key(body: KeyIn, caller: Owner, session: Writing, now: Now) -> KeyMade:
    """Make a key. Its text is in this answer and nowhere else."""
    made, text = keys.create(session, caller.organisation_id, **body.model_dump(), now=now)
    return KeyMade(**shown(made), key=text)


@router.delete("/keys/{key_id}", status_code=204)
def revoke_key(key_id: UUID, caller: Owner, session: Writing, now: Now) -> None:
    """Refuse the key from now on."""
    keys.revoke(session, caller.organisation_id, key_id, now)
