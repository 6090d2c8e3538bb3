"""Trend: an estimate per group and period."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from analytics import report
from analytics.query import Query
from app.api.edge import Reporting
from app.api.parameters import COMMON, Asks, definition, documented
from app.api.routes import Router
from app.feeds import formats

router = Router(tags=["know"])


@router.get("/trend", openapi_extra=documented("period", *COMMON))
def get_trend(request: Request, query: Annotated[Query, Depends(Asks("period"))], session: Reporting) -> Response:
    """An estimate per period, those without answers among them."""
    items = report.trend(session, replace(query, period=query.period or "month"))
    return formats.answer(request, items, name="trend", envelope={"next": None, "definition": definition(request)})
