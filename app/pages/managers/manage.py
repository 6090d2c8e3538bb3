"""Pages for those who sign in: how they are drawn, and the headers that guard them."""

import json
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from app import clock
from app.access import sign_in
from app.access.keys import Caller
from app.api.conventions.edge import database

FOLDER = Path(__file__).parent
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


def _points(value: float | None) -> str:
    """Points to one decimal with a true minus sign; an en dash where there is none."""
    return "–" if value is None else f"{value + 0.0:.1f}".replace("-", "\N{MINUS SIGN}")


def _change(value: float | None) -> str:
    """Points with their sign, for what changed."""
    return ("+" if value is not None and value > 0 else "") + _points(value)


def _json(value: Any) -> Markup:
    """JSON that cannot end the script element that holds it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - escaped for where it stands


TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
TEMPLATES.filters |= {"points": _points, "change": _change, "json": _json}


def draw(
    request: Request, name: str, facts: dict[str, Any], *, status: int = 200, charts: bool = False
) -> HTMLResponse:
    """The template with `facts` and a form token. With `charts`, styles inside the page are allowed.

    plotly.js sets styles on the elements it makes, so a page with charts needs `style-src 'unsafe-inline'`;
    scripts stay ours alone.
    """
    secrets = request.app.state.secrets
    nonce = request.cookies.get(sign_in.FORM_COOKIE) or sign_in.new_nonce()
    text = TEMPLATES.get_template(name).render(facts, form_token=sign_in.form_token(secrets, nonce))
    policy = POLICY.format(styles=" 'unsafe-inline'" if charts else "")
    page = HTMLResponse(text, status, {**GUARDS, "Content-Security-Policy": policy})
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
