"""Words: what detractors write and promoters do not."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field
from starlette.responses import Response

from analytics.charts import why_charts
from analytics.counts.query import Query
from analytics.reports import words
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import CHARTED, UNGROUPED, Asks, definition, documented, ungrouped
from app.api.conventions.routes import Router
from app.api.know.shapes import DEFINITION, REPORT, Figure, drawn, report, shape
from app.feeds import formats
from app.phrases import charts
from app.phrases.speech import ENGLISH

router = Router(tags=["know"])
Word = shape("Word", "A word that detractors use and promoters do not, or the other way round.", "Word")
Words = report(
    "Words", "The words that set detractors and promoters apart, per language.", Word,
    comments=(int, Field(description="Comments read.", examples=[312])),
    promoters=(int, Field(description="Of those, comments of promoters.", examples=[140])),
    passives=(int, Field(description="Comments of passives.", examples=[90])),
    detractors=(int, Field(description="Comments of detractors.", examples=[82])),
    languages=(dict[str, int], Field(description="Comments per language.", examples=[{"en": 300, "da": 12}])),
    sampled=(bool, Field(description="Whether a sample of the comments was read.", examples=[False])),
    definition=DEFINITION,
)  # fmt: skip


@router.get("/words", response_model=Words, responses=REPORT, openapi_extra=documented(*UNGROUPED))
def get_words(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """The words that set detractors and promoters apart, per language, with comments as examples."""
    items, whole = words.words(session, ungrouped(query))
    envelope = {**whole, "next": None, "definition": definition(request)}
    return formats.answer(request, items, name="words", envelope=envelope)


@router.get("/charts/words", response_model=Figure, openapi_extra=documented(*CHARTED))
def get_words_chart(query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """The words that set detractors and promoters apart, as a figure; `/words` is the table beside it."""
    return drawn(why_charts.words(words.words(session, ungrouped(query))[0], charts.texts(ENGLISH)))
