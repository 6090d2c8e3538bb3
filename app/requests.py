"""Requests: each gets an id, headers that keep browsers careful, a line in the log and a place in the metrics."""

import re
from functools import lru_cache
from itertools import count
from secrets import token_hex
from time import perf_counter

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.logs import request_id
from app.metrics import REQUESTS, SECONDS

GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
Headers = list[tuple[bytes, bytes]]
EVERYWHERE: Headers = [(b"x-content-type-options", b"nosniff")]
API: Headers = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
HTTPS: Headers = [(b"strict-transport-security", b"max-age=31536000")]
ROUTES = ("/s/", "/u/", "/q/", "/r/")

log = structlog.get_logger()


class Requests:
    """Stands around the whole application. The log names the route and never the path, which may hold a token."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self._page = EVERYWHERE + (HTTPS if https else [])
        self._api = self._page + API
        self._process = token_hex(6).encode() + b"-"
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and tell how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        own_id = given if given and GIVEN_ID.fullmatch(given) else b"%s%x" % (self._process, next(self._numbers))
        token = request_id.set(own_id.decode())
        added = [*(self._api if scope["path"].startswith("/api/") else self._page), (b"x-request-id", own_id)]
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message["headers"])
                known = [name for name, _ in headers]
                headers += [pair for pair in added if pair[0] not in known]
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("fault", method=scope["method"], route=route_of(scope))
            raise
        finally:
            _tell(scope, status, perf_counter() - begun)
            request_id.reset(token)


def route_of(scope: Scope) -> str:
    """The template of the route that a request met, such as /api/v1/units/{key}."""
    path: str = scope["path"]
    found = getattr(scope.get("route"), "path", None)
    if found is not None:
        return f"/api/v1{found}" if path.startswith("/api/v1/") and not found.startswith("/api/") else found
    return next((f"{start}{{token}}" for start in ROUTES if path.startswith(start)), "other")


def _tell(scope: Scope, status: int, seconds: float) -> None:
    route, method = route_of(scope), scope["method"]
    counted, timed = _metrics(method, route, status)
    counted.inc()
    timed.observe(seconds)
    # A logger with its processors would cost as much as a tenth of the cheapest route.
    logs.tell("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))


@lru_cache(maxsize=4096)
def _metrics(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)
