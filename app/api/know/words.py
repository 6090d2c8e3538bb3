"""Words: what detractors write and promoters do not."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from analytics.charts import why_charts
from analytics.counts.query import Query
from analytics.reports import words
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import CHARTED, UNGROUPED, Asks, definition, documented, ungrouped
from app.api.conventions.routes import Router
from app.feeds import formats

router = Router(tags=["know"])


@router.get("/words", openapi_extra=documented(*UNGROUPED))
def get_words(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """The words that set detractors and promoters apart, per language, with comments as examples."""
    items, whole = words.words(session, ungrouped(query))
    envelope = {**whole, "next": None, "definition": definition(request)}
    return formats.answer(request, items, name="words", envelope=envelope)


@router.get("/charts/words", openapi_extra=documented(*CHARTED))
def get_words_chart(query: Annotated[Query, Depends(Asks())], session: Reporting) -> dict[str, Any]:
    """The words that set detractors and promoters apart, as a figure; `/words` is the table beside it."""
    return why_charts.words(words.words(session, ungrouped(query))[0])
