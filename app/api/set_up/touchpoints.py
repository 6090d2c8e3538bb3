"""Touchpoints: moments where someone meets the organisation, each with its promise."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.conventions.edge import Anyone, Now, Owner, Reading, Writing
from app.api.conventions.lists import FORMATS, Archived, Listed, Page, by_key
from app.api.conventions.routes import Router
from app.api.set_up.surveys import Whole
from app.feeds.formats import answer
from surveys.fieldwork import archive
from surveys.organisation import touchpoints
from surveys.tables import Touchpoint

router = Router(tags=["set up"])
Name = Annotated[str, Field(min_length=1, max_length=200)]
Promise = Annotated[str, Field(max_length=10_000)]
COLUMNS = {"unit": "unit_key", "survey": "survey_key", "delay_hours": "survey_delay_hours"}


class TouchpointIn(BaseModel):
    """What a touchpoint is, and what a good experience is there."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(None, min_length=1, max_length=200, description="One of `names` where left out.")
    audience: Literal["customers", "staff"]
    promise: str = Field("", max_length=10_000, description="One of `promises` where left out.")
    names: dict[str, Name] = Field(default_factory=dict, max_length=50, description="Language tag to name.")
    promises: dict[str, Promise] = Field(default_factory=dict, max_length=50, description="Language tag to promise.")
    target_nps: float | None = Field(None, ge=-100, le=100, description="Points, -100 to 100.", strict=True)
    unit: str | None = Field(None, description="The unit that answers for it.")
    survey: str | None = Field(None, description="The survey sent after an interaction here.")
    delay_hours: Whole | None = Field(
        None, ge=0, le=8760, description="From the interaction to its survey; 0 where null.", strict=True
    )


class TouchpointOut(TouchpointIn):
    """A touchpoint as stored."""

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
