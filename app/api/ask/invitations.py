"""Invitations: asking contacts, by mail or with links to hand over, and what became of each."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.keys import Caller
from app.api.conventions.edge import Allow, Now, Reading, Sender, Writing
from app.api.conventions.fields import Attributes, Instant, Share
from app.api.conventions.lists import FORMATS, Listed, Page, turn
from app.api.conventions.routes import Router
from app.feeds.formats import answer
from surveys import links
from surveys.fieldwork import dispositions, invitations
from surveys.fieldwork.invitations import Issued

router = Router(tags=["ask"])
Reader = Annotated[Caller, Depends(Allow("analyst", "sender"))]


State = Literal["waiting", "sent", "answered", "expired", "withheld", "failed"]


class Filter(BaseModel):
    """Contacts by what is known of them; of the survey's audience where none is named."""

    model_config = ConfigDict(extra="forbid")
    refs: list[str] | None = None
    audience: Literal["customers", "staff"] | None = None
    unit: str | None = Field(None, description="With what is below it.")
    attributes: Attributes = Field(default_factory=dict)


Contacts = list[str] | Literal["all"] | Filter


# Links are handed out at once; only mail can wait.
WAITING: Any = {
    "anyOf": [{"properties": {"deliver": {"const": "email"}}}, {"properties": {"send_at": {"type": "null"}}}]
}


class InviteIn(BaseModel):
    """Whom to ask, about what, and how."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=WAITING)
    contacts: Contacts = Field(description='Refs, "all" of the survey\'s audience, or a filter.')
    touchpoint: str | None = None
    deliver: Literal["email", "link"] = "email"
    send_at: Instant | None = Field(None, description="For mail; now where left out.")
    sample: Share | None = Field(None, description="Share of the contacts to ask, drawn at random.")


class LinkOut(BaseModel):
    """A link to hand to one contact."""

    contact: str
    link: str
    expires_at: datetime


class Withheld(BaseModel):
    """How many were not asked, by the first reason that held, in this order; `sampled_out` comes last."""

    unsubscribed: int
    bounced: int
    no_address: int
    already_invited: int
    resting: int
    sampled_out: int


class IssuedOut(BaseModel):
    """How many are asked, and how many not and why; links where they are handed over."""

    invited: int
    withheld: Withheld
    items: list[LinkOut] | None = None


class InvitationOut(BaseModel):
    """What became of one invitation; `reason` says why it was withheld, failed or ended early."""

    id: UUID
    survey: str
    wave: str | None
    touchpoint: str | None
    contact: str | None
    deliver: str
    state: State
    reason: str | None
    created_at: datetime
    send_at: datetime | None
    sent_at: datetime | None
    reminders_sent: int | None = Field(description="Null in an anonymous wave, as `send_at` is.")
    answered_at: datetime | None
    expires_at: datetime


@router.post("/surveys/{key}/invitations", response_model=IssuedOut, response_model_exclude_unset=True)
def invite(key: str, body: InviteIn, request: Request, *, caller: Sender, session: Writing, now: Now) -> dict[str, Any]:
    """Ask contacts: each gets one invitation, to be sent or with the reason why it is withheld."""
    issued = invitations.invite(session, caller.organisation_id, key, now=now, **body.model_dump())
    return counted(issued) | ({"items": handed_out(request, caller, issued)} if body.deliver == "link" else {})


@router.get("/invitations", response_model=Listed[InvitationOut], responses=FORMATS)
def list_invitations(
    request: Request,
    caller: Reader,
    session: Reading,
    page: Page,
    *,
    now: Now,
    survey: str | None = None,
    wave: str | None = None,
    contact: Annotated[str | None, Query(description="Its ref.")] = None,
    state: State | None = None,
) -> Response:
    """Invitations and what became of each."""
    (after,) = page.behind(UUID) or (None,)
    rows = dispositions.listed(
        session, caller.organisation_id, now=now, limit=page.limit + 1, after=after,
        survey=survey, wave=wave, contact=contact, state=state,
    )  # fmt: skip
    shown, cursor = turn(rows, page, lambda row: [str(row["id"])])
    return answer(request, shown, name="invitations", envelope={"next": cursor})


@router.delete("/invitations/{id}", status_code=204)
def withdraw_invitation(id: UUID, caller: Sender, session: Writing, now: Now) -> None:
    """Revoke a link: it takes no answer any more, and no mail goes out for it."""
    dispositions.withdraw(session, caller.organisation_id, id, now)


def counted(issued: Issued) -> dict[str, Any]:
    """The counts of an issuing as the API gives them."""
    return {"invited": issued.invited, "withheld": issued.withheld}


def handed_out(request: Request, caller: Caller, issued: Issued) -> list[dict[str, Any]]:
    """The links of an issuing, signed with the newest secret."""
    page, secret = f"{request.app.state.settings.base_url}/s/", request.app.state.secrets[0]
    return [
        {
            "contact": ref,
            "link": page + links.sign(secret, "answer", caller.organisation_id, id_),
            "expires_at": issued.expires_at,
        }
        for ref, id_ in issued.ids.items()
    ]
