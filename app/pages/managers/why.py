"""The second page for managers: what goes together with the score, in which words, and whether initiatives helped."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from analytics.charts import why_charts
from analytics.counts import query
from analytics.counts.query import CONFIDENCE, Query
from analytics.reports import drivers, effects, words
from app import clock
from app.access.keys import Caller
from app.api.conventions.edge import Reporting
from app.pages.managers import report
from app.pages.managers.report import Facts
from surveys.facts import Fact
from surveys.organisation.organisations import day_of

router = APIRouter(include_in_schema=False)
DAYS = ("from", "to")
SEVEN_QUARTERS = timedelta(days=640)  # initiatives that began longer ago are read through the API
WINDOW_DAYS = 91
SHOWN = 10  # words a side


@router.get("/why")
def get_why(request: Request, session: Reporting) -> Response:
    """Drivers, words and the effects of initiatives for one survey."""
    page = ("why-report.html", _told)
    return report.draw(request, session, {"confidential": page, "anonymous": page})


def _told(session: Session, caller: Caller, facts: Facts, given: dict[str, str]) -> Facts:
    pairs = [(name, given[name]) for name in DAYS if name in given] + [("survey", facts["survey"] or "")]
    asked = query.parse(session, caller.organisation_id, pairs, within=caller.unit_key)
    told = _reasons(session, asked) | {"effects": _effects(session, caller, asked)}
    for number, effect in enumerate(told["effects"]):
        if effect["figure"]:
            told["figures"][f"effect-{number}"] = effect["figure"]
    return told


def _reasons(session: Session, asked: Query) -> dict[str, Any]:
    """Drivers and words, with their figures where there is something to draw."""
    associated, whole = drivers.drivers(session, asked)
    terms, read = words.words(session, asked)
    terms = [
        term for side in ("detractors", "promoters") for term in [one for one in terms if one["side"] == side][:SHOWN]
    ]
    figures = {}
    if associated:
        figures["drivers"] = why_charts.drivers(associated, whole)
    if terms:
        figures["words"] = why_charts.words(terms)
    return {"drivers": associated, "whole": whole, "terms": terms, "read": read, "figures": figures}


def _effects(session: Session, caller: Caller, asked: Query) -> list[dict[str, Any]]:
    """Each initiative of the last years for some of these answers: its effect, or why none can be told yet."""
    now = clock.now()
    today = day_of(now, caller.time_zone)
    told: list[dict[str, Any]] = []
    for one in effects.begun(session, asked, today - SEVEN_QUARTERS, today):
        try:
            found = effects.found(
                session, one, before_days=WINDOW_DAYS, after_days=WINDOW_DAYS, period="week",
                confidence=CONFIDENCE, within=caller.unit_key, now=now,
            )  # fmt: skip
        except Fact as fact:
            told.append({"name": one.name, "wording": str(fact), "figures": None, "periods": [], "figure": None})
            continue
        drawn = why_charts.effect(found.figures, found.periods, found.figure)
        told.append(
            {"name": one.name, "wording": found.figures["wording"], "figures": found.figures,
             "called": found.figure, "periods": found.periods, "figure": drawn}
        )  # fmt: skip
    return told
