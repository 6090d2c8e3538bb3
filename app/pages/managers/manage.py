"""Pages for those who sign in: how they are drawn, and the headers that guard them."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment
from markupsafe import Markup
from starlette.responses import HTMLResponse

from analytics.charts.pictures import picture
from app import clock, languages
from app.access import sign_in
from app.access.keys import Caller
from app.api.conventions.edge import database
from app.pages.managers import assets

FOLDER = Path(__file__).parent
WIDTHS = {"wide": 900, "narrow": 320}
GUARDS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _json(value: Any) -> Markup:
    """JSON that cannot end the script element that holds it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - escaped for where it stands


def _pictures(figure: Mapping[str, Any]) -> Markup:
    """A figure without scripts, for a desk and for a phone; the style sheet shows the one that fits."""
    drawn = "".join(f'<div class="{kind}">{picture(figure, width)}</div>' for kind, width in WIDTHS.items())
    return Markup(drawn)  # noqa: S704 - it escapes what people named


@cache
def templates(language: str) -> Environment:
    """The templates of these pages, speaking one language."""
    environment = languages.environment(FOLDER / "templates", language)
    environment.filters |= {"json": _json, "pictures": _pictures}
    environment.globals["address"] = assets.address
    return environment


def draw(
    request: Request, name: str, context: Mapping[str, Any], *, status: int = 200, charts: bool = False,
    language: str | None = None,
) -> HTMLResponse:  # fmt: skip
    """The template with its context and a form token. With `charts`, styles inside the page are allowed.

    plotly.js sets styles on the elements it makes, so a page with charts needs `style-src 'unsafe-inline'`;
    scripts stay ours alone. Without a `language` the browser's is spoken.
    """
    secrets = request.app.state.secrets
    nonce = request.cookies.get(sign_in.FORM_COOKIE) or sign_in.new_nonce()
    spoken = language or languages.negotiate(*languages.accepted(request.headers.get("accept-language")))
    text = templates(spoken).get_template(name).render(context, form_token=sign_in.form_token(secrets, nonce))
    policy = POLICY.format(styles=" 'unsafe-inline'" if charts else "")
    headers = {"Content-Security-Policy": policy, "Content-Language": spoken, "Vary": "Accept-Language, Cookie"}
    page = HTMLResponse(text, status, GUARDS | headers)
    keep(request, page, sign_in.FORM_COOKIE, nonce)
    return page


def keep(request: Request, page: HTMLResponse | Any, name: str, value: str) -> None:
    """Give the browser a cookie that scripts and other sites do not get to use."""
    secure = request.app.state.settings.base_url.startswith("https://")
    page.set_cookie(name, value, max_age=sign_in.LASTS_SECONDS, httponly=True, samesite="lax", secure=secure, path="/")


def visitor(request: Request) -> Caller | None:
    """Who is signed in, looked up now, so that a revoked key is out at once."""
    cookie = request.cookies.get(sign_in.COOKIE)
    with database(request).reading() as session:
        return sign_in.caller_of(session, request.app.state.secrets, cookie, clock.now())
