"""Requests: each gets an id, headers that keep browsers careful, a line in the log and a place in the metrics."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import count
from secrets import token_hex
from time import perf_counter

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge.faults import described
from app.edge.problems import FAULT, refusal
from app.operations import logs
from app.operations.logs import request_id
from app.operations.metrics import REQUESTS, SECONDS

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
Headers = list[tuple[bytes, bytes]]
# What a page needs beyond these it says itself.
EVERYWHERE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
]
API: Headers = [(b"cache-control", b"no-store")]
HTTPS: Headers = [(b"strict-transport-security", b"max-age=31536000")]
SURVEY = "/s/"
MET = (410, 422)  # people with a link of their own, who have answered already or left the score out
PUT_OFF = 503  # an outage has two lines of its own, however many it meets
ROUTES = {SURVEY: "/s/{token}", "/u/": "/u/{token}", "/q/": "/q/{code}", "/r/": "/r/{token}"}
LEAVES = ("/about", "/qr.svg")

log = structlog.get_logger()


class Requests:
    """Stands around the whole application. The log names the route and never the path, which may hold a token.

    When somebody opened or answered a survey is not for the log: of links to surveys only what met nobody stands there.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self._page, self._api = wanted(https=https, api=False), wanted(https=https, api=True)
        self._process = token_hex(6).encode() + b"-"
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and write down how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(SURVEY):
            await self._quietly(scope, receive, send)
            return
        begun = perf_counter()
        sent = next((text for name, text in scope["headers"] if name == b"x-request-id"), b"")
        own_id = sent if REQUEST_ID.fullmatch(sent) else b"%s%x" % (self._process, next(self._numbers))
        token = request_id.set(own_id.decode())
        added = [*(self._api if scope["path"].startswith("/api/") else self._page), (b"x-request-id", own_id)]
        status: int | None = None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *missing(message["headers"], added)]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            note(error, scope)
            if status is None:
                await refusal(scope, 500, FAULT)(scope, receive, answer)
        finally:
            _tell(scope, status or 500, perf_counter() - begun)
            request_id.reset(token)

    async def _quietly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what concerns a link to a survey: no id, no duration, and a line as `tell_of_link` says."""
        status: int | None = None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *missing(message["headers"], self._api)]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            note(error, scope)
            if status is None:
                await refusal(scope, 500, FAULT)(scope, receive, answer)
            status = 500
        tell_of_link(scope["method"], route_of(scope), status or 500)


def note(error: Exception, scope: Scope) -> None:
    """Write down what a request met, once: raised on, the server would write it down with what it quotes of a row."""
    # An outage in the middle of an answer; at the beginning it would have been answered as one.
    if not ("app" in scope and scope["app"].state.database.outages.met(error)):
        log.error("fault", method=scope["method"], route=route_of(scope), **described(error))


def tell_of_link(method: str, route: str, status: int) -> None:
    """Count a request to a survey's link; it is a line in the log where it failed and met nobody who was asked."""
    _counted(method, route, status).inc()
    if status >= 400 and status not in MET and status != PUT_OFF:
        log.info("request", method=method, route=route, status=status)


def wanted(*, https: bool, api: bool) -> Headers:
    """The headers of every answer; `api` for what must not be kept."""
    return EVERYWHERE + (HTTPS if https else []) + (API if api else [])


def missing(headers: Iterable[tuple[bytes, bytes]], wanted: Headers) -> Headers:
    """Those wanted that an answer has not said itself."""
    known = {name for name, _ in headers}
    return [pair for pair in wanted if pair[0] not in known]


def route_of(scope: Scope) -> str:
    """The template of the route that a request met, such as /api/v1/units/{key}."""
    path: str = scope["path"]
    template = getattr(scope.get("route"), "path", None)
    if template is not None:
        return f"/api/v1{template}" if path.startswith("/api/v1/") and not template.startswith("/api/") else template
    leaf = next((leaf for leaf in LEAVES if path.endswith(leaf)), "")
    return next((route + leaf for start, route in ROUTES.items() if path.startswith(start)), "other")


def _tell(scope: Scope, status: int, seconds: float) -> None:
    route, method = route_of(scope), scope["method"]
    counted, timed = _metrics(method, route, status)
    counted.inc()
    timed.observe(seconds)
    # A logger with its processors would cost as much as a tenth of the cheapest route.
    logs.tell("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))


@lru_cache(maxsize=4096)
def _counted(method: str, route: str, status: int) -> Counter:
    counted: Counter = REQUESTS.labels(method, route, status)
    return counted


@lru_cache(maxsize=4096)
def _metrics(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)
