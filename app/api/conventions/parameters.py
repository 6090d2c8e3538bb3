"""The parameters that reports share: read from the address, checked, and named in the OpenAPI document."""

from typing import Annotated, Any, cast

from fastapi import Depends, Request

from analytics.counts import query
from analytics.counts.query import PERIODS, Query
from app.access.keys import Caller
from app.api.conventions.edge import Allow, Reporting
from app.settings import Settings
from surveys.facts import Malformed

FORMAT = "format"
MEANINGS = {
    "survey": "Survey keys.",
    "audience": "customers or staff: whose surveys are asked where none are named; customers where left out.",
    "touchpoint": "Touchpoint keys.",
    "unit": "Unit keys; what lies below them is counted too.",
    "channel": "email, link, page, api, import, or the word an importer gave.",
    "locale": "Language tags.",
    "wave": "Wave keys.",
    "from": "First day, YYYY-MM-DD, in the organisation's time zone.",
    "to": "Last day, YYYY-MM-DD, inclusive.",
    "by": "Up to two of touchpoint, unit, channel, locale, wave, segment.<name>. "
    "Segments also filter: segment.<name>=value, repeated for several values.",
    "confidence": "Of the intervals, 0.80 to 0.99; 0.95 where left out.",
    "period": f"One of {', '.join(PERIODS)}; month where left out.",
    "window": "How many periods each item adds up: the period and those before it; 1 where left out.",
    "baseline": "Key of a baseline.",
    FORMAT: "json, csv or parquet; goes before the Accept header.",
}
Reporter = Annotated[Caller, Depends(Allow("analyst", "manager", "reader"))]


def sent(request: Request, *apart: str) -> list[tuple[str, str]]:
    """The parameters of the address, but for the format and those named."""
    return [(name, value) for name, value in request.query_params.multi_items() if name not in (FORMAT, *apart)]


class Asks:
    """A checked query of the address; `own` names what a report takes beside the common parameters."""

    def __init__(self, *own: str) -> None:
        self.own = own

    def __call__(self, request: Request, caller: Reporter, session: Reporting) -> Query:
        """The query. Raises Malformed naming the parameter."""
        return query.parse(session, caller.organisation_id, sent(request), within=caller.unit_key, own=self.own)


def documented(*names: str, prefixes: tuple[str, ...] = ("",)) -> dict[str, Any]:
    """The OpenAPI text of these parameters, or of the common ones and `format`."""
    listed = [
        {
            "name": prefix + name,
            "in": "query",
            "required": False,
            "description": MEANINGS[name],
            "schema": {"type": "number"} if name == "confidence" else {"type": "string"},
        }
        for prefix in prefixes
        for name in names
    ]
    return {"parameters": listed}


COMMON = (*query.COMMON, FORMAT)
UNGROUPED = tuple(name for name in COMMON if name != "by")
CHARTED = tuple(name for name in UNGROUPED if name != FORMAT)


def ungrouped(asked: Query) -> Query:
    """A query as a report takes it that has no groups. Raises Malformed naming `by`."""
    if asked.by:
        raise Malformed("by", "this report has no groups; filter instead.")
    return asked


def definition(request: Request) -> str:
    """Where a reader finds what the figures mean."""
    return cast(Settings, request.app.state.settings).base_url + "/definitions"
