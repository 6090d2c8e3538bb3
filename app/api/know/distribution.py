"""Distribution: how many gave each score."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from analytics.counts.query import Query
from analytics.reports import scores
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, Asks, documented
from app.api.conventions.routes import Router
from app.api.know.shapes import GROUP, REPORT, report, shape
from app.feeds import formats

router = Router(tags=["know"])
Spread = shape("Spread", "How many of one group gave each score.", "Distribution", group=GROUP)
Distribution = report("Distribution", "How many gave each score, per group.", Spread)


@router.get("/distribution", response_model=Distribution, responses=REPORT, openapi_extra=documented(*COMMON))
def get_distribution(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """The counts of the scores 0 to 10 per group."""
    return formats.answer(request, scores.distribution(session, query), name="distribution", envelope={"next": None})
