"""People who open a survey's page, give a score, say why and are thanked, as a browser without script does it.

Run as a process of its own: `python -m benchmarks.walk PORT CONNECTIONS < paths`, one link a line. Each connection
walks one way after another, five requests each; it prints ways per second and how many went as they should.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop

BROWSER = (
    "host: l\r\nuser-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "accept-language: en-GB,en;q=0.5\r\naccept-encoding: gzip, deflate, br\r\n"
)
FORM = "content-type: application/x-www-form-urlencoded\r\n"
# What is asked for, what is sent, and the status that should come.
STEPS: tuple[tuple[str, str, str | None, bytes], ...] = (
    ("GET", "", None, b"200"),
    ("POST", "", "score=9", b"303"),
    ("GET", "?step=why", None, b"200"),
    ("POST", "?step=why", "score=9&comment=Quick+and+friendly%2C+and+it+was+solved+the+first+time.", b"303"),
    ("GET", "?step=thanks", None, b"200"),
)


def request(path: str, step: int) -> bytes:
    """The bytes of one request of a way."""
    method, query, body, _ = STEPS[step]
    head = f"{method} {path}{query} HTTP/1.1\r\n{BROWSER}"
    return (f"{head}\r\n" if body is None else f"{head}{FORM}content-length: {len(body)}\r\n\r\n{body}").encode()


class Walker(asyncio.Protocol):
    """One connection, on which each request is sent as soon as the one before it was answered."""

    def __init__(self, paths: Iterator[str], done: asyncio.Future[None]) -> None:
        self.paths, self.done, self.good, self.buffer, self.step = paths, done, 0, b"", len(STEPS)
        self.fine = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set off."""
        self.transport = cast(asyncio.Transport, transport)
        self.go()

    def go(self) -> None:
        """Send the next request of the way, or set off on the next way, or finish."""
        if self.step == len(STEPS):
            self.good += self.fine
            path = next(self.paths, None)
            if path is None:
                self.transport.close()
                if not self.done.done():
                    self.done.set_result(None)
                return
            self.path, self.step, self.fine = path, 0, True
        self.transport.write(request(self.path, self.step))

    def data_received(self, data: bytes) -> None:
        """Take one whole answer, then go on."""
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        _, length, after = head.lower().partition(b"content-length:")
        size = int(after.split(b"\r\n", 1)[0]) if length else 0
        if len(rest) < size:
            return
        self.fine &= head[9:12] == STEPS[self.step][3] and (size > 1000) == (STEPS[self.step][0] == "GET")
        self.buffer = rest[size:]
        self.step += 1
        self.go()

    def connection_lost(self, error: Exception | None) -> None:
        """A connection that the server dropped fails the run."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError())


async def run(port: int, connections: int, paths: list[str]) -> dict[str, float]:
    """Walk every path; give ways per second and how many went as they should."""
    loop = asyncio.get_running_loop()
    shared = iter(paths)
    start = time.perf_counter()
    walkers: list[Walker] = []
    for _ in range(connections):
        _, walker = await loop.create_connection(lambda: Walker(shared, loop.create_future()), "127.0.0.1", port)
        walkers.append(walker)
    await asyncio.gather(*(w.done for w in walkers))
    return {"per_second": len(paths) / (time.perf_counter() - start), "good": sum(w.good for w in walkers)}


if __name__ == "__main__":
    links = [line.strip() for line in sys.stdin if line.strip()]
    print(json.dumps(uvloop.run(run(int(sys.argv[1]), int(sys.argv[2]), links))))
