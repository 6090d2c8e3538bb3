"""The page for a moment in which the database takes nothing: it asks nothing of it, not even who is reading."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse

from app import languages
from app.pages import plain


def unavailable(request: Request, headers: Mapping[str, str]) -> HTMLResponse:
    """What to do now, in the language chosen on the page or else the browser's; the reader's own is not known."""
    wanted = (request.query_params.get("lang"), *languages.accepted(request.headers.get("accept-language")))
    sent = request.method == "POST"
    return plain.draw("unavailable.html", languages.negotiate(*wanted), 503, headers, sent=sent)
