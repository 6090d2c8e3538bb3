"""Baselines: references frozen once, and now against them."""

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from analytics.counts import query
from analytics.reports import baselines
from app.api.conventions.edge import Analyst, Now, Reading, Writing
from app.api.conventions.lists import Page, turn
from app.api.conventions.parameters import FORMAT, Reporter, definition, documented, given
from app.api.conventions.routes import Router
from app.feeds import formats
from surveys.facts import Malformed

router = Router(tags=["know"])


class BaselineIn(BaseModel):
    """What to freeze: the common parameters of reports, each a text or a list of texts, and why."""

    model_config = ConfigDict(extra="forbid")
    query: dict[str, Any] = Field(examples=[{"survey": "nps", "from": "2025-01-01", "to": "2025-12-31"}])
    note: str | None = Field(None, max_length=2_000)


@router.put("/baselines/{key}")
def put_baseline(
    *, key: str, body: BaselineIn, response: Response, caller: Analyst, session: Writing, now: Now
) -> dict[str, Any]:
    """Freeze the counts of a query for good; the same query again is the same baseline, another one is 409."""
    try:
        asked = query.parse(session, caller.organisation_id, query.pairs(body.query))
    except Malformed as fact:
        raise Malformed(f"query.{fact.field}", fact.message) from None
    stored, made = baselines.freeze(session, asked, key, body.note, now)
    response.status_code = 201 if made else 200
    return baselines.item(stored)


@router.get("/baselines", openapi_extra=documented(FORMAT))
def get_baselines(request: Request, caller: Reporter, session: Reading, page: Page) -> Response:
    """The baselines in the order of their keys."""
    after = str(page.after[0]) if page.after else None
    rows = baselines.listed(session, caller.organisation_id, after=after, limit=page.limit + 1, within=caller.unit_key)
    shown, next_ = turn(rows, page, lambda stored: [stored.key])
    items = [{k: v for k, v in baselines.item(stored).items() if k != "groups"} for stored in shown]
    return formats.answer(request, items, name="baselines", envelope={"next": next_})


@router.get("/baselines/{key}")
def get_baseline(key: str, caller: Reporter, session: Reading) -> dict[str, Any]:
    """What was frozen: the estimate, the groups, the query and when."""
    return baselines.item(baselines.get(session, caller.organisation_id, key, caller.unit_key))


@router.get("/baselines/{key}/change", openapi_extra=documented("from", "to", "confidence", FORMAT))
def get_change(request: Request, key: str, caller: Reporter, session: Reading) -> Response:
    """Now against the baseline, per group. Now is the days after the baseline unless `from` or `to` say otherwise."""
    change = baselines.change(session, caller.organisation_id, key, given(request), caller.unit_key)
    envelope = {"next": None, "query": change.current.as_parameters(), "definition": definition(request)}
    return formats.answer(request, change.items, name="change", envelope=envelope)
