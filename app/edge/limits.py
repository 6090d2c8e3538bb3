"""Limits: how long a body may be, and how often an address may guess at links and keys."""

from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge.problems import Problem, refusal

PAGE_BYTES = 1 << 20
API_BYTES = 32 << 20
GUESSES = 100
SECONDS = 60.0
NETWORKS = 20_000  # some 5 MB, however many addresses an attacker has
NETWORK_BITS = 64
ANSWERS = ("/s/", "/q/")
CLOSE = {"Connection": "close"}
LINKS = ("/s/", "/u/", "/q/", "/r/")
SIGN_IN = "/sign-in"
BODILESS = ("GET", "HEAD", "OPTIONS")
NOWHERE = "There is no such address."
TOO_MANY = "Too many wrong links or keys came from this address."


def bytes_allowed(path: str) -> int:
    """How long the body of a request to this path may be."""
    return API_BYTES if path.startswith("/api/") else PAGE_BYTES


class Guesses:
    """How often each client network was wrong about a link or a key in its last minute, in this process."""

    def __init__(self, most: int = NETWORKS) -> None:
        self._most = most
        self._windows: dict[str, tuple[float, int]] = {}  # when a window began and how many were wrong, oldest first

    def __len__(self) -> int:
        return len(self._windows)

    def wrong(self, address: str, now: float | None = None) -> int:
        """Count one that was wrong; seconds until the next may be answered, 0 within the limit."""
        now = monotonic() if now is None else now
        network = network_of(address)
        begun, count = self._windows.get(network, (now, 0))
        if now - begun >= SECONDS:
            begun, count = now, 0
        if count == 0:
            self._windows.pop(network, None)
            self._forget(now)
        self._windows[network] = (begun, count + 1)
        return ceil(begun + SECONDS - now) if count >= GUESSES else 0

    def _forget(self, now: float) -> None:
        """Make room for one more: windows that are over go, and the oldest where there are still too many."""
        while self._windows:
            oldest = next(iter(self._windows))
            if now - self._windows[oldest][0] < SECONDS and len(self._windows) < self._most:
                return
            del self._windows[oldest]


def network_of(address: str) -> str:
    """Whom an address counts as: an IPv4 address itself, of IPv6 the /64 that one household or server has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or int(ip) >> NETWORK_BITS)


class Limits:
    """Refuses bodies that are too long, as early as that shows, and wrong links and keys of who guesses too often.

    Whoever is right is let in: behind one address there may be a whole company.
    """

    def __init__(self, app: ASGIApp, *, guesses: Guesses) -> None:
        self.app = app
        self._guesses = guesses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on unless it is over a limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        if not path.startswith("/api/") and holds_nul(scope):
            await refusal(scope, 404, NOWHERE)(scope, receive, send)
            return
        allowed = bytes_allowed(path)
        if scope["method"] not in BODILESS and _length(scope) > allowed and not path.startswith(ANSWERS):
            await refusal(scope, 413, _too_long(allowed), headers=CLOSE)(scope, receive, send)
            return
        if path.startswith(LINKS):
            send = self._watched(scope, receive, send, 404)
        elif path.startswith("/api/") or path == SIGN_IN:
            send = self._watched(scope, receive, send, 401)
        await self.app(scope, limited(scope, receive), send)

    def _watched(self, scope: Scope, receive: Receive, send: Send, wrong: int) -> Send:
        """Count answers with the status `wrong`, and put 429 in their place once there were too many."""
        address = address_of(scope)
        refused = False

        async def watch(message: Message) -> None:
            nonlocal refused
            if refused:
                return
            missed = message["type"] == "http.response.start" and message["status"] == wrong
            # Counted and compared in one step of the loop, so that guesses at once do not slip through.
            if missed and (wait := self._guesses.wrong(address)):
                refused = True
                await refusal(scope, 429, TOO_MANY, headers={"Retry-After": str(wait)})(scope, receive, send)
                return
            await send(message)

        return watch


def holds_nul(scope: Scope) -> bool:
    """Whether the address holds U+0000: no database text does. The API says so by name."""
    return "\0" in scope["path"] or b"%00" in scope["query_string"]


def address_of(scope: Scope) -> str:
    """The address of the client; empty where it is not known."""
    return scope["client"][0] if scope.get("client") else ""


def limited(scope: Scope, receive: Receive) -> Receive:
    """What brings the body as long as it may be; a Problem where it is too long, from the first piece on."""
    if scope["method"] in BODILESS:
        return receive
    allowed = bytes_allowed(scope["path"])
    # Of an answer only the page knows in which language to say so.
    return _counted(receive, allowed) if _length(scope) <= allowed else _refused(allowed)


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _too_long(allowed: int) -> str:
    return f"A body here has at most {allowed >> 20} MiB; send the rest in further requests."


def _refused(allowed: int) -> Receive:
    """In the place of a body of which nothing is read."""

    async def refuse() -> Message:
        raise Problem(413, _too_long(allowed), CLOSE)

    return refuse


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
