"""Deadlines: how long a client may take over a request, and how many connections a process holds."""

import asyncio
import resource
from contextlib import suppress
from math import inf
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.edge.problems import problem

HEAD_BYTES = 64 << 10
MOST_CONNECTIONS = 4_000
OTHER_FILES = 400  # descriptors for two pools of forty connections with a log each, mail and what is imported
HEALTH = b"/healthz"
BUSY = problem(
    503,
    "More requests are under way than this process takes; nothing was stored.",
    headers={"Retry-After": "2", "Connection": "close"},
)


def connections_allowed() -> int:
    """How many connections this process and those it starts may hold, after raising the limit on open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    possible = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < possible:
        with suppress(ValueError, OSError):  # a kernel may have an upper bound of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))
            soft = possible
    open_files = wanted if soft == resource.RLIM_INFINITY else min(soft, wanted)
    return max(100, open_files - OTHER_FILES)


class Deadlines(HttpToolsProtocol):
    """uvicorn's protocol, which waits for a head, a body or a reader for ever, with an end to each wait.

    It looks once a second instead of setting a timer for each request, which would cost the answer path.
    """

    HEAD_SECONDS = 10.0
    BODY_SECONDS = 30.0  # and a second more for each BYTES_A_SECOND that came
    BYTES_A_SECOND = 16 << 10
    READER_SECONDS = 60.0  # without taking a byte of what it asked for
    LOOK_SECONDS = 1.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._most, self.limit_concurrency = self.limit_concurrency, None  # uvicorn's refusal has no Retry-After
        self._due = inf
        self._awaits_head = True
        self._head_bytes = 0
        self._unsent = 0
        self._taken_at = 0.0
        self._look_again: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head; where there are too many connections, end the one that has kept us waiting most."""
        super().connection_made(transport)
        self._due = self.loop.time() + self.HEAD_SECONDS
        self._look_again = self.loop.call_later(self.LOOK_SECONDS, self._look)
        if self._most is not None and len(self.connections) > self._most:
            waiting = [
                other for other in self.connections if isinstance(other, Deadlines) and other.awaits_head(apart=self)
            ]
            if waiting:
                min(waiting, key=lambda other: other._due).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._look_again is not None:
            self._look_again.cancel()
        super().connection_lost(exc)

    def awaits_head(self, apart: "Deadlines") -> bool:
        """Whether nothing is lost but a head that is not complete; never of `apart`."""
        return self is not apart and self._awaits_head and not self.transport.is_closing()

    def data_received(self, data: bytes) -> None:
        """Read on, unless this is a head without an end."""
        self._head_bytes += len(data)
        super().data_received(data)
        if not self._awaits_head:
            self._head_bytes = 0
        elif self._head_bytes > HEAD_BYTES:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """The first byte of a head is there."""
        super().on_message_begin()
        self._due = self.loop.time() + self.HEAD_SECONDS

    def on_headers_complete(self) -> None:
        """The head is complete; answer the request, or say that there are too many."""
        self._awaits_head = False
        self._due = self.loop.time() + self.BODY_SECONDS
        crowded = self._most is not None and max(len(self.connections), len(self.tasks)) > self._most
        self.app = BUSY if crowded and self.url != HEALTH else self.config.loaded_app
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Each piece of a body buys time for the next."""
        self._due += len(body) / self.BYTES_A_SECOND
        super().on_body(body)

    def on_message_complete(self) -> None:
        """From now on the client waits for us."""
        super().on_message_complete()
        self._due = inf
        self._rest()

    def on_response_complete(self) -> None:
        """From now on we wait for the client again, unless it is still sending."""
        super().on_response_complete()
        if self._due == inf:
            self._rest()

    def _rest(self) -> None:
        """Wait for the next head where everything that was asked is answered."""
        if self.cycle is not None and self.cycle.response_complete:
            self._awaits_head = True
            self._due = self.loop.time() + self.timeout_keep_alive + self.HEAD_SECONDS

    def _look(self) -> None:
        now = self.loop.time()
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._taken_at = unsent, now
        if self.flow.read_paused:  # it is us who do not read
            self._due = max(self._due, now + self.BODY_SECONDS)
        if (now > self._due and not unsent) or now - self._taken_at > self.READER_SECONDS:
            self.transport.abort()
            return
        self._look_again = self.loop.call_later(self.LOOK_SECONDS, self._look)
