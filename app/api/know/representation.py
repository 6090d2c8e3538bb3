"""Representation: who answered of those invited."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from analytics.counts.query import Query
from analytics.reports import representation
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, Asks, definition, documented
from app.api.conventions.routes import Router
from app.feeds import formats

router = Router(tags=["know"])


@router.get("/representation", openapi_extra=documented(*COMMON))
def get_representation(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """Invited against answered per group of `by`, and the score unweighted and weighted to all who were invited."""
    items, whole = representation.representation(session, query)
    envelope = {**whole, "next": None, "definition": definition(request)}
    return formats.answer(request, items, name="representation", envelope=envelope)
