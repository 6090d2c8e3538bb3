"""Drivers: which further questions go together with the score."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field
from starlette.responses import Response

from analytics.charts import why_charts
from analytics.counts.query import Query
from analytics.reports import drivers
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import CHARTED, UNGROUPED, Asks, definition, documented, ungrouped
from app.api.conventions.routes import Router
from app.api.know.shapes import DEFINITION, REPORT, Figure, drawn, report, shape
from app.feeds import formats
from app.phrases import charts
from app.phrases import drivers as phrases
from app.phrases.speech import ENGLISH

router = Router(tags=["know"])
Driver = shape("Driver", "One further question and how it goes together with the score.", "Driver")
Drivers = report(
    "Drivers", "Which further questions go together with the score. Associated with, not caused by.", Driver,
    n=(int, Field(description="Responses with an answer to one of them.", examples=[431])),
    n_complete=(int, Field(description="Responses with an answer to each that was asked often.", examples=[398])),
    n_needed=(int, Field(description="Complete responses needed before importance is computed.", examples=[100])),
    drivers=(int, Field(description="Questions asked often enough to be compared.", examples=[2])),
    method=(str | None, Field(description="How importance is computed; null without questions.", examples=["lmg"])),
    r_squared_percent=(float | None, Field(description="What they explain of the score together.", examples=[34.1])),
    sampled=(bool, Field(description="Whether a sample of the responses was read.", examples=[False])),
    wording=(str, Field(description="What importance says, or why there is none.", examples=["Importance is ..."])),
    definition=DEFINITION,
)  # fmt: skip


@router.get("/drivers", response_model=Drivers, responses=REPORT, openapi_extra=documented(*UNGROUPED))
def get_drivers(request: Request, query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """Mean, correlation with the score and relative importance of each further question on a scale."""
    items, whole = drivers.drivers(session, ungrouped(query))
    envelope = {**whole, "wording": phrases.wording(ENGLISH, whole), "next": None, "definition": definition(request)}
    return formats.answer(request, items, name="drivers", envelope=envelope)


@router.get("/charts/drivers", response_model=Figure, openapi_extra=documented(*CHARTED))
def get_drivers_chart(query: Annotated[Query, Depends(Asks())], session: Reporting) -> Response:
    """Correlation and importance of each further question with their intervals, as a figure."""
    items, whole = drivers.drivers(session, ungrouped(query))
    return drawn(why_charts.drivers(items, charts.texts(ENGLISH), phrases.wording(ENGLISH, whole)))
