"""What an analyst writes from the pages: a baseline, an initiative."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from analytics.counts import query as queries
from analytics.reports import baselines, effects
from app.access import sign_in
from app.api.conventions.edge import Now, Writing
from app.pages.managers import manage, report, visits
from app.pages.managers.sections.actions import KINDS
from app.pages.managers.visits import Visit
from culture import initiatives
from culture.tables import Initiative
from surveys.facts import Fact, Malformed, Refused

router = APIRouter(include_in_schema=False)
MOST_KEY = 60
Text = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=2000)]


@router.post("/report/baseline")
def post_baseline(
    *, request: Request, session: Writing, now: Now, key: Text = "", note: Text = "", query: Long = "",
    token: Text = "",
) -> Response:  # fmt: skip
    """Freeze a baseline of the answers that the report showed, and show them against it."""

    def freeze(visit: Visit) -> str:
        asked = queries.parse(session, visit.caller.organisation_id, parse_qsl(query))
        stored, _ = baselines.freeze(session, asked, key.strip(), note.strip() or None, now)
        return visit.address("/report") + f"&baseline={stored.key}"

    return _written(request, session, query, token, freeze)


@router.post("/why/initiative")
def post_initiative(
    *, request: Request, session: Writing, name: Text = "", kind: Text = "", starts_on: Text = "", query: Long = "",
    token: Text = "",
) -> Response:  # fmt: skip
    """Enter an initiative for the answers that the page showed."""

    def begin(visit: Visit) -> str:
        columns = {
            "name": _checked("name", name.strip(), bool(name.strip())), "kind": _checked("kind", kind, kind in KINDS),
            "scope": effects.filters(session, visit.caller.organisation_id, _grouped(query)), "comparison": None,
            "starts_on": _day(starts_on), "ends_on": None,
        }  # fmt: skip
        initiatives.put(session, visit.caller.organisation_id, _key(session, visit, name), **columns)
        return visit.address("/why")

    return _written(request, session, query, token, begin)


def _written(request: Request, session: Session, query: str, token: str, write: Callable[[Visit], str]) -> Response:
    """Write for an analyst who posted a form of ours, and go where `write` says; else a page that says why not."""
    caller = manage.visitor(request)
    if caller is None:
        return RedirectResponse("/sign-in", 303, manage.GUARDS)
    visit = visits.arrive(request, session, caller, parse_qsl(query))
    _ = visit.speech.gettext
    if not sign_in.form_is_ours(request.app.state.secrets, request.cookies.get(sign_in.FORM_COOKIE), token):
        return report.refused(
            request, visit, _("This form is too old, or cookies are switched off. Please try again."), status=403
        )
    if not visit.may_write:
        return report.refused(request, visit, _("Your key may look, but not change anything."), status=403)
    try:
        return RedirectResponse(write(visit), 303, manage.GUARDS)
    except Fact as fact:
        return report.refused(request, visit, str(fact), status=409 if isinstance(fact, Refused) else 422)


def _grouped(query: str) -> dict[str, list[str]]:
    values = defaultdict(list)
    for name, value in parse_qsl(query):
        values[name].append(value)
    return dict(values)


def _checked(name: str, value: str, fits: bool) -> str:
    if not fits:
        raise Malformed(name, "please fill this in.")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed("starts_on", "please choose the first day.") from None


def _key(session: Session, visit: Visit, name: str) -> str:
    """A key that no initiative has: letters and digits of the name without accents, joined by hyphens, and a number."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_KEY].strip("-") or "initiative"
    keys = (f"{key}-{n}" if n > 1 else key for n in count(1))
    return next(each for each in keys if session.get(Initiative, (visit.caller.organisation_id, each)) is None)
