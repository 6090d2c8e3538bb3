"""Waves: dated rounds of a survey."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import BackgroundTasks, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app.access.keys import Caller
from app.api.ask.invitations import Contacts
from app.api.conventions.edge import Allow, Analyst, Anyone, Now, Reading, Sender, Writing
from app.api.conventions.fields import AS_WHOLE, Instant, Key, Share
from app.api.conventions.lists import FORMATS, Listed, Page, by_key
from app.api.conventions.routes import Router
from app.edge.problems import Problem
from app.feeds.formats import Format, answer, wanted
from surveys.anonymity import participation, roll
from surveys.anonymity.participation import Group
from surveys.anonymity.roll import Roll
from surveys.fieldwork import waves
from surveys.fieldwork.planning import times
from surveys.tables import Wave

router = Router(tags=["ask"])
ReminderDay = Annotated[int, Field(ge=times.REMINDER_DAYS[0], le=times.REMINDER_DAYS[-1], strict=True), AS_WHOLE]
WITH_CONTACT = ("owner", "analyst", "sender")
NOT_SHOWN = {
    "organisation_id", "swept_at", "log_position", "participation", "participation_counts", "participation_at",
    "answered_count", "known_answered_count", "secret_check", "without_comparison", "made_by", "confirmed_by",
    "needs_confirmation", "asked_count", "known_count", "added_count",
}  # fmt: skip
Participating = Annotated[Caller, Depends(Allow("analyst", "sender", "manager", "reader"))]


class WaveIn(BaseModel):
    """When and whom to ask. Mail goes out when the wave opens; those silent are reminded."""

    model_config = ConfigDict(extra="forbid")
    key: Key
    opens_at: Instant
    closes_at: Instant
    contacts: Contacts = Field("all", description="Chosen when the wave opens.")
    sample: Share | None = Field(None, description="Share of the contacts to ask; all where null.")
    touchpoint: str | None = None
    reminders_after_days: list[ReminderDay] = Field(
        default_factory=list, max_length=times.REMINDERS_LIMIT, description="Days after the first mail."
    )
    without_comparison: bool = Field(
        False,
        description="Owners only: whether to go on where an earlier anonymous wave cannot be compared with any more.",
    )


class WaveOut(BaseModel):
    """A wave as stored."""

    key: str
    survey: str
    touchpoint: str | None
    opens_at: datetime
    closes_at: datetime
    invited_at: datetime | None
    closed_at: datetime | None
    contacts: dict[str, Any] | None = Field(description="Null where it names people, to roles without contact data.")
    sample: float | None
    reminders_after_days: list[int]
    floor: int | None = Field(description="Fewest responses of a cell that is released; of anonymous waves once open.")
    comment_floor: int | None
    always_release_total: bool | None
    scores: Literal["groups", "scores"] | None = Field(description="What is kept; of anonymous waves once open.")
    segments: list[str] | None = Field(description="The survey's as the wave opened; of anonymous waves.")
    counted_on: date | None = Field(description="Day all answers count on; of anonymous waves that were released.")
    forgotten_at: datetime | None = Field(
        description="When an owner let it forget who took part and what they answered."
    )
    known_days: int | None = Field(description="Days before opening since when people count for the floors, once open.")
    asked: int | None = Field(description="How many were asked; this and what follows of anonymous waves once open.")
    known: int | None = Field(description="Of those asked, how many had been known for `known_days`.")
    added: int | None = Field(description="Of those asked, how many had been added within a day of opening.")
    erased: int | None = Field(description="Of those asked, how many were erased since.")
    awaiting_confirmation: bool = Field(description="Whether it waits for a second key, and does not open before.")
    confirmed_at: datetime | None


class GroupOut(BaseModel):
    """A unit with those counted there; `unit` is null for those counted above all units, and in the total."""

    unit: str | None
    invited: int
    undelivered: int
    answered: int
    response_rate_percent: float | None


class ParticipationOut(Listed[GroupOut]):
    """The groups, and all of them together; nothing where fewer than ten were asked."""

    total: GroupOut


@router.post("/surveys/{key}/waves", status_code=201)
def create_wave(key: str, body: WaveIn, request: Request, caller: Sender, session: Writing, *, now: Now) -> WaveOut:
    """Plan a round of a survey; one whose time has come is opened at once."""
    if body.without_comparison and caller.role != "owner":
        raise Problem(403, "Only an owner's key may make a wave without comparison.")
    secrets = request.app.state.secrets
    wave = waves.create(
        session, caller.organisation_id, key, body.key,
        now=now, made_by=caller.key_id, **body.model_dump(exclude={"key"}),
    )  # fmt: skip
    waves.check_known(session, wave, now, secrets)
    waves.check_comparable(session, wave, secrets)
    if wave.opens_at <= now:
        waves.open_now(session, caller.organisation_id, wave.key, now, secrets)
    return WaveOut(**shown(session, [wave], caller)[0])


@router.post("/waves/{key}/confirm")
def confirm_wave(key: str, request: Request, caller: Analyst, session: Writing, now: Now) -> WaveOut:
    """Let a wave open that waits for a second key; one whose time has come is opened at once.

    The key has to be an owner's or analyst's, and not the one that planned the wave.
    """
    wave = waves.confirm(session, caller.organisation_id, key, caller.key_id, now)
    if wave.opens_at <= now:
        waves.open_now(session, caller.organisation_id, key, now, request.app.state.secrets)
    return WaveOut(**shown(session, [wave], caller)[0])


@router.get("/waves", response_model=Listed[WaveOut], responses=FORMATS)
def list_waves(request: Request, caller: Anyone, session: Reading, page: Page) -> Response:
    """All waves, by key."""
    rows, after = by_key(session, Wave, caller.organisation_id, page)
    return answer(request, shown(session, rows, caller), name="waves", envelope={"next": after})


@router.get("/waves/{key}")
def get_wave(key: str, caller: Anyone, session: Reading) -> WaveOut:
    """One wave, with what was done to the people it asks."""
    return WaveOut(**shown(session, [waves.get(session, caller.organisation_id, key)], caller)[0])


def sweep_afterwards(request: Request, afterwards: BackgroundTasks) -> None:
    """Have the worker of this process, if it has one, rewrite the storage at once when all is committed."""
    afterwards.add_task(request.app.state.worker.wake)


@router.post("/waves/{key}/closure", dependencies=[Depends(sweep_afterwards)])
def close_wave(key: str, request: Request, caller: Sender, session: Writing, now: Now) -> WaveOut:
    """Close a wave now: no answer is taken and no mail sent for it any more."""
    closed = waves.close(session, caller.organisation_id, key, now, request.app.state.secrets)
    return WaveOut(**shown(session, [closed], caller)[0])


@router.get("/waves/{key}/participation", response_model=ParticipationOut, responses=FORMATS)
def get_participation(
    key: str,
    request: Request,
    caller: Participating,
    session: Reading,
    *,
    _format: Annotated[Format, Depends(wanted)],
) -> Response:
    """How many of those asked have answered, per group of ten or more; never who. A manager sees their unit's.

    While an anonymous wave is open, it is counted once a day.
    """
    wave = waves.get(session, caller.organisation_id, key)
    groups = participation.participation(session, wave, caller.unit_key)
    items = [_group_item(group) for group in groups]
    whole = Group(None, *(sum(getattr(g, name) for g in groups) for name in ("invited", "answered", "undelivered")))
    return answer(request, items, name="participation", envelope={"next": None, "total": _group_item(whole)})


def _group_item(group: Group) -> dict[str, Any]:
    rate = round(100 * group.answered / group.invited, 2) if group.invited else None
    counts = {name: getattr(group, name) for name in ("unit", "invited", "undelivered", "answered")}
    return counts | {"response_rate_percent": rate}


def shown(session: Session, listed: Sequence[Wave], caller: Caller) -> list[dict[str, Any]]:
    """Waves as the API gives them. A list of refs, which may be addresses, is for those who see contacts."""
    rolls = roll.of_all(session, listed)
    return [_shown(wave, rolls.get((wave.organisation_id, wave.key)), caller) for wave in listed]


def _shown(wave: Wave, people: Roll | None, caller: Caller) -> dict[str, Any]:
    stored = wave.model_dump(exclude=NOT_SHOWN)
    if "refs" in wave.contacts and caller.role not in WITH_CONTACT:
        stored["contacts"] = None
    counts = {name: people and getattr(people, name) for name in ("asked", "known", "added", "erased")}
    stored |= {"survey": stored.pop("survey_key"), "touchpoint": stored.pop("touchpoint_key")}
    return stored | counts | {"awaiting_confirmation": wave.awaits_confirmation}
