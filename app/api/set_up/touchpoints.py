"""Touchpoints: moments where someone meets the organisation, each with its promise."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.conventions.edge import Anyone, Now, Owner, Reading, Writing
from app.api.conventions.fields import AS_WHOLE, Language, Name
from app.api.conventions.lists import FORMATS, Archived, Listed, Page, by_key
from app.api.conventions.routes import Router
from app.feeds.formats import answer
from surveys.fieldwork import archive
from surveys.organisation import touchpoints
from surveys.tables import Touchpoint

router = Router(tags=["set up"])
Hours = Annotated[int, Field(ge=0, le=8760, strict=True), AS_WHOLE]
Promise = Annotated[str, Field(max_length=10_000)]
COLUMNS = {"unit": "unit_key", "survey": "survey_key", "delay_hours": "survey_delay_hours"}

NOTHING_ELSE: Any = {"additionalProperties": False}
# What one field asks of another: a name in some language at least, and a survey where there is a delay to it.
TOGETHER: Any = {
    "allOf": [
        {"anyOf": [
            {"required": ["name"], "properties": {"name": {"type": "string"}}},
            {"required": ["names"], "properties": {"names": {"minProperties": 1}}},
        ]},
        {"anyOf": [
            {"required": ["survey"], "properties": {"survey": {"type": "string"}}},
            {"properties": {"delay_hours": {"type": "null"}}},
        ]},
    ]
}  # fmt: skip


class TouchpointIn(BaseModel):
    """What a touchpoint is, and what a good experience is there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=TOGETHER)
    name: Name | None = Field(None, description="One of `names` where left out.")
    audience: Literal["customers", "staff"]
    promise: str = Field("", max_length=10_000, description="One of `promises` where left out.")
    names: dict[Language, Name] = Field(
        default_factory=dict, max_length=50, description="Language tag to name.", json_schema_extra=NOTHING_ELSE
    )
    promises: dict[Language, Promise] = Field(
        default_factory=dict, max_length=50, description="Language tag to promise.", json_schema_extra=NOTHING_ELSE
    )
    target_nps: float | None = Field(None, ge=-100, le=100, description="Points, -100 to 100.", strict=True)
    unit: str | None = Field(None, description="The unit that answers for it.")
    survey: str | None = Field(None, description="The survey sent after an interaction here.")
    delay_hours: Hours | None = Field(None, description="From the interaction to its survey; 0 where null.")


class TouchpointOut(TouchpointIn):
    """A touchpoint as stored."""

    model_config = ConfigDict(json_schema_extra={})
    key: str
    name: str
    archived_at: datetime | None


def shown(touchpoint: Touchpoint) -> dict[str, Any]:
    """A touchpoint as the API gives it."""
    stored = touchpoint.model_dump(exclude={"organisation_id"})
    return stored | {name: stored.pop(column) for name, column in COLUMNS.items()}


@router.get("/touchpoints", response_model=Listed[TouchpointOut], responses=FORMATS)
def list_touchpoints(
    request: Request, caller: Anyone, session: Reading, page: Page, *, archived: Archived = False
) -> Response:
    """The touchpoints in use, or those in the archive, by key."""
    rows, after = by_key(session, Touchpoint, caller.organisation_id, page, archived=archived)
    return answer(request, [shown(touchpoint) for touchpoint in rows], name="touchpoints", envelope={"next": after})


@router.put("/touchpoints/{key}")
def put_touchpoint(key: str, body: TouchpointIn, response: Response, caller: Owner, session: Writing) -> TouchpointOut:
    """Make or change a touchpoint."""
    columns = {COLUMNS.get(name, name): value for name, value in body.model_dump().items()}
    touchpoint, made = touchpoints.put(session, caller.organisation_id, key, **columns)
    response.status_code = 201 if made else 200
    return TouchpointOut(**shown(touchpoint))


@router.delete("/touchpoints/{key}", status_code=204)
def archive_touchpoint(key: str, caller: Owner, session: Writing, now: Now) -> None:
    """Ask about a touchpoint no longer; it is reported as before. A PUT brings it back."""
    archive.archive_touchpoint(session, caller.organisation_id, key, now)
