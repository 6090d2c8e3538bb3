"""Charts: reports as Plotly figures, for whoever draws them with plotly.js."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import Depends, Request, Response

from analytics.charts import score_charts, trend_chart
from analytics.counts import query as queries
from analytics.counts.query import Query
from analytics.reports import baselines, effects, names, scores, trend
from analytics.reports.metrics import Item
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import Asks, Reporter, documented, sent
from app.api.conventions.routes import Router
from app.api.know.shapes import Figure, drawn
from app.phrases import charts, groups
from app.phrases.speech import ENGLISH

router = Router(tags=["know"], prefix="/charts")
TEXTS, NAMING = charts.texts(ENGLISH), groups.naming(ENGLISH)
COMMON = queries.COMMON


@router.get("/trend", response_model=Figure, openapi_extra=documented("period", "window", "baseline", *COMMON))
def get_trend_chart(request: Request, caller: Reporter, session: Reporting) -> Response:
    """NPS per period with its interval and the starts of initiatives; `baseline` draws that baseline across."""
    asked = queries.parse(
        session, caller.organisation_id, sent(request, "baseline"), within=caller.unit_key, own={"period", "window"}
    )
    frozen = _frozen(request, session, caller)
    items = trend.trend(session, asked).items
    known = names.names(session, asked, NAMING)
    estimate = frozen["estimate"] if frozen else None
    return drawn(trend_chart.draw(items, known, TEXTS, estimate, _marks(session, asked, items)))


@router.get("/touchpoints", response_model=Figure, openapi_extra=documented("baseline", *COMMON))
def get_touchpoints_chart(request: Request, caller: Reporter, session: Reporting) -> Response:
    """The NPS of each touchpoint (or of each group of `by`) with its interval and target, and a `baseline`."""
    asked = queries.parse(session, caller.organisation_id, sent(request, "baseline"), within=caller.unit_key)
    items, _ = scores.scores(session, replace(asked, by=asked.by or ("touchpoint",)))
    known = names.names(session, asked, NAMING)
    return drawn(score_charts.touchpoints(items, known, TEXTS, _frozen(request, session, caller)))


@router.get("/distribution", response_model=Figure, openapi_extra=documented(*COMMON))
def get_distribution_chart(query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """How many gave 0 to 10; for several groups, the shares of detractors, passives and promoters."""
    items = scores.distribution(session, query)
    return drawn(score_charts.distribution(items, names.names(session, query, NAMING), TEXTS))


@router.get("/baseline", response_model=Figure, openapi_extra=documented("baseline", "from", "to", "confidence"))
def get_baseline_chart(request: Request, caller: Reporter, session: Reporting) -> Response:
    """Then and now per group, for the baseline named or else the one frozen last."""
    key = request.query_params.get("baseline")
    if key is None:
        key = baselines.latest(session, caller.organisation_id, caller.unit_key).key
    change = baselines.change(session, caller.organisation_id, key, sent(request, "baseline"), caller.unit_key)
    return drawn(score_charts.baseline(change.items, names.names(session, change.current, NAMING), TEXTS))


def _frozen(request: Request, session: Reporting, caller: Reporter) -> Item | None:
    """The baseline named in the address, as the API gives it."""
    key = request.query_params.get("baseline")
    if key is None:
        return None
    return baselines.item(baselines.get(session, caller.organisation_id, key, caller.unit_key))


def _marks(session: Reporting, asked: Query, items: list[Item]) -> list[trend_chart.Mark]:
    """The starts of initiatives for some of these answers, within the periods drawn."""
    if not items:
        return []
    first, last = (date.fromisoformat(day) for day in (items[0]["starts_on"], items[-1]["ends_on"]))
    begun = effects.begun(session, asked, first, last)
    return [trend_chart.Mark(initiative.starts_on, initiative.name) for initiative in begun]
