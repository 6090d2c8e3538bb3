"""A plain page, a heading with a sentence: it needs neither database nor scripts, nor to know who reads it."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.responses import HTMLResponse

from app import languages

TEMPLATES = Path(__file__).parent / "templates"
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


def draw(
    template: str, spoken: str, code: int, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """One of the templates that extend plain.html, in the language `spoken`, with the HTTP status `code`."""
    style = Markup(STYLE)  # noqa: S704 - our own
    text = languages.environment(TEMPLATES, spoken).get_template(template).render(style=style, **context)
    return HTMLResponse(text, code, HEADERS | {"Content-Language": spoken} | dict(headers or {}))
