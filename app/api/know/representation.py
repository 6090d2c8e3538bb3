"""Representation: who answered of those invited."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field
from starlette.responses import Response

from analytics.counts.query import Query
from analytics.reports import representation
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, Asks, definition, documented
from app.api.conventions.routes import Router
from app.api.know.shapes import DEFINITION, GROUP, REPORT, Estimate, Weighted, listed, report, shape
from app.feeds import formats
from app.phrases import representation as phrases
from app.phrases.speech import ENGLISH

router = Router(tags=["know"])
Part = shape("Part", "One group of those invited, and of those who answered.", "Representation", group=GROUP)
Representation = report(
    "Representation", "Who answered of those invited, and the score weighted to all who were.", Part, "Representation",
    without="share", unweighted=(Estimate, Field()), weighted=(Weighted, Field()),
    largest_weight=(float | None, Field(description="None where nobody answered.", examples=[1.5])),
    trimmed=(int, Field(description="Answers whose weight was cut.", examples=[0])),
    warnings=(listed(str), Field(description="What the weights cannot make good.", examples=[[]])),
    definition=DEFINITION,
)  # fmt: skip


@router.get("/representation", response_model=Representation, responses=REPORT, openapi_extra=documented(*COMMON))
def get_representation(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """Invited against answered per group of `by`, and the score unweighted and weighted to all who were invited."""
    items, whole = representation.representation(session, query)
    envelope = {**phrases.in_words(ENGLISH, whole), "next": None, "definition": definition(request)}
    return formats.answer(request, items, name="representation", envelope=envelope)
