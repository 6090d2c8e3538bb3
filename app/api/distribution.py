"""Distribution: how many gave each score."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from analytics import report
from analytics.query import Query
from app.api.edge import Reporting
from app.api.parameters import COMMON, Asks, documented
from app.api.routes import Router
from app.feeds import formats

router = Router(tags=["know"])


@router.get("/distribution", openapi_extra=documented(*COMMON))
def get_distribution(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """The counts of the scores 0 to 10 per group."""
    return formats.answer(request, report.distribution(session, query), name="distribution", envelope={"next": None})
