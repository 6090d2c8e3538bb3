"""Comparison: the difference of two slices, tested."""

from fastapi import Request
from starlette.responses import Response

from analytics.counts import query
from analytics.counts.query import Query
from analytics.reports import scores
from app.api.conventions.edge import Reporting
from app.api.conventions.parameters import COMMON, FORMAT, Reporter, documented, sent
from app.api.conventions.routes import Router
from app.api.know.shapes import REPORT, Difference, report
from app.feeds import formats
from surveys.facts import Malformed

router = Router(tags=["know"])
Comparison = report("Comparison", "Two slices per group: slice b (`current`) less slice a (`baseline`).", Difference)
FILTERS = tuple(name for name in COMMON if name not in ("by", "confidence", FORMAT))
OPENAPI = {"parameters": documented(*FILTERS, prefixes=("a.", "b."))["parameters"] + documented(*COMMON)["parameters"]}


@router.get("/compare", response_model=Comparison, responses=REPORT, openapi_extra=OPENAPI)
def get_comparison(request: Request, caller: Reporter, session: Reporting) -> Response:
    """Slice b (`current`) against slice a (`baseline`): the change is b less a.

    Parameters with the prefix `a.` or `b.` describe one slice; those without are of both.
    """
    a, b = (_side(session, caller, sent(request), side) for side in ("a.", "b."))
    if (a.by, a.confidence) != (b.by, b.confidence):
        raise Malformed("by", "both slices need the same 'by' and 'confidence'; give them without a prefix.")
    return formats.answer(request, scores.comparison(session, a, b), name="compare", envelope={"next": None})


def _side(session: Reporting, caller: Reporter, parameters: list[tuple[str, str]], side: str) -> Query:
    """The query of one side: its own parameters, and the shared ones it does not give itself."""
    own = [(name.removeprefix(side), value) for name, value in parameters if name.startswith(side)]
    names = {name for name, _ in own}
    shared = [(n, v) for n, v in parameters if not n.startswith(("a.", "b.")) and n not in names]
    try:
        return query.parse(session, caller.organisation_id, [*shared, *own], within=caller.unit_key)
    except Malformed as fact:
        raise Malformed(side + fact.field if fact.field in names else fact.field, fact.message) from None
