"""Drivers: which further questions go together with the score."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from analytics import charts_why, drivers
from analytics.query import Query
from app.api.edge import Reporting
from app.api.parameters import CHARTED, UNGROUPED, Asks, definition, documented, ungrouped
from app.api.routes import Router
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
    return charts_why.drivers(*drivers.drivers(session, ungrouped(query)))
