"""Units: teams and departments in a tree."""

from datetime import datetime
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from app.api.conventions.edge import Anyone, Now, Owner, Reading, Writing
from app.api.conventions.fields import Name
from app.api.conventions.lists import FORMATS, Archived, Listed, Page, by_key
from app.api.conventions.routes import Router
from app.feeds.formats import answer
from surveys.fieldwork import archive
from surveys.organisation import units
from surveys.tables import Unit

router = Router(tags=["set up"])


class UnitIn(BaseModel):
    """What a unit is."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    parent: str | None = None


class UnitOut(UnitIn):
    """A unit as stored."""

    key: str
    archived_at: datetime | None


def shown(unit: Unit) -> dict[str, Any]:
    """A unit as the API gives it."""
    return {"key": unit.key, "name": unit.name, "parent": unit.parent_key, "archived_at": unit.archived_at}


@router.get("/units", response_model=Listed[UnitOut], responses=FORMATS)
def list_units(
    request: Request, caller: Anyone, session: Reading, page: Page, *, archived: Archived = False
) -> Response:
    """The units in use, or those in the archive, by key."""
    rows, after = by_key(session, Unit, caller.organisation_id, page, archived=archived)
    return answer(request, [shown(unit) for unit in rows], name="units", envelope={"next": after})


@router.put("/units/{key}")
def put_unit(key: str, body: UnitIn, response: Response, caller: Owner, session: Writing) -> UnitOut:
    """Make or change a unit; `parent` is the unit above, or null at the top."""
    unit, made = units.put(session, caller.organisation_id, key, name=body.name, parent=body.parent)
    response.status_code = 201 if made else 200
    return UnitOut(**shown(unit))


@router.delete("/units/{key}", status_code=204)
def archive_unit(key: str, caller: Owner, session: Writing, now: Now) -> None:
    """Offer a unit no longer; it is reported as before. A PUT brings it back."""
    archive.archive_unit(session, caller.organisation_id, key, now)
