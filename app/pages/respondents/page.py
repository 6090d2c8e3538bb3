"""A page for a respondent: drawn in one language, with the headers that keep a link private."""

import base64
import re
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import escape
from starlette.responses import Response

from app import languages
from app.pages.respondents.held import Drawing, Held, Places
from app.pages.respondents.visit import Visit

FOLDER = Path(__file__).parent
Context = Mapping[str, Any]


def _style() -> str:
    """The style sheet without its spaces: it travels inside each page, which saves a slow phone a round trip."""
    text = (FOLDER / "static" / "page.css").read_text(encoding="utf-8")
    return re.sub(r"\s*([{};,])\s*|:\s+", lambda match: match[1] or ":", text).strip()


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
_HEADERS = [(name.lower().encode(), text.encode()) for name, text in HEADERS.items()]
_PAGE = [*_HEADERS, (b"content-type", b"text/html; charset=utf-8")]
_LANGUAGE = {language: (b"content-language", language.encode()) for language in languages.LANGUAGES}
_STYLE = {"style": STYLE.encode()}


class Page(Response):
    """An answer whose headers are ready: Starlette would encode each of them again for each request."""

    def __init__(self, body: bytes, language: str, status: int = 200) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [*_PAGE, _LANGUAGE[languages.plain(language)], (b"content-length", b"%d" % len(body))]


class Redirect(Response):
    """303: the form was taken; what to look at now is there."""

    def __init__(self, location: str) -> None:
        self.status_code = 303
        self.background = None
        self.body = b""
        self.raw_headers = [*_HEADERS, (b"location", location.encode()), (b"content-length", b"0")]


def page(
    visit: Visit,
    name: str,
    language: str,
    context: Callable[[Drawing], Context],
    *,
    key: Hashable,
    places: Places,
    status: int = 200,
) -> Page:
    """The template `name`, held under `key`, with its places filled in.

    What `context` gives may depend on the language and on what is in the key, and on nothing else. Without a key
    the page is drawn for this visit alone.
    """

    def draw() -> Held:
        return _draw(name, language, context)

    held = draw() if key is None else visit.pages.get((name, language, visit.chosen is None, visit.kiosk, key), draw)
    return Page(held.fill({**_STYLE, **places}), language, status)


def _draw(name: str, language: str, context: Callable[[Drawing], Context]) -> Held:
    drawing = Drawing()
    template = languages.environment(FOLDER / "templates", language).get_template(name)
    absent = dict.fromkeys(("promise", "about", "submission_id", "refresh")) | {"confidential": False}
    shared = {"place": drawing, "languages": languages.names()}
    return drawing.hold(template.render({**absent, **shared, **context(drawing)}))


def shown(text: str) -> bytes:
    """A text as it may be filled in."""
    return str(escape(text)).encode()


@cache
def load() -> None:
    """Read catalogues and compile templates before anybody asks for a page."""
    for variant in languages.VARIANTS:
        environment = languages.environment(FOLDER / "templates", variant)
        for name in environment.list_templates():
            environment.get_template(name)
    languages.names()
