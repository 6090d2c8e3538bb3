"""Units: teams and departments in a tree."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.edge import Owner, Writing
from surveys import units

router = APIRouter(tags=["set up"])


class UnitIn(BaseModel):
    """What a unit is."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=200)
    parent: str | None = None


class UnitOut(UnitIn):
    """A unit as stored."""

    key: str


@router.put("/units/{key}")
def put_unit(key: str, body: UnitIn, response: Response, caller: Owner, session: Writing) -> UnitOut:
    """Make or change a unit; `parent` is the unit above, or null at the top."""
    unit, made = units.put(session, caller.organisation_id, key, name=body.name, parent=body.parent)
    response.status_code = 201 if made else 200
    return UnitOut(key=unit.key, name=unit.name, parent=unit.parent_key)
