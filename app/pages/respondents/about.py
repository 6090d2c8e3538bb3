"""The page about the answers of a survey: what is stored, who can see it, and what is not protected."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import languages
from app.pages.respondents import sheet, statement
from app.pages.respondents.held import Drawing
from app.pages.respondents.page import page, shown
from app.pages.respondents.visit import Visit
from surveys import links
from surveys.anonymity import roll
from surveys.anonymity.participation import LEAST_INVITED
from surveys.answering.opened import Opened
from surveys.facts import AlreadyAnswered, LinkUnknown


async def show(state: Any, visit: Visit) -> Response:
    """What becomes of the answer; also after answering, and once the survey has closed. Nothing is written."""
    try:
        opened = await state.openings.find(links.verify(state.secrets, "answer", visit.token))
    except LinkUnknown as fact:
        return sheet.over(visit, fact)
    if opened.over and not isinstance(opened.over, sheet.READABLE):
        return sheet.over(visit, opened.over, opened)
    language = sheet.language_of(visit, opened)
    counted = await run_in_threadpool(_counted, state, opened, language) if opened.promise else {}
    return _page(visit, opened, counted, language)


def _counted(state: Any, opened: Opened, language: str) -> dict[str, Any]:
    """Of whom an anonymous wave consists, and what it signed as it closed."""
    link = opened.link
    with state.database.opening() as session:
        people = roll.behind(session, link.organisation_id, link.id)
        stated = statement.behind(session, link.organisation_id, link.id, language, opened.time_zone)
    return {"people": people, "statement": stated}


def _page(visit: Visit, opened: Opened, counted: dict[str, Any], language: str) -> Response:
    """The page, held under all that it says: whatever a sentence needs is part of its key by itself."""
    said = counted | {"organisation": opened.organisation}
    said |= _promised(opened, language) if opened.promise else _linked(opened)
    until = opened.editable_until
    places = {
        "stay": shown(visit.stay(score=opened.promise is None)),
        "back": shown(f"../{visit.token}{visit.address()}".rstrip("?")),
        "editable_until": shown(languages.time_in_words(until, language, opened.time_zone)) if until else b"",
    }

    def context(place: Drawing) -> dict[str, Any]:
        return said | {"back": place("back"), "editable_until": place("editable_until") if until else None}

    name = "about-anonymous.html" if opened.promise else "about-confidential.html"
    key = (repr(sorted(said.items())), until is None)
    return page(visit, name, language, context, key=key, places=places)


def _promised(opened: Opened, language: str) -> dict[str, Any]:
    promise = opened.promise
    assert promise is not None  # noqa: S101 - the caller's
    return {
        "promise": promise,
        "least_invited": LEAST_INVITED,
        "segments": ", ".join(promise.segments),
        "closes_on": languages.day_in_words(promise.closes_at, language, opened.time_zone),
    }


def _linked(opened: Opened) -> dict[str, Any]:
    return {
        "edit_hours": opened.edit_hours,
        "answered": opened.earlier is not None or isinstance(opened.over, AlreadyAnswered),
    }
