"""Drivers: which further questions go together with the score."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from analytics.charts import why_charts
from analytics.counts.query import Query
from analytics.reports import drivers
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import CHARTED, UNGROUPED, Asks, definition, documented, ungrouped
from app.api.conventions.routes import Router
from app.feeds import formats

router = Router(tags=["know"])


@router.get("/drivers", openapi_extra=documented(*UNGROUPED))
def get_drivers(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """Mean, correlation with the score and relative importance of each further question on a scale."""
    items, whole = drivers.drivers(session, ungrouped(query))
    envelope = {**whole, "next": None, "definition": definition(request)}
    return formats.answer(request, items, name="drivers", envelope=envelope)


@router.get("/charts/drivers", openapi_extra=documented(*CHARTED))
def get_drivers_chart(query: Annotated[Query, Depends(Asks())], session: Reporting) -> dict[str, Any]:
    """Correlation and importance of each further question with their intervals, as a figure."""
    return why_charts.drivers(*drivers.drivers(session, ungrouped(query)))
