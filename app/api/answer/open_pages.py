"""Open pages of a touchpoint: made, listed, taken back."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.keys import Caller
from app.api.conventions.edge import Allow, Now, Reading, Sender, Writing
from app.api.conventions.lists import FORMATS, Listed, Page, turn
from app.api.conventions.routes import Router
from app.feeds.formats import answer
from surveys import links
from surveys.answering import open_pages
from surveys.tables import OpenPage

router = Router(tags=["ask"])
Reader = Annotated[Caller, Depends(Allow("analyst", "sender"))]


class PageIn(BaseModel):
    """What the page asks, and for whom its answers count."""

    model_config = ConfigDict(extra="forbid")
    survey: str
    unit: str | None = Field(None, description="The unit the answers count for.")


class PageOut(PageIn):
    """An open page; `code` is its name here and the end of its link."""

    touchpoint: str
    code: str
    link: str
    qr_svg: str = Field(description="Where the link is as a QR code.")
    created_at: datetime
    withdrawn_at: datetime | None


@router.post("/touchpoints/{key}/pages", status_code=201)
def make_page(key: str, body: PageIn, request: Request, *, caller: Sender, session: Writing, now: Now) -> PageOut:
    """Make a page on which whoever is at the touchpoint may answer."""
    page = open_pages.make(session, caller.organisation_id, key, survey=body.survey, unit=body.unit, now=now)
    return PageOut(**shown(request, page))


@router.get("/touchpoints/{key}/pages", response_model=Listed[PageOut], responses=FORMATS)
def list_pages(key: str, request: Request, caller: Reader, session: Reading, page: Page) -> Response:
    """The open pages of a touchpoint."""
    (after,) = page.behind(UUID) or (None,)
    rows = open_pages.listed(session, caller.organisation_id, key, limit=page.limit + 1, after=after)
    pages, cursor = turn(rows, page, lambda row: [str(row.id)])
    return answer(request, [shown(request, row) for row in pages], name="pages", envelope={"next": cursor})


@router.delete("/touchpoints/{key}/pages/{code}", status_code=204)
def withdraw_page(key: str, code: str, request: Request, *, caller: Sender, session: Writing, now: Now) -> None:
    """Take a page back: it takes no answer any more; its answers stay."""
    link = links.verify(request.app.state.secrets, "open", code)
    open_pages.withdraw(session, caller.organisation_id, key, link, now)


def shown(request: Request, page: OpenPage) -> dict[str, Any]:
    """A page as the API gives it, its link signed with the newest secret."""
    code = links.sign(request.app.state.secrets[0], "open", page.organisation_id, page.id)
    link = f"{request.app.state.settings.base_url}/q/{code}"
    return {
        "survey": page.survey_key,
        "unit": page.unit_key,
        "touchpoint": page.touchpoint_key,
        "code": code,
        "link": link,
        "qr_svg": f"{link}/qr.svg",
        "created_at": page.created_at,
        "withdrawn_at": page.withdrawn_at,
    }
