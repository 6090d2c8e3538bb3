"""The page about the answers of a survey: what is stored, who can see it, and what is not protected."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import languages
from app.api.conventions.edge import Now, Opening
from app.pages.respondents import sheet, statement, visit
from app.pages.respondents.page import page, shown
from app.pages.respondents.visit import Visit
from surveys import links
from surveys.anonymity import roll
from surveys.anonymity.participation import LEAST_INVITED
from surveys.anonymity.roll import Roll
from surveys.answering import opened as opening
from surveys.answering.opened import Opened
from surveys.facts import AlreadyAnswered, LinkUnknown

router = APIRouter()


@router.api_route("/s/{token}/about", methods=["GET", "HEAD"], include_in_schema=False)
def show(token: str, request: Request, session: Opening, now: Now) -> Response:
    """What becomes of the answer; also after answering, and once the survey has closed. Nothing is written."""
    asked = visit.of(request)
    try:
        secrets = request.app.state.secrets
        opened = opening.find(session, links.verify(secrets, "answer", token), now, secrets)
    except LinkUnknown as fact:
        return sheet.over(asked, fact)
    if opened.over and not isinstance(opened.over, sheet.READABLE):
        return sheet.over(asked, opened.over, opened)
    link = opened.link
    people = roll.behind(session, link.organisation_id, link.id)
    language = sheet.language_of(asked, opened)
    stated = statement.behind(session, link.organisation_id, link.id, language, opened.time_zone)
    return _page(asked, opened, people, stated, language)


def _page(asked: Visit, opened: Opened, people: Roll | None, stated: dict[str, Any] | None, language: str) -> Response:
    context: dict[str, Any] = {
        "organisation": opened.organisation,
        "statement": stated,
        "back": f"../{asked.token}{asked.address()}".rstrip("?"),
    }
    name = "about-anonymous.html" if opened.promise else "about-confidential.html"
    context |= _promised(opened, people, language) if opened.promise else _linked(opened, language)
    stay = shown(asked.stay(score=opened.promise is None))
    return page(asked, name, language, lambda _place: context, key=None, places={"stay": stay})


def _promised(opened: Opened, people: Roll | None, language: str) -> dict[str, Any]:
    promise = opened.promise
    assert promise is not None  # noqa: S101 - the caller's
    return {
        "promise": promise,
        "people": people,
        "least_invited": LEAST_INVITED,
        "segments": ", ".join(promise.segments),
        "closes_on": languages.day_in_words(promise.closes_at, language, opened.time_zone),
    }


def _linked(opened: Opened, language: str) -> dict[str, Any]:
    until = opened.editable_until
    return {
        "editable_until": languages.time_in_words(until, language, opened.time_zone) if until else None,
        "edit_hours": opened.edit_hours,
        "answered": opened.earlier is not None or isinstance(opened.over, AlreadyAnswered),
    }
