"""Initiatives: what the organisation does to improve, and what changed with each."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from analytics.charts import why_charts
from analytics.counts.query import CONFIDENCE, LEAST_CONFIDENCE, MOST_CONFIDENCE
from analytics.reports import effects as figures
from app.api.conventions.edge import Analyst, Now, Reading, Writing
from app.api.conventions.fields import Day, Name
from app.api.conventions.lists import FORMATS, Listed, Page, turn
from app.api.conventions.parameters import Reporter, definition, documented
from app.api.conventions.routes import Router
from app.api.know.shapes import (
    DEFINITION,
    ENDS_ON,
    REPORT,
    STARTS_ON,
    Estimate,
    Figure,
    drawn,
    listed,
    optional,
    report,
    shape,
)
from app.feeds import formats
from app.feeds.formats import Format, wanted
from app.phrases import charts
from app.phrases import effects as phrases
from app.phrases.speech import ENGLISH
from culture import initiatives
from surveys.facts import Malformed

router = Router(tags=["act"])
MOST_DAYS = 1830
BeforeDays = Annotated[int, Query(ge=1, le=MOST_DAYS, description="Days looked at before the start.")]
AfterDays = Annotated[int, Query(ge=1, le=MOST_DAYS, description="Days looked at from the start on.")]
GRAINS = {"enum": ["day", "week"]}
Grain = Annotated[str, Query(description="Counted from the start.", json_schema_extra=GRAINS)]
Key = Annotated[str, Query(description="Key of an initiative.")]
Confidence = Annotated[float, Query(ge=LEAST_CONFIDENCE, le=MOST_CONFIDENCE, description="Of the interval.")]


class InitiativeIn(BaseModel):
    """What is done, in which of the five kinds, for whom, and from when."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    kind: Literal["inspire", "involve", "inform", "instruct", "incentive"]
    scope: dict[str, Any] = Field(
        description="Filters as reports take them: whose answers it is meant to change.",
        examples=[{"survey": "nps", "touchpoint": "support"}],
    )
    comparison: dict[str, Any] | None = Field(
        None, description="Filters: similar answers that it does not touch.", examples=[{"touchpoint": "advice"}]
    )
    starts_on: Day
    ends_on: Day | None = None


EXAMPLE = {
    "key": "course", "name": "Listening course", "kind": "instruct", "scope": {"touchpoint": ["support"]},
    "comparison": None, "starts_on": "2025-09-03", "ends_on": None,
}  # fmt: skip


class InitiativeOut(InitiativeIn):
    """An initiative as stored."""

    key: str
    starts_on: date
    ends_on: date | None = None


WORDS = (
    str,
    Field(
        description="The effect in a sentence that claims no more than the design can carry.",
        examples=["No clear change: ..."],
    ),
)
Period = shape(
    "EffectPeriod", "One period before or after the start.", "Estimate",
    side=(Literal["before", "after"], Field(examples=["before"])), starts_on=STARTS_ON, ends_on=ENDS_ON,
    comparison=optional(Estimate, "The estimate of the comparison, where there is one."),
)  # fmt: skip
EffectOut = report(
    "EffectOut", "What changed with an initiative, with the periods behind it.", Period, "Effect",
    initiative=(InitiativeOut, Field(examples=[EXAMPLE])),
    design=(Literal["before and after", "difference in differences"], Field(examples=["before and after"])),
    period=(Literal["day", "week"], Field(description="Counted from the start.", examples=["week"])),
    wording=WORDS,
    warnings=(listed(str), Field(description="What speaks against reading it so.", examples=[[]])),
    definition=DEFINITION,
)  # fmt: skip


@router.get("/initiatives", response_model=Listed[InitiativeOut], responses=FORMATS)
def list_initiatives(request: Request, caller: Reporter, session: Reading, page: Page) -> Response:
    """All initiatives, by key; a manager's are those for all units or for some of the own."""
    (last,) = page.behind(str) or (None,)
    stored = initiatives.listed(
        session, caller.organisation_id, after=last, limit=page.limit + 1, within=caller.unit_key
    )
    rows, after = turn(stored, page, lambda row: [row.key])
    items = [row.model_dump(exclude={"organisation_id"}, mode="json") for row in rows]
    return formats.answer(request, items, name="initiatives", envelope={"next": after})


@router.get("/initiatives/{key}")
def get_initiative(key: str, caller: Reporter, session: Reading) -> InitiativeOut:
    """One initiative."""
    stored = initiatives.get(session, caller.organisation_id, key, caller.unit_key)
    return InitiativeOut(**stored.model_dump(exclude={"organisation_id"}))


@router.put("/initiatives/{key}")
def put_initiative(
    key: str, body: InitiativeIn, response: Response, caller: Analyst, session: Writing
) -> InitiativeOut:
    """Make or change an initiative."""
    fields = body.model_dump()
    for field in ("scope", "comparison"):
        if fields[field] is not None:
            fields[field] = _filters(session, caller.organisation_id, field, fields[field])
    stored, made = initiatives.put(session, caller.organisation_id, key, **fields)
    response.status_code = 201 if made else 200
    return InitiativeOut(**stored.model_dump(exclude={"organisation_id"}))


@router.get("/initiatives/{key}/effect", response_model=EffectOut, responses=REPORT, openapi_extra=documented("format"))
def get_effect(
    *, request: Request, key: str, caller: Reporter, session: Reading, now: Now,
    _format: Annotated[Format, Depends(wanted)], before_days: BeforeDays = 91,
    after_days: AfterDays = 91, period: Grain = "week", confidence: Confidence = CONFIDENCE,
) -> Response:  # fmt: skip
    """What changed with the initiative, with the periods behind it as items. 409 with the reason where too few."""
    change = figures.effect_of(
        session, initiatives.get(session, caller.organisation_id, key, caller.unit_key), before_days=before_days,
        after_days=after_days, period=period, confidence=confidence, within=caller.unit_key, now=now,
    )  # fmt: skip
    envelope = {**phrases.in_words(ENGLISH, change), "next": None, "definition": definition(request)}
    return formats.answer(request, change.periods, name="effect", envelope=envelope)


@router.get("/charts/effect", response_model=Figure)
def get_effect_chart(
    *, initiative: Key, caller: Reporter, session: Reading, now: Now, before_days: BeforeDays = 91,
    after_days: AfterDays = 91, period: Grain = "week", confidence: Confidence = CONFIDENCE,
) -> Response:  # fmt: skip
    """The periods before and after the start as a figure; the effect's own items are the table beside it."""
    change = figures.effect_of(
        session, initiatives.get(session, caller.organisation_id, initiative, caller.unit_key), before_days=before_days,
        after_days=after_days, period=period, confidence=confidence, within=caller.unit_key, now=now,
    )  # fmt: skip
    said = phrases.wording(ENGLISH, change)
    return drawn(why_charts.effect(change.figures, change.periods, change.figure, charts.texts(ENGLISH), said))


def _filters(session: Writing, organisation_id: int, field: str, filters: dict[str, Any]) -> dict[str, Any]:
    try:
        return figures.filters(session, organisation_id, filters)
    except Malformed as fact:
        raise Malformed(f"{field}.{fact.field}", fact.message) from None
