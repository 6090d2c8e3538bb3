"""Signing in and out of the pages."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.access import keys, sign_in
from app.api.conventions.edge import Now, Reading
from app.pages.managers import manage

router = APIRouter(include_in_schema=False)
MAY_LOOK = ("owner", "analyst", "manager", "reader")


@router.get("/sign-in")
def get_sign_in(request: Request) -> Response:
    """The form that takes an API key."""
    return manage.draw(request, "sign-in.html", {"wrong": None})


@router.post("/sign-in")
def post_sign_in(
    *, request: Request, session: Reading, now: Now,
    key: Annotated[str, Form(max_length=200)] = "", token: Annotated[str, Form(max_length=500)] = "",
) -> Response:  # fmt: skip
    """Sign in with a key that may see figures."""
    secrets = request.app.state.secrets
    if not sign_in.form_is_ours(secrets, request.cookies.get(sign_in.FORM_COOKIE), token):
        return _again(request, 403, "This form is too old, or cookies are switched off. Please try again.")
    caller = keys.authenticate(session, key.strip(), now)
    if caller is None:
        return _again(request, 401, "This key is not known, has expired, or was revoked.")
    if caller.role not in MAY_LOOK:
        return _again(request, 403, f"A key with the role {caller.role} does not show figures.")
    page = RedirectResponse("/report", 303, manage.GUARDS)
    manage.keep(request, page, sign_in.COOKIE, sign_in.seal(secrets, caller))
    return page


@router.post("/sign-out")
def post_sign_out(request: Request, token: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Forget who was signed in."""
    if not sign_in.form_is_ours(request.app.state.secrets, request.cookies.get(sign_in.FORM_COOKIE), token):
        return _again(request, 403, "This form is too old. Please try again.")
    page = RedirectResponse("/sign-in", 303, manage.GUARDS)
    page.delete_cookie(sign_in.COOKIE, path="/")
    return page


def _again(request: Request, status: int, wrong: str) -> Response:
    return manage.draw(request, "sign-in.html", {"wrong": wrong}, status=status)
