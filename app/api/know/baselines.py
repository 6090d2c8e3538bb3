"""Baselines: references frozen once, and now against them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from analytics.counts import query
from analytics.reports import baselines
from app.api.conventions.edge import Analyst, Now, Reading, Writing
from app.api.conventions.lists import Page, turn
from app.api.conventions.parameters import FORMAT, Reporter, definition, documented, sent
from app.api.conventions.routes import Router
from app.api.know.shapes import DEFINITION, GROUP, QUERY, REPORT, Estimate, Group, listed, paged, report, shape
from app.feeds import formats
from app.feeds.formats import Format, wanted
from surveys.facts import Malformed
from surveys.tables import Baseline

router = Router(tags=["know"])


class BaselineIn(BaseModel):
    """What to freeze: the common parameters of reports, each a text or a list of texts, and why."""

    model_config = ConfigDict(extra="forbid")
    query: dict[str, Any] = Field(examples=[{"survey": "nps", "from": "2025-01-01", "to": "2025-12-31"}])
    note: str | None = Field(None, max_length=2_000)


FROZEN: dict[str, Any] = {
    "key": (str, Field(examples=["2025"])),
    "note": (str, Field(description="Why it was frozen.", examples=["Before the new phone system"])),
    "query": QUERY,
    "frozen_at": (datetime, Field(description="Instant it was frozen.", examples=["2026-01-05T08:00:00Z"])),
    "estimate": (Estimate, Field()),
}
BaselineItem = shape("BaselineItem", "A frozen reference.", **FROZEN)
Baselines = paged("Baselines", "The frozen references, by key.", BaselineItem)
BaselineOut = shape("BaselineOut", "A frozen reference with its groups.", **FROZEN, groups=(listed(Group), Field()))
Change = shape(
    "Change", "One group of now against the baseline; the verdict is that of `q_value_always`.", "Change", "Watch",
    group=GROUP, baseline=(Estimate, Field()), current=(Estimate, Field()),
)  # fmt: skip
Changes = report("Changes", "Now against a baseline, per group.", Change, query=QUERY, definition=DEFINITION)


@router.put("/baselines/{key}", response_model=BaselineOut)
def put_baseline(*, key: str, body: BaselineIn, caller: Analyst, session: Writing, now: Now) -> Response:
    """Freeze the counts of a query for good; the same query again is the same baseline, another one is 409."""
    try:
        asked = query.parse(session, caller.organisation_id, query.pairs(body.query))
    except Malformed as fact:
        raise Malformed(f"query.{fact.field}", fact.message) from None
    stored, made = baselines.freeze(session, asked, key, body.note, now)
    return _whole(stored, 201 if made else 200)


@router.get("/baselines", response_model=Baselines, responses=REPORT, openapi_extra=documented(FORMAT))
def get_baselines(request: Request, caller: Reporter, session: Reading, page: Page) -> Response:
    """The baselines in the order of their keys."""
    (after,) = page.behind(str) or (None,)
    rows = baselines.listed(session, caller.organisation_id, after=after, limit=page.limit + 1, within=caller.unit_key)
    shown, next_ = turn(rows, page, lambda stored: [stored.key])
    items = [{k: v for k, v in baselines.item(stored).items() if k != "groups"} for stored in shown]
    return formats.answer(request, items, name="baselines", envelope={"next": next_})


@router.get("/baselines/{key}", response_model=BaselineOut)
def get_baseline(key: str, caller: Reporter, session: Reading) -> Response:
    """What was frozen: the estimate, the groups, the query and when."""
    return _whole(baselines.get(session, caller.organisation_id, key, caller.unit_key))


@router.get(
    "/baselines/{key}/change",
    response_model=Changes,
    responses=REPORT,
    openapi_extra=documented("from", "to", "confidence", FORMAT),
)
def get_change(
    request: Request, key: str, caller: Reporter, session: Reading, _format: Annotated[Format, Depends(wanted)]
) -> Response:
    """Now against the baseline, per group. Now is the days after the baseline unless `from` or `to` say otherwise."""
    change = baselines.change(session, caller.organisation_id, key, sent(request), caller.unit_key)
    envelope = {"next": None, "query": change.current.as_parameters(), "definition": definition(request)}
    return formats.answer(request, change.items, name="change", envelope=envelope)


def _whole(baseline: Baseline, status: int = 200) -> Response:
    return Response(to_json(baselines.item(baseline)), status, media_type="application/json")
