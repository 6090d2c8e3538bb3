"""Signing in and out of the pages."""

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.access import keys, sign_in
from app.api.conventions.edge import Now, Reading, Writing
from app.pages.managers import manage, visits
from app.phrases.speech import Speech

router = APIRouter(include_in_schema=False)
START = "/report"
NOT_BACK = ("/", "/sign-in", "/sign-out")
LONGEST = 2_000
MAY_LOOK = ("owner", "analyst", "manager", "reader")


@router.get("/")
def get_start(request: Request) -> Response:
    """Where whoever is signed in looks first, or the form to sign in."""
    if manage.visitor(request) is not None:
        return RedirectResponse(START, 303, manage.GUARDS)
    return _form(request)


@router.get("/sign-in")
def get_sign_in(request: Request, onward: Annotated[str, Query(alias="next")] = "") -> Response:
    """The form that takes an API key."""
    return _form(request, onward)


@router.post("/sign-in")
def post_sign_in(
    *, request: Request, session: Reading, writing: Writing, now: Now, key: Annotated[str, Form(max_length=200)] = "",
    token: Annotated[str, Form(max_length=500)] = "", onward: Annotated[str, Form(alias="next")] = "",
) -> Response:  # fmt: skip
    """Sign in with a key that may see figures, and go on to where one wanted to go."""
    _ = Speech(visits.language(request, None)).gettext
    secrets = request.app.state.secrets
    if not sign_in.form_is_ours(secrets, request.cookies.get(sign_in.FORM_COOKIE), token):
        return _form(
            request,
            onward,
            403,
            _("This form is too old, or cookies are switched off. Please try again."),
        )
    caller = keys.authenticate(session, key.strip(), now)
    if caller is None:
        return _form(request, onward, 401, _("This key is not known, has expired, or was revoked."))
    if caller.role not in MAY_LOOK:
        return _form(
            request,
            onward,
            403,
            _("A key with the role %(role)s does not show figures.", role=caller.role),
        )
    cookie = sign_in.start(writing, secrets, caller, now)
    page = RedirectResponse(local(onward), 303, manage.GUARDS)
    manage.keep(request, page, sign_in.COOKIE, cookie)
    return page


@router.post("/sign-out")
def post_sign_out(request: Request, writing: Writing, token: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Forget who was signed in, here and on the server: a copy of the cookie opens nothing any more."""
    _ = Speech(visits.language(request, None)).gettext
    if not sign_in.form_is_ours(request.app.state.secrets, request.cookies.get(sign_in.FORM_COOKIE), token):
        return _form(
            request,
            "",
            403,
            _("This form is too old, or cookies are switched off. Please try again."),
        )
    sign_in.end(writing, request.app.state.secrets, request.cookies.get(sign_in.COOKIE))
    page = RedirectResponse("/sign-in", 303, manage.GUARDS)
    page.delete_cookie(sign_in.COOKIE, path="/")
    return page


def to_sign_in(request: Request) -> Response:
    """Away to the form, which leads back here."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    onward = "" if here == START else f"?next={quote(here)}"
    return RedirectResponse(f"/sign-in{onward}", 303, manage.GUARDS)


def local(address: str) -> str:
    """`address` where it is a path on this site, else where one starts: a link must not lead through us to others."""
    # Browsers take a backslash for a slash and drop tabs and line breaks, so what begins so may be another site.
    plain = address.isascii() and address.isprintable() and " " not in address and "\\" not in address
    if not plain or len(address) > LONGEST or not address.startswith("/") or address.startswith("//"):
        return START
    parts = urlsplit(address)
    return START if parts.scheme or parts.netloc or parts.path in NOT_BACK else address


def _form(request: Request, onward: str = "", status: int = 200, wrong: str | None = None) -> Response:
    shown = {"wrong": wrong, "onward": "" if local(onward) == START else onward}
    return manage.draw(request, "sign-in.html", shown, status=status)
