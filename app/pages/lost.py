"""The page for whoever is at an address where there is none, tried too often, sent too much or met a fault of ours."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from app import languages
from app.pages import plain

STATUSES = (404, 405, 413, 429, 500)
MACHINES = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")


def is_person(scope: Scope) -> bool:
    """Whether somebody with a browser is answered, and not a program."""
    return "text/html" in Headers(scope=scope).get("accept", "") and not scope["path"].startswith(MACHINES)


def wanted(scope: Scope, status: int) -> bool:
    """Whether this page says what a status means to whoever asks."""
    return status in STATUSES and is_person(scope)


def page(scope: Scope, status: int, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """The page for one of STATUSES, in the language chosen on the page before, or else the browser's."""
    chosen = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [None])[-1]
    spoken = languages.negotiate(chosen, *languages.accepted(Headers(scope=scope).get("accept-language")))
    return plain.draw("lost.html", spoken, status, headers, status=status, sent=scope["method"] == "POST")
