"""The page for whoever is at an address where there is none, or tried too often: what to do, and a way back."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from app import languages
from app.pages import plain

STATUSES = (404, 405, 429)
MACHINES = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")


def wanted(scope: Scope, status: int) -> bool:
    """Whether a person with a browser is answered, and not a program."""
    accepted = Headers(scope=scope).get("accept", "")
    return status in STATUSES and "text/html" in accepted and not scope["path"].startswith(MACHINES)


def page(scope: Scope, status: int, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """The page for one of STATUSES, in the language of the browser."""
    spoken = languages.negotiate(*languages.accepted(Headers(scope=scope).get("accept-language")))
    return plain.draw("lost.html", spoken, status, headers, status=status)
