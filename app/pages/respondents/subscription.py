"""The unsubscribe page, and the one-click address that mail programs post to (RFC 8058)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.conventions.edge import Now, Opening, Writing
from app.pages.respondents import sheet, visit
from app.pages.respondents.page import page
from surveys import links
from surveys.contacts import subscriptions
from surveys.facts import LinkUnknown
from surveys.links import Link
from surveys.tables import Contact, Organisation

router = APIRouter()


@router.api_route("/u/{token}", methods=["GET", "HEAD"], include_in_schema=False)
def show(token: str, request: Request, session: Opening) -> Response:
    """Ask whether mail is no longer wanted. Scanners open this address too, so nothing is written."""
    try:
        organisation, contact = subscriptions.standing(session, _link(request, token))
    except LinkUnknown as fact:
        return sheet.over(visit.of(request), fact)
    return _page(request, organisation, contact, done=contact is None or contact.unsubscribed_at is not None)


@router.post("/u/{token}", include_in_schema=False)
def unsubscribe(token: str, request: Request, session: Writing, now: Now) -> Response:
    """Send no more mail, or with `?again=1` take that back.

    The body is not read: the link says all, and a redirect would break one-click clients.

    As with answers, the link alone is the right to do this, so there is nothing to forge.
    """
    again = request.query_params.get("again") == "1"
    try:
        link = _link(request, token)
        organisation, contact = (
            subscriptions.resume(session, link) if again else subscriptions.unsubscribe(session, link, now)
        )
    except LinkUnknown as fact:
        return sheet.over(visit.of(request), fact)
    return _page(request, organisation, contact, done=contact is None or not again)


def _link(request: Request, token: str) -> Link:
    return links.verify(request.app.state.secrets, "unsubscribe", token)


def _page(request: Request, organisation: Organisation, contact: Contact | None, *, done: bool) -> Response:
    asked = visit.of(request)
    language = asked.speak(contact.locale if contact else None, organisation.locale)
    known = contact is not None
    context = {
        "organisation": organisation.name, "done": done, "known": known,
        "stop": asked.address(), "again": asked.address(again="1"),
    }  # fmt: skip
    key = (organisation.name, done, known)
    return page(asked, "unsubscribe.html", language, lambda _place: context, key=key, places={})
