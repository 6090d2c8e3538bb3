"""The report that a manager reads: where we stand, what changed, how sure that is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from analytics.charts import score_charts, trend_chart
from analytics.counts.query import Query
from analytics.reports import names, scores, season, trend
from analytics.reports.metrics import Item
from analytics.reports.names import Names
from app import languages
from app.api.conventions.edge import Reporting
from app.pages.managers import entrance, manage, visits, wave_report
from app.pages.managers.sections import actions, baselines, choices, comments, headlines, meanings, touchpoints, trends
from app.pages.managers.sections.baselines import Comparison
from app.pages.managers.sections.headlines import Since
from app.pages.managers.visits import Visit
from app.phrases import charts, estimates, groups
from app.phrases.speech import Speech
from surveys.facts import Fact

router = APIRouter(include_in_schema=False)
OWN = ("baseline",)
Context = dict[str, Any]
Page = tuple[str, Callable[[Session, Visit], Context]]


@router.get("/report")
def get_report(request: Request, session: Reporting) -> Response:
    """Scores, trend, change and distribution of one survey."""
    waves: Page = ("wave-report.html", wave_report.context)
    return draw(request, session, {"confidential": ("report.html", _context), "anonymous": waves})


@router.get("/definitions")
def get_definitions(request: Request) -> Response:
    """What every figure means, in the language chosen in the address, or else the browser's."""
    chosen = (request.query_params.get("lang"), *languages.accepted(request.headers.get("accept-language")))
    speech = Speech(languages.negotiate(*chosen))
    context = {"texts": meanings.texts(speech), "groups": meanings.groups(speech)}
    return manage.draw(request, "definitions.html", context, language=speech.language)


def draw(request: Request, session: Session, pages: Mapping[str, Page]) -> Response:
    """A page about one survey for whoever is signed in: what stands around its figures, and the figures.

    `pages` gives the template and its context for a confidential and for an anonymous survey. What cannot be asked
    is refused with a page that says why.
    """
    caller = manage.visitor(request)
    if caller is None:
        return entrance.to_sign_in(request)
    visit = visits.arrive(request, session, caller)
    name, context = pages[visit.mode]
    around: Context = {"visit": visit, "survey_field": choices.survey(visit), "path": request.url.path}
    try:
        own = context(session, visit)
    except Fact as fact:
        return refused(request, visit, str(fact))
    return manage.draw(request, name, around | own, charts=True, language=visit.speech.language)


def refused(request: Request, visit: Visit, reason: str, *, status: int = 422) -> Response:
    """A page that says why what was asked cannot be shown or done, with the way back."""
    context: Context = {
        "visit": visit, "survey_field": choices.survey(visit), "path": "/report", "figures": {}, "reason": reason
    }  # fmt: skip
    return manage.draw(request, "refused.html", context, status=status, language=visit.speech.language)


def _context(session: Session, visit: Visit) -> Context:
    period = visit.single("period") or "month"
    asked = visit.asked(session, *OWN, own=("period",))
    asked = replace(asked, period=period)
    whole = replace(asked, period=None)
    known = names.names(session, asked, groups.naming(visit.speech))
    offered = baselines.offered(session, visit.caller, visit.key)
    fields = [*choices.days(visit), choices.period(visit, period), *choices.baseline(visit, offered)]
    fields += choices.filters(visit, known, "from", "to", "period", "baseline")
    _, total = scores.scores(session, whole)
    around: Context = {"fields": fields, "total": total, "figures": {}, "headline": None, "nothing": None}
    if not total["responses"]:
        return around | {"nothing": _nothing(visit, whole, total)}
    said = comments.section(session, visit, whole)
    if estimates.early(total):
        return around | {"nothing": [estimates.too_early(visit.speech, total["responses"])], "comments": said}
    comparison = baselines.compare(session, visit, offered, known)
    return around | _sections(session, visit, asked, known, total=total, comparison=comparison) | {"comments": said}


def _sections(
    session: Session, visit: Visit, asked: Query, known: Names, *, total: Item, comparison: Comparison
) -> Context:  # fmt: skip
    whole, texts = replace(asked, period=None), charts.texts(visit.speech)
    course = trend.trend(session, asked)
    latest = season.latest(session, asked, course.items)
    spread = scores.distribution(session, whole)
    at_touchpoints = touchpoints.section(session, visit, whole, known, comparison)
    drawn = {
        **at_touchpoints.figures,
        "trend": trend_chart.draw(course.items, known, texts, comparison.estimate),
        "distribution": score_charts.distribution(spread, known, texts),
        **comparison.figures,
    }
    return {
        "headline": headlines.of_periods(
            visit.speech, visit.figure, latest, total=total, asked=asked, since=_since(comparison)
        ),
        "touchpoints": at_touchpoints, "trend": trends.section(visit, course, asked.period or "month"),
        "comparison": comparison, "freeze": None if comparison.frozen else actions.freeze(visit, whole),
        "spread": trends.spread(visit, spread[0]), "figures": drawn,
    }  # fmt: skip


def _since(comparison: Comparison) -> Since | None:
    """What the headline says of the baseline: only where it is one figure, as it then stands for all that is shown."""
    alone = [item for item in comparison.sure if not item["group"]]
    if comparison.frozen is None or comparison.since is None or not alone:
        return None
    return Since(comparison.frozen.key, comparison.since, alone[0])


def _nothing(visit: Visit, asked: Query, total: Item) -> list[str]:
    speech = visit.speech
    said = [
        speech.gettext("No answers on these days yet.")
        if asked.from_on or asked.to_on
        else speech.gettext("No answers in this survey yet.")
    ]
    if total["invited"]:
        said.append(speech.ngettext("%(num)s person was invited.", "%(num)s people were invited.", total["invited"]))
    return said
