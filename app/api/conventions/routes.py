"""Routes of the API: a body that is no clean text is refused, and a POST takes effect once for its key."""

import json
from collections.abc import Callable, Coroutine
from functools import cached_property
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool

from app.api.conventions import edge, once
from surveys.facts import Malformed

SUSPECTS = (b"\\u0000", b"\\ud", b"\\uD", b"NaN", b"Infinity")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Route(APIRoute):
    """A route that hands on only clean bodies and remembers how a POST with an Idempotency-Key was answered."""

    def get_route_handler(self) -> Handler:
        """The handler of the route, with what the edge does around it."""
        original = super().get_route_handler()
        methods = self.methods or set()
        posts = "POST" in methods

        async def handle(request: Request) -> Response:
            self.check_parameters(request)
            if request.headers.get("content-type", "").startswith("application/json"):
                check_text(await request.body())
            if not posts or once.FIELD not in request.headers:
                return await original(request)
            request.state.claim = await _claim(request)
            try:
                answer = await original(request)
            except once.Repeated as repeated:
                return repeated.answer
            session = getattr(request.state, "session", None)
            if session is not None:
                await run_in_threadpool(once.remember, session, request.state.claim, answer)
            return answer

        return handle

    def check_parameters(self, request: Request) -> None:
        """Raise Malformed for a parameter of the address that this route does not know."""
        if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            raise Malformed("address", "it holds the character U+0000, which cannot be stored.")
        for name in request.query_params:
            if name not in self.parameters and not (self.sliced and "segment." in name):
                known = ", ".join(sorted(self.parameters)) or "none"
                raise Malformed(name[:64], f"not a parameter here; known are: {known}.")

    @cached_property
    def sliced(self) -> bool:
        """Whether what the route answers can be narrowed by segments: wherever it can by channel."""
        return "channel" in self.parameters

    @cached_property
    def parameters(self) -> set[str]:
        """The parameters that the route and its OpenAPI text name."""
        declared = {field.alias for field in get_flat_params(self.dependant)}
        return declared | {one["name"] for one in (self.openapi_extra or {}).get("parameters", [])}


class Router(APIRouter):
    """A router whose routes are the API's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(route_class=Route, **kwargs)


async def _claim(request: Request) -> once.Claim:
    """What the request would take effect as. Raises 401 for a key that is not valid."""
    once.check(request.headers[once.FIELD])
    _scheme, key = get_authorization_scheme_param(request.headers.get("authorization"))
    caller = await run_in_threadpool(edge.holder, request, key)
    said = [request.method, request.url.path, request.url.query, request.headers.get("content-type", "")]
    digest = sha256("\0".join(said).encode() + b"\0" + await request.body()).digest()
    return once.Claim(
        caller.organisation_id, caller.key_id, request.headers[once.FIELD], digest, request.app.state.secrets
    )


def check_text(body: bytes) -> None:
    """Raise Malformed unless a JSON body is UTF-8 whose texts and numbers both databases can hold."""
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        raise Malformed("body", f"not UTF-8 from byte {wrong.start} on.") from None
    if not any(suspect in body for suspect in SUSPECTS):
        return
    try:
        text = json.dumps(json.loads(body, parse_constant=_refuse), ensure_ascii=False)
        text.encode()
    except (UnicodeEncodeError, RecursionError):
        raise Malformed("body", "a text holds half of a surrogate pair.") from None
    except json.JSONDecodeError:
        return  # whoever reads the body says where it breaks off
    if "\\u0000" in text.replace("\\\\", ""):
        raise Malformed("body", "a text holds the character U+0000, which cannot be stored.")


def _refuse(constant: str) -> None:
    raise Malformed("body", f"{constant} is not a number of JSON.")
