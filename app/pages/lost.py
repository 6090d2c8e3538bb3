"""The page for whoever is at an address where there is none, or tried too often: what to do, and a way back."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from app import languages

TEMPLATES = Path(__file__).parent / "templates"
STATUSES = (404, 405, 429)
MACHINES = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")
STYLE = (
    "body{max-width:38rem;margin:0 auto;padding:2rem 1rem;font:1.125rem/1.5 system-ui,sans-serif;"
    "overflow-wrap:break-word}h1{font-size:1.75rem;line-height:1.2}"
)
_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept, Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def wanted(scope: Scope, status: int) -> bool:
    """Whether a person with a browser is answered, and not a program."""
    accepted = Headers(scope=scope).get("accept", "")
    return status in STATUSES and "text/html" in accepted and not scope["path"].startswith(MACHINES)


def page(scope: Scope, status: int, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """The page for one of STATUSES, in the language of the browser."""
    spoken = languages.negotiate(*languages.accepted(Headers(scope=scope).get("accept-language")))
    template = languages.environment(TEMPLATES, spoken).get_template("lost.html")
    text = template.render(style=Markup(STYLE), status=status)  # noqa: S704 - our own
    return HTMLResponse(text, status, HEADERS | {"Content-Language": spoken} | dict(headers or {}))
