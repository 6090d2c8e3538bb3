"""Trend: an estimate per group and period."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field
from starlette.responses import Response

from analytics.counts.query import Query
from analytics.reports import trend
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, Asks, definition, documented
from app.api.conventions.routes import Router
from app.api.know.shapes import DEFINITION, ENDS_ON, GROUP, REPORT, STARTS_ON, listed, report, shape
from app.feeds import formats
from app.phrases import trends
from app.phrases.speech import ENGLISH

router = Router(tags=["know"])
PERIOD = (str, Field(description="Its name: 2026-03-01, 2026-W09, 2026-03, 2026-Q1, 2026.", examples=["2026-03"]))
Item = shape(
    "TrendItem",
    "The estimate of one group in one period.",
    "Estimate",
    "Trend",
    group=GROUP,
    period=PERIOD,
    starts_on=STARTS_ON,
    ends_on=ENDS_ON,
)
Shift = shape(
    "Shift",
    "Where a new level seems to begin.",
    period=PERIOD,
    before=(float, Field(description="The score before, in points.", examples=[12.0])),
    since=(float, Field(description="The score since, in points.", examples=[21.0])),
)
LastYear = shape(
    "LastYear",
    "The last period with answers against the same one a year before.",
    "Change",
    period=PERIOD,
    against=(str, Field(description="The period a year before.", examples=["2025-03"])),
)
Summary = shape(
    "TrendSummary",
    "What the whole series of one group does.",
    "Slope",
    group=GROUP,
    shifts=(listed(Shift), Field()),
    hint=(str | None, Field(description="The shifts in a sentence; null where there is none.", examples=[None])),
    last_year=(
        LastYear | None,
        Field(description="Null where the span is too short, or nobody answered a year before.", examples=[None]),
    ),
)
Trend = report(
    "Trend", "The NPS per group and period.", Item, summary=(listed(Summary), Field()), definition=DEFINITION
)


@router.get("/trend", response_model=Trend, responses=REPORT, openapi_extra=documented("period", "window", *COMMON))
def get_trend(
    request: Request, query: Annotated[Query, Depends(Asks("period", "window"))], session: Reporting
) -> Response:
    """An estimate per period, those without answers among them; `summary` says what the whole series does."""
    series = trend.trend(session, query)
    summary = [row | {"hint": trends.hint(ENGLISH, row)} for row in series.summary]
    envelope = {"next": None, "summary": summary, "definition": definition(request)}
    return formats.answer(request, series.items, name="trend", envelope=envelope)
