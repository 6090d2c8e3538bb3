"""Every error of the API in one shape (RFC 9457), and the one table from facts to HTTP."""

import re
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import compile_path
from starlette.types import Scope

from app.edge import slashes
from app.pages import lost
from surveys import facts

TYPE = "urn:soundings:problem:"
MEDIA = "application/problem+json"
FAULT = "Something went wrong here; nothing was stored. The fault is in the service's log."

# Most specific first; docs/api.md lists each type.
STATUS: dict[type[facts.Fact], tuple[int, str, str]] = {
    facts.Malformed: (422, "malformed", "The request is malformed"),
    facts.Refused: (409, "conflict", "Not possible as things stand"),
    facts.OutsideUnit: (403, "forbidden", "This key may not do that"),
    facts.LinkUnknown: (404, "link-unknown", "Unknown link"),
    facts.Unknown: (404, "unknown", "Not found"),
    facts.InvitationExpired: (410, "expired", "Expired"),
    facts.InvitationWithdrawn: (410, "withdrawn", "Withdrawn"),
    facts.PageWithdrawn: (410, "withdrawn", "Withdrawn"),
    facts.PublicationWithdrawn: (410, "withdrawn", "Withdrawn"),
    facts.WaveClosed: (410, "wave-closed", "Closed"),
    facts.AlreadyAnswered: (410, "already-answered", "Already answered"),
}
BY_STATUS = {
    401: ("unauthenticated", "A key is needed"),
    403: ("forbidden", "This key may not do that"),
    404: ("unknown", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    406: ("not-acceptable", "No such format"),
    409: ("conflict", "Not possible as things stand"),
    413: ("too-large", "Too large"),
    415: ("unsupported-media-type", "Unsupported media type"),
    422: ("malformed", "The request is malformed"),
    429: ("too-many", "Too many requests"),
    500: ("fault", "A fault on our side"),
    503: ("busy", "Try again shortly"),
}


class Problem(HTTPException):
    """An error of the HTTP edge itself, such as a missing key or a body that is too large."""


def problem(
    status: int,
    detail: str,
    *,
    type_: str | None = None,
    title: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """One error; `errors` lists field and message of each thing wrong, on 422 always."""
    known = BY_STATUS.get(status, ("fault", "An error"))
    body: dict[str, Any] = {
        "type": TYPE + (type_ or known[0]),
        "title": title or known[1],
        "status": status,
        "detail": detail,
    }
    if status == 422:
        body["errors"] = errors or []
    return JSONResponse(body, status, headers, media_type=MEDIA)


def refusal(scope: Scope, status: int, detail: str, *, headers: dict[str, str] | None = None) -> Response:
    """A problem, or for a person with a browser a friendly page that says what the status means."""
    if lost.wanted(scope, status):
        return lost.page(scope, status, headers)
    return problem(status, detail, headers=headers)


def from_fact(fact: facts.Fact) -> JSONResponse:
    """The problem that answers a fact of the domain."""
    status, type_, title = next(answer for kind, answer in STATUS.items() if isinstance(fact, kind))
    errors = [{"field": fact.field, "message": fact.message}] if isinstance(fact, facts.Malformed) else None
    return problem(status, str(fact), type_=type_, title=title, errors=errors)


def install(app: FastAPI) -> None:
    """Give the application one error shape."""

    @app.exception_handler(facts.Fact)
    def on_fact(_request: Request, fact: facts.Fact) -> Response:
        return from_fact(fact)

    @app.exception_handler(HTTPException)
    def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400:  # the framework's word for a body that it could not parse
            return problem(422, f"body: {error.detail}", errors=[{"field": "body", "message": str(error.detail)}])
        if error.status_code == 404 and (way := slashes.away(request.scope)) is not None:
            return way
        headers = dict(error.headers or {})
        if error.status_code == 405 and (methods := _methods(request)):
            headers["Allow"] = methods  # the router names those of one route, and an address may have several
        return refusal(request.scope, error.status_code, str(error.detail), headers=headers)

    @app.exception_handler(RequestValidationError)
    def on_invalid(_request: Request, error: RequestValidationError) -> Response:
        return malformed(error.errors())

    @app.exception_handler(ClientDisconnect)
    def on_gone(_request: Request, _gone: ClientDisconnect) -> Response:
        return Response(status_code=400)  # for the log and the metrics alone: nobody is there to read it

    @app.exception_handler(Exception)
    def on_fault(request: Request, _error: Exception) -> Response:
        return refusal(request.scope, 500, FAULT)


def _methods(request: Request) -> str:
    """The methods of an address, as the OpenAPI document has them; empty where it is not in there."""
    for template, operations in request.app.openapi()["paths"].items():
        if _address(template).match(request.scope["path"]):
            return ", ".join(sorted(method.upper() for method in operations))
    return ""


@lru_cache(maxsize=256)
def _address(template: str) -> re.Pattern[str]:
    return compile_path(template)[0]


def _field(loc: tuple[str | int, ...]) -> str:
    inside = loc[1:] if loc and loc[0] in ("body", "query", "path", "header") else loc
    return ".".join(str(part) for part in inside) or "body"


def listed(errors: Any) -> list[dict[str, str]]:
    """Field and message of each of pydantic's errors."""
    return [{"field": "body" if e["type"] == "json_invalid" else _field(e["loc"]), "message": e["msg"]} for e in errors]


def malformed(errors: Any) -> JSONResponse:
    """422 from pydantic's list of errors, each named by its field."""
    named = listed(errors)
    return problem(422, "; ".join(f"{e['field']}: {e['message']}" for e in named[:5]), errors=named)
