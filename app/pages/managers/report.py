"""The report that a manager reads: where we stand, what changed, how sure that is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from analytics.charts import score_charts, trend_chart
from analytics.counts import query
from analytics.counts.query import PERIODS
from analytics.reports import baselines as baseline
from analytics.reports import metrics, names, scores, trend
from app.access.keys import Caller
from app.api.conventions.edge import Reporting
from app.pages.managers import baselines, entrance, manage, wave_report
from app.pages.managers.assets import PLOTLY_VERSION
from surveys.facts import Fact
from surveys.organisation import organisations, units
from surveys.questionnaire import definitions
from surveys.tables import Baseline

router = APIRouter(include_in_schema=False)
TAKEN = ("from", "to", "unit", "confidence")
Facts = dict[str, Any]
# What a page adds, from the session, the caller, what stands around it and the parameters given.
Figures = Callable[[Session, Caller, Facts, dict[str, str]], Facts]
Page = tuple[str, Figures]
WAVES: Page = ("wave-report.html", wave_report.figures)


@router.get("/report")
def get_report(request: Request, session: Reporting) -> Response:
    """Scores, trend, change and distribution of one survey."""
    return draw(request, session, {"confidential": ("report.html", _figures), "anonymous": WAVES})


@router.get("/definitions")
def get_definitions(request: Request) -> Response:
    """What every figure means."""
    return manage.draw(request, "definitions.html", {"registry": metrics.REGISTRY})


def draw(request: Request, session: Session, pages: Mapping[str, Page]) -> Response:
    """A page about one survey for whoever is signed in: what stands around its figures, and the figures.

    `pages` gives the page for a confidential and for an anonymous survey.
    """
    caller = manage.visitor(request)
    if caller is None:
        return entrance.to_sign_in(request)
    given = {name: value for name, value in request.query_params.items() if value}
    facts = _around(session, caller, given)
    name, figures = pages[facts["mode"]]
    try:
        facts |= figures(session, caller, facts, given)
    except Fact as fact:
        return manage.draw(request, name, facts | {"wrong": str(fact)}, status=422)
    return manage.draw(request, name, facts, charts=True)


def _around(session: Session, caller: Caller, given: dict[str, str]) -> Facts:
    """What stands around the figures: whose they are, and what may be chosen."""
    organisation = organisations.get(session, caller.organisation_id)
    surveys = definitions.listed(session, organisation.id)
    chosen = given.get("survey") or (surveys[0].key if surveys else None)
    known = next((survey for survey in surveys if survey.key == chosen), None)
    return {
        "organisation": organisation.name, "caller": caller, "survey": chosen,
        "surveys": [(survey.key, survey.name) for survey in surveys],
        "survey_name": known.name if known else chosen,
        "mode": known.mode if known else "confidential",
        "figure": "eNPS" if known and known.audience == "staff" else "NPS",
        "periods": PERIODS, "period": given.get("period", "month"), "given": given, "wrong": None, "figures": {},
        "open": (), "place": units.get(session, organisation.id, caller.unit_key).name if caller.unit_key else None,
        "baselines": baselines.offered(session, caller, chosen), "plotly": PLOTLY_VERSION,
    }  # fmt: skip


def _figures(session: Session, caller: Caller, facts: Facts, given: dict[str, str]) -> Facts:
    own = {name: value for name, value in given.items() if name in TAKEN}
    own |= {"survey": facts["survey"]} if facts["survey"] else {}
    asked = query.parse(
        session, caller.organisation_id, [*own.items(), ("period", facts["period"])], within=caller.unit_key,
        own={"period"},
    )  # fmt: skip
    known = names.names(session, asked)
    whole = replace(asked, period=None)
    items, total = scores.scores(session, replace(whole, by=("touchpoint",)))
    course = trend.trend(session, asked)
    spread = scores.distribution(session, whole)
    frozen = baselines.chosen(facts["baselines"], given.get("baseline"), facts["survey"])
    then, now = _change(session, caller, frozen)
    sure, few = _apart(_by_nps(items), lambda item: item["low"] is not None)
    drawn = {
        "touchpoints": score_charts.touchpoints(sure, known, then),
        "trend": trend_chart.draw(course.items, known, then and then["estimate"]),
        "distribution": score_charts.distribution(spread, known),
    }
    if now and now["sure"]:
        drawn["baseline"] = score_charts.baseline(now["sure"], known)
    return {
        "total": total, "sure": sure, "few": few, "trend": course.items,
        "course": course.summary[0] if course.summary else None,
        "levelled": any(item["level"] is not None for item in course.items),
        "signalled": any(item["signal"] for item in course.items), "spread": spread[0], "label": known.label,
        "targets": known.targets, "frozen": frozen, "now": now, "figures": drawn, "asked": whole,
    }  # fmt: skip


def _change(session: Session, caller: Caller, frozen: Baseline | None) -> tuple[metrics.Item | None, Facts | None]:
    """The baseline as given out, and now against it."""
    if frozen is None:
        return None, None
    try:
        found = baseline.change(session, caller.organisation_id, frozen.key, [], caller.unit_key)
    except Fact as fact:  # such as a segment that the survey no longer declares
        return baseline.item(frozen), {"refused": str(fact), "sure": [], "few": []}
    sure, few = _apart(found.items, lambda item: item["low"] is not None)
    return baseline.item(frozen), {"refused": None, "sure": sure, "few": few, "since": found.current.from_on}


def _apart(items: list[metrics.Item], told: Callable[[metrics.Item], bool]) -> tuple[list[metrics.Item], ...]:
    """Those that tell something, and the rest, each in the order given."""
    return [item for item in items if told(item)], [item for item in items if not told(item)]


def _by_nps(items: list[metrics.Item]) -> list[metrics.Item]:
    """The best first; those without answers last."""
    return sorted(items, key=lambda item: -101 if item["nps"] is None else item["nps"], reverse=True)
