"""A page for a respondent: drawn in one language, with the headers that keep a link private."""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from app import languages

FOLDER = Path(__file__).parent


def _style() -> str:
    """The style sheet without its spaces: it travels inside each page, which saves a slow phone a round trip."""
    text = (FOLDER / "static" / "page.css").read_text(encoding="utf-8")
    return re.sub(r"\s*([{};,])\s*|:\s+", lambda found: found[1] or ":", text).strip()


STYLE = _style()
_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    # No script, frame, font or foreign address; the one style sheet is allowed by its hash.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def speak(request: Request, *locales: str | None) -> str:
    """The language to speak: the one chosen on the page, then the contact's, the browser's, the organisation's.

    `locales` are the contact's and the organisation's.
    """
    contact, *rest = locales or (None,)
    browser = languages.accepted(request.headers.get("accept-language"))
    return languages.negotiate(request.query_params.get("lang"), contact, *browser, *rest)


def address(request: Request, **changes: str | None) -> str:
    """A link to the same path, keeping the language chosen; relative, so that it holds behind any proxy."""
    kept = {"lang": request.query_params.get("lang")} | changes
    return "?" + urlencode({name: value for name, value in kept.items() if value})


def about(request: Request) -> str:
    """A link from a survey page to the one that says what becomes of an answer; relative, as `address` is."""
    return f"{request.path_params['token']}/about{address(request)}".rstrip("?")


def page(request: Request, name: str, language: str, facts: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """The template `name` with `facts`; `organisation` among them is the heading, or None."""
    kept = ("step",) if facts.get("promise") else ("step", "score")
    stay = {key: request.query_params.get(key) for key in kept}
    choices = [(tag, label, address(request, **stay, lang=tag)) for tag, label in languages.names()]
    template = languages.environment(FOLDER / "templates", language).get_template(name)
    absent = dict.fromkeys(("promise", "about", "submission_id")) | {"confidential": False}
    shared = {"style": Markup(STYLE), "languages": choices}  # noqa: S704 - our own file
    text = template.render({**absent, **shared, **facts})
    return HTMLResponse(text, status, HEADERS | {"Content-Language": language})
