"""Scores: the NPS with its interval and response rate, per group and in all."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi import Query as Parameter
from starlette.responses import Response

from analytics.counts.query import Query
from analytics.reports import scores
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, Asks, definition, documented
from app.api.conventions.routes import Router
from app.feeds import formats

router = Router(tags=["know"])


Weighted = Annotated[bool, Parameter(description="Gives the figures by survey weights beside the unweighted ones.")]


@router.get("/scores", openapi_extra=documented(*COMMON))
def get_scores(
    request: Request, query: Annotated[Query, Depends(Asks("weighted"))], session: Reporting, weighted: Weighted = False
) -> Response:
    """An estimate per group; without `by` one item whose group is empty."""
    items, total = (scores.weighted if weighted else scores.scores)(session, query)
    envelope = {"next": None, "total": total, "definition": definition(request)}
    return formats.answer(request, items, name="scores", envelope=envelope)
