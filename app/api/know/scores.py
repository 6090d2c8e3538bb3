"""Scores: the NPS with its interval and response rate, per group and in all."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi import Query as Parameter
from pydantic import Field
from starlette.responses import Response

from analytics.counts.query import Query
from analytics.reports import scores
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, Asks, definition, documented
from app.api.conventions.routes import Router
from app.api.know import shapes
from app.api.know.shapes import DEFINITION, GROUP, REPORT, optional, report, shape
from app.feeds import formats

router = Router(tags=["know"])


BESIDE = optional(shapes.Weighted, "The figures by survey weights, where asked for.")
Total = shape("ScoresTotal", "The estimate of all groups together.", "Estimate", "Turnout", weighted=BESIDE)
Score = shape(
    "Score",
    "The estimate of one group, and how many of those asked answered.",
    "Estimate",
    "Turnout",
    group=GROUP,
    weighted=BESIDE,
)
Scores = report("Scores", "The NPS per group and in all.", Score, total=(Total, Field()), definition=DEFINITION)
Weighted = Annotated[bool, Parameter(description="Gives the figures by survey weights beside the unweighted ones.")]


@router.get("/scores", response_model=Scores, responses=REPORT, openapi_extra=documented(*COMMON))
def get_scores(
    request: Request, query: Annotated[Query, Depends(Asks("weighted"))], session: Reporting, weighted: Weighted = False
) -> Response:
    """An estimate per group; without `by` one item whose group is empty."""
    items, total = (scores.weighted if weighted else scores.scores)(session, query)
    envelope = {"next": None, "total": total, "definition": definition(request)}
    return formats.answer(request, items, name="scores", envelope=envelope)
