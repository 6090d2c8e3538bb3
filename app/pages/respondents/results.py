"""The page on which staff read what a wave released, each in their own language."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from analytics.counts import query
from analytics.reports import scores, wave_results
from app import languages
from app.api.conventions.edge import Reading
from app.feeds import unlinked
from app.pages.folds import fold
from app.pages.respondents import sheet, statement, visit
from app.pages.respondents.page import page
from app.pages.respondents.shares import shares
from app.pages.respondents.visit import Visit
from surveys import links
from surveys.anonymity.statements import statements
from surveys.facts import Fact
from surveys.fieldwork import publications, waves
from surveys.organisation import organisations, units
from surveys.questionnaire import definitions
from surveys.tables import Organisation, Publication, Wave

router = APIRouter()


@router.api_route("/r/{token}", methods=["GET", "HEAD"], include_in_schema=False)
def show(token: str, request: Request, session: Reading) -> Response:
    """The results behind a link; nothing is written, and nobody signs in. Figures keep no survey page waiting."""
    asked = visit.of(request)
    try:
        published = publications.find(session, links.verify(request.app.state.secrets, "results", token))
    except Fact as fact:
        return sheet.over(asked, fact)
    organisation = organisations.get(session, published.organisation_id)
    language = asked.speak(None, organisation.locale)
    context = _context(asked, session, published, organisation, language)
    return page(asked, "results.html", language, lambda _place: context, key=None, places={})


def _context(
    visit: Visit, session: Session, published: Publication, organisation: Organisation, language: str
) -> dict[str, Any]:
    wave = waves.get(session, published.organisation_id, published.wave_key)
    unit = units.get(session, published.organisation_id, published.unit_key) if published.unit_key else None
    parameters = [("survey", wave.survey_key), ("wave", wave.key)]
    asked = query.parse(session, published.organisation_id, parameters, within=published.unit_key)
    before = wave_results.rounds(session, published.organisation_id, wave.survey_key).before(wave)
    change = wave_results.change(session, asked, before, wave)
    _, total = scores.scores(session, asked)
    return {
        "organisation": organisation.name,
        "survey": definitions.get(session, published.organisation_id, wave.survey_key).name,
        "unit": unit.name if unit else None,
        "whole": _whole(visit, session, published) if unit else None,
        "day": _day(wave, language, organisation),
        "wave": wave, "total": total, "shares": shares(total, language), "answered": total["responses"],
        "change": change, "before": _day(before, language, organisation) if before else None,
        "statement": _statement(visit, session, published, language, organisation.time_zone),
        "note": published.note, "own_language": organisation.locale,
        "comments": [fold(text) for text in unlinked.words(session, asked)] if published.comments else [],
        "number": lambda value: languages.number_in_words(value, language),
        "percent": lambda value: languages.percent_in_words(value, language),
    }  # fmt: skip


def _day(wave: Wave, language: str, organisation: Organisation) -> str:
    return languages.day_in_words(wave.closed_at or wave.closes_at, language, organisation.time_zone)


def _statement(
    visit: Visit, session: Session, published: Publication, language: str, zone: str
) -> dict[str, Any] | None:
    signed = statements.find(session, published.organisation_id, published.wave_key)
    return statement.in_words(signed, f"{visit.token}/{statement.FILE}", language, zone)


def _whole(visit: Visit, session: Session, published: Publication) -> str | None:
    """Where the results of the whole organisation are, relative to this page."""
    link = publications.link_for(session, published.organisation_id, published.wave_key, None)
    if link is None:
        return None
    token = links.sign(visit.secrets[0], "results", link.organisation_id, link.id)
    return token + visit.address().removesuffix("?")
