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
from app.edge.problems import Problem
from surveys.facts import Malformed

SUSPECTS = ("\\u0000", "\\ud", "\\uD", "NaN", "Infinity")
JSON = "application/json"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class CleanRequest(Request):
    """A request whose JSON is read as UTF-8 only, so that what is parsed is what `check_text` saw."""

    async def json(self) -> Any:
        """The body as JSON."""
        return json.loads((await self.body()).decode())


class Route(APIRoute):
    """A route that asks for the key before the body, hands on only clean bodies, and answers a repeated POST again."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options | {"strict_content_type": False})

    def get_route_handler(self) -> Handler:
        """The handler of the route, with what the edge does around it."""
        original = super().get_route_handler()
        methods = self.methods or set()
        posts = "POST" in methods

        async def handle(plain: Request) -> Response:
            request = CleanRequest(plain.scope, plain.receive)
            self.check_parameters(request)
            once_only = posts and once.FIELD in request.headers
            if self.kinds or once_only:
                # Whoever has no key is sent away before a body of theirs takes memory.
                request.state.caller = await run_in_threadpool(edge.holder, request, _key(request))
            if self.kinds:
                await self.check_body(request)
            return await (_once(original, request) if once_only else original(request))

        return handle

    async def check_body(self, request: Request) -> None:
        """Raise 415 for a body of a kind that is not read here, Malformed for JSON that cannot be stored."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower() or JSON
        if kind not in self.kinds:
            raise Problem(415, f"'{kind[:80]}' is not read here. Send {' or '.join(self.kinds)}.")
        if kind == JSON:
            check_text(await request.body())

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
        return declared | {parameter["name"] for parameter in (self.openapi_extra or {}).get("parameters", [])}

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of body that the route reads; none where it takes no body."""
        content = (self.openapi_extra or {}).get("requestBody", {}).get("content", {})
        return tuple(content) or ((JSON,) if self.body_field is not None else ())


class Router(APIRouter):
    """A router whose routes are the API's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(route_class=Route, **kwargs)


def _key(request: Request) -> str:
    return get_authorization_scheme_param(request.headers.get("authorization"))[1]


async def _once(original: Handler, request: Request) -> Response:
    """Answer a request with an Idempotency-Key, or as it was answered before."""
    request.state.claim = await _claim(request)
    try:
        answer = await original(request)
    except once.Repeated as repeated:
        return repeated.answer
    session = getattr(request.state, "session", None)
    if session is not None:
        await run_in_threadpool(once.remember, session, request.state.claim, answer)
    return answer


async def _claim(request: Request) -> once.Claim:
    """What the request would take effect as."""
    once.check(request.headers[once.FIELD])
    caller = request.state.caller
    described = [request.method, request.url.path, request.url.query, request.headers.get("content-type", "")]
    digest = sha256("\0".join(described).encode() + b"\0" + await request.body()).digest()
    return once.Claim(
        caller.organisation_id, caller.key_id, request.headers[once.FIELD], digest, request.app.state.secrets
    )


def check_text(body: bytes) -> None:
    """Raise Malformed unless a JSON body is UTF-8 whose texts and numbers both databases can hold."""
    try:
        text = body.decode()
    except UnicodeDecodeError as wrong:
        raise Malformed("body", f"not UTF-8 from byte {wrong.start} on.") from None
    if not any(suspect in text for suspect in SUSPECTS):
        return
    try:
        plain = json.dumps(json.loads(text, parse_constant=_refuse), ensure_ascii=False)
        plain.encode()
    except (UnicodeEncodeError, RecursionError):
        raise Malformed("body", "a text holds half of a surrogate pair.") from None
    except ValueError:
        return  # whoever reads the body says where it breaks off
    if "\\u0000" in plain.replace("\\\\", ""):
        raise Malformed("body", "a text holds the character U+0000, which cannot be stored.")


def _refuse(constant: str) -> None:
    raise Malformed("body", f"{constant} is not a number of JSON.")
