"""Limits: how long a body may be, and how often an address may guess at links and keys."""

from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import Problem, problem

PAGE_BYTES = 1 << 20
API_BYTES = 32 << 20
GUESSES = RateLimitItemPerMinute(100)
LINKS = ("/s/", "/u/", "/q/", "/r/")


def bytes_allowed(path: str) -> int:
    """How long the body of a request to this path may be."""
    return API_BYTES if path.startswith("/api/") else PAGE_BYTES


class Guesses:
    """How often each client address was wrong about a link or a key in the last minute."""

    def __init__(self) -> None:
        self._guesses = FixedWindowRateLimiter(MemoryStorage())
        self._guessed: set[str] = set()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 where it may now."""
        if address not in self._guessed or self._guesses.test(GUESSES, address):
            return 0
        reset = self._guesses.get_window_stats(GUESSES, address).reset_time
        return max(1, ceil(reset - time()))

    def wrong(self, address: str) -> None:
        """Count one that was wrong."""
        self._guesses.hit(GUESSES, address)
        self._guessed.add(address)


class Limits:
    """Refuses bodies that are too long, as early as that shows, and addresses that guess too often."""

    def __init__(self, app: ASGIApp, *, guesses: Guesses) -> None:
        self.app = app
        self._guesses = guesses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on unless it is over a limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        guessable = path.startswith("/api/") or path.startswith(LINKS)
        address = scope["client"][0] if scope.get("client") else ""
        if guessable and (wait := self._guesses.wait(address)):
            told = "Too many wrong links or keys came from this address."
            await problem(429, told, headers={"Retry-After": str(wait)})(scope, receive, send)
            return
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            limited = receive
        else:
            allowed = bytes_allowed(path)
            if _length(scope) > allowed:
                await problem(413, _too_long(allowed), headers={"Connection": "close"})(scope, receive, send)
                return
            limited = _counted(receive, allowed)
        if guessable:
            send = self._watched(send, address, 401 if path.startswith("/api/") else 404)
        await self.app(scope, limited, send)

    def _watched(self, send: Send, address: str, wrong: int) -> Send:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == wrong:
                self._guesses.wrong(address)
            await send(message)

        return watch


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _too_long(allowed: int) -> str:
    return f"A body here has at most {allowed >> 20} MiB; send the rest in further requests."


def _counted(receive: Receive, allowed: int) -> Receive:
    """The body as it comes, cut off by a Problem where it grows too long."""
    taken = 0

    async def count() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > allowed:
            raise Problem(413, _too_long(allowed))
        return message

    return count
