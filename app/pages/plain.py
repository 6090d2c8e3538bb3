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
    ":root{color-scheme:light dark;--ground:#f3f5f4;--sheet:#fff;--ink:#17211f;--line:#d5dcda;--deep:#0b5a58}"
    "@media (prefers-color-scheme:dark){:root{--ground:#101615;--sheet:#1a2221;--ink:#eef3f1;--line:#35413e;"
    "--deep:#7fd4cb}}"
    "body{margin:0;padding:1rem;background:var(--ground);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif;"
    "overflow-wrap:anywhere}main{max-width:36rem;margin:1rem auto;padding:1.5rem;background:var(--sheet);"
    "border:1px solid var(--line);border-radius:.75rem}h1{margin:0;font-size:1.5rem;line-height:1.3}"
    "main>:last-child{margin-bottom:0}a{color:var(--deep)}"
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
