"""Publications: released results of a wave, shown to staff on pages of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.conventions.edge import Analyst, Now, Reading, Writing
from app.api.conventions.fields import Flag
from app.api.conventions.routes import Router
from surveys import links
from surveys.fieldwork import publications
from surveys.tables import Publication

router = Router(tags=["know"])


class PublicationIn(BaseModel):
    """What is said beside the figures, and whether the released comments are shown."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field("", max_length=5_000, description="What the organisation will do, in its own words.")
    comments: Flag = False


class ResultsPage(BaseModel):
    """A page; `unit` is null for the whole organisation."""

    unit: str | None
    link: str


class PublicationOut(PublicationIn):
    """A published wave: one page of the whole organisation, and one of each unit that has figures."""

    wave: str
    published_at: datetime
    items: list[ResultsPage]


@router.put("/waves/{key}/publication")
def publish_wave(
    *, key: str, body: PublicationIn, request: Request, response: Response, caller: Analyst, session: Writing, now: Now
) -> PublicationOut:
    """Show the released results to staff, or change the note; links stay. 409 while the wave is open or unreleased."""
    pages, made = publications.publish(
        session, caller.organisation_id, key, note=body.note.strip(), comments=body.comments, now=now
    )
    response.status_code = 201 if made else 200
    return shown(request, pages)


@router.get("/waves/{key}/publication")
def get_publication(key: str, request: Request, caller: Analyst, session: Reading) -> PublicationOut:
    """What is published of a wave."""
    return shown(request, publications.listed(session, caller.organisation_id, key))


@router.delete("/waves/{key}/publication", status_code=204)
def withdraw_publication(key: str, caller: Analyst, session: Writing, now: Now) -> None:
    """Show the results no longer; their links say so."""
    publications.withdraw(session, caller.organisation_id, key, now)


def shown(request: Request, pages: Sequence[Publication]) -> PublicationOut:
    """A published wave as the API gives it; the page of the whole organisation comes first."""
    state: Any = request.app.state

    def link(page: Publication) -> str:
        return f"{state.settings.base_url}/r/{links.sign(state.secrets[0], 'results', page.organisation_id, page.id)}"

    whole = pages[0]
    return PublicationOut(
        wave=whole.wave_key, note=whole.note, comments=whole.comments, published_at=whole.published_at,
        items=[ResultsPage(unit=page.unit_key, link=link(page)) for page in pages],
    )  # fmt: skip
