"""Waves: dated rounds of a survey."""

from datetime import date, datetime
from typing import Any

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.edge import Anyone, Now, Reading, Sender, Writing
from app.api.invitations import Contacts
from app.api.lists import FORMATS, Listed, Page, by_key
from app.api.routes import Router
from app.feeds.formats import answer
from surveys import waves
from surveys.tables import Wave

router = Router(tags=["ask"])


class WaveIn(BaseModel):
    """When and whom to ask. Mail goes out when the wave opens; those silent are reminded."""

    model_config = ConfigDict(extra="forbid")
    key: str
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    contacts: Contacts = Field("all", description="Chosen when the wave opens.")
    sample: float | None = Field(None, gt=0, le=1, description="Share of the contacts to ask; all where null.")
    touchpoint: str | None = None
    reminders_after_days: list[int] = Field(default_factory=list, description="Days after the first mail.")


class WaveOut(BaseModel):
    """A wave as stored."""

    key: str
    survey: str
    touchpoint: str | None
    opens_at: datetime
    closes_at: datetime
    invited_at: datetime | None
    closed_at: datetime | None
    contacts: dict[str, Any]
    sample: float | None
    reminders_after_days: list[int]
    floor: int | None = Field(description="Fewest responses of a cell that is released; of anonymous waves once open.")
    comment_floor: int | None
    counted_on: date | None = Field(description="Day all answers count on; of anonymous waves that were released.")


@router.post("/surveys/{key}/waves", status_code=201)
def create_wave(key: str, body: WaveIn, caller: Sender, session: Writing, now: Now) -> WaveOut:
    """Plan a round of a survey; one whose time has come is opened at once."""
    facts = body.model_dump(exclude={"key"})
    wave = waves.create(session, caller.organisation_id, key, body.key, now=now, **facts)
    if wave.opens_at <= now:
        waves.open_now(session, caller.organisation_id, wave.key, now)
    return WaveOut(**shown(wave))


@router.get("/waves", response_model=Listed[WaveOut], responses=FORMATS)
def list_waves(request: Request, caller: Anyone, session: Reading, page: Page) -> Response:
    """All waves, by key."""
    rows, after = by_key(session, Wave, caller.organisation_id, page)
    return answer(request, [shown(one) for one in rows], name="waves", envelope={"next": after})


@router.post("/waves/{key}/closure")
def close_wave(key: str, caller: Sender, session: Writing, now: Now) -> WaveOut:
    """Close a wave now: no answer is taken and no mail sent for it any more."""
    return WaveOut(**shown(waves.close(session, caller.organisation_id, key, now)))


def shown(wave: Wave) -> dict[str, Any]:
    """A wave as the API gives it."""
    stored = wave.model_dump(exclude={"organisation_id", "swept_at"})
    return stored | {"survey": stored.pop("survey_key"), "touchpoint": stored.pop("touchpoint_key")}
