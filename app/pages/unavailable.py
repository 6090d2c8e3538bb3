"""The page for a moment in which the database takes nothing: it asks nothing of it, not even who is reading."""

import base64
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app import languages

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (
    "body{max-width:38rem;margin:0 auto;padding:2rem 1rem;font:1.125rem/1.5 system-ui,sans-serif}"
    "h1{font-size:1.75rem;line-height:1.2}"
)
_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; "
    "form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def unavailable(request: Request, headers: dict[str, str]) -> HTMLResponse:
    """What to do now, in the language chosen on the page or else the browser's; the reader's own is not known."""
    wanted = (request.query_params.get("lang"), *languages.accepted(request.headers.get("accept-language")))
    language = languages.negotiate(*wanted)
    template = languages.environment(TEMPLATES, language).get_template("unavailable.html")
    style = Markup(STYLE)  # noqa: S704 - our own
    text = template.render(style=style, sent=request.method == "POST")
    return HTMLResponse(text, 503, HEADERS | headers | {"Content-Language": language})
