"""The second page for managers: what goes together with the score, in which words, and whether initiatives helped."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from analytics.charts import why_charts
from analytics.counts.query import Query
from analytics.reports import drivers, names, words
from app.api.conventions.edge import Reporting
from app.pages.managers import report
from app.pages.managers.sections import actions, choices, effects, reasons
from app.pages.managers.visits import Visit
from app.phrases import charts, groups
from app.phrases import drivers as phrases

router = APIRouter(include_in_schema=False)
SIDES = ("detractors", "promoters")
SHOWN = 10  # words a side


@router.get("/why")
def get_why(request: Request, session: Reporting) -> Response:
    """Drivers, words and the effects of initiatives for one survey."""
    page = ("why-report.html", _context)
    return report.draw(request, session, {"confidential": page, "anonymous": page})


def _context(session: Session, visit: Visit) -> dict[str, Any]:
    asked = visit.asked(session)
    known = names.names(session, asked, groups.naming(visit.speech))
    shown = effects.section(session, visit, asked)
    return {
        "fields": [*choices.days(visit), *choices.filters(visit, known, "from", "to")],
        "effects": shown, "begin": actions.offer_start(visit, asked), **_reasons(session, visit, asked, shown),
    }  # fmt: skip


def _reasons(session: Session, visit: Visit, asked: Query, shown: effects.Section) -> dict[str, Any]:
    """Drivers and words, with their figures where there is something to draw."""
    texts = charts.texts(visit.speech)
    associated, whole = drivers.drivers(session, asked)
    terms, read = words.words(session, asked)
    terms = [term for side in SIDES for term in [each for each in terms if each["side"] == side][:SHOWN]]
    figures = dict(shown.figures)
    if associated:
        figures["drivers"] = why_charts.drivers(associated, texts, phrases.wording(visit.speech, whole))
    if terms:
        figures["words"] = why_charts.words(terms, texts)
    return {
        "drivers": reasons.of_drivers(visit, associated, whole), "words": reasons.of_words(visit, terms, read),
        "figures": figures,
    }  # fmt: skip
