"""The organisation itself: name, language and calendar."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.api.conventions.edge import Anyone, Owner, Reading, Writing
from app.api.conventions.fields import Language, Name
from app.api.conventions.routes import Router
from surveys.organisation import organisations
from surveys.tables import Organisation

router = Router(tags=["set up"])


class OrganisationIn(BaseModel):
    """What may be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    name: Name = ""
    locale: Language = ""
    time_zone: str = Field("", min_length=1, max_length=64)


class OrganisationOut(BaseModel):
    """The organisation that the key belongs to."""

    key: str
    name: str
    locale: str
    time_zone: str
    created_at: datetime


def shown(organisation: Organisation) -> dict[str, Any]:
    """An organisation as the API gives it."""
    return organisation.model_dump(exclude={"id"})


@router.get("/organisation", response_model=OrganisationOut)
def get_organisation(caller: Anyone, session: Reading) -> Any:
    """The organisation that the key belongs to."""
    return shown(organisations.get(session, caller.organisation_id))


@router.patch("/organisation", response_model=OrganisationOut)
def change_organisation(body: OrganisationIn, caller: Owner, session: Writing) -> Any:
    """Change name, locale or time zone. Days already counted stay where they were counted."""
    return shown(organisations.change(session, caller.organisation_id, **body.model_dump(exclude_unset=True)))
