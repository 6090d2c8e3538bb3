"""Trend: an estimate per group and period."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from analytics.counts.query import Query
from analytics.reports import trend
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, Asks, definition, documented
from app.api.conventions.routes import Router
from app.feeds import formats

router = Router(tags=["know"])


@router.get("/trend", openapi_extra=documented("period", "window", *COMMON))
def get_trend(
    request: Request, query: Annotated[Query, Depends(Asks("period", "window"))], session: Reporting
) -> Response:
    """An estimate per period, those without answers among them; `summary` says what the whole series does."""
    series = trend.trend(session, query)
    envelope = {"next": None, "summary": series.summary, "definition": definition(request)}
    return formats.answer(request, series.items, name="trend", envelope=envelope)
