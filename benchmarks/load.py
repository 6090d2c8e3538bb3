"""A load of POSTs over kept-alive connections, light enough to leave the server as the limit.

Run as a process of its own: `python -m benchmarks.load PORT CONNECTIONS < paths`, one path a line; it sends
one body to each path once and prints requests per second and how many were answered with 2xx.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop

BODY = b'{"score": 9, "comment": "Quick and friendly"}'
HEAD = f"HTTP/1.1\r\nhost: l\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection that sends the next path as soon as the last was answered."""

    def __init__(self, paths: Iterator[str], done: asyncio.Future[None]) -> None:
        self.paths, self.done, self.good, self.buffer = paths, done, 0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = cast(asyncio.Transport, transport)
        self.send()

    def send(self) -> None:
        """Send the next request, or finish."""
        path = next(self.paths, None)
        if path is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        head = (
            f"POST {path} HTTP/1.1\r\nhost: l\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
        )
        self.transport.write(head.encode() + BODY)

    def data_received(self, data: bytes) -> None:
        """Take one whole answer, then send the next request."""
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self.good += head[9:10] == b"2"
        self.buffer = rest[length:]
        self.send()

    def connection_lost(self, error: Exception | None) -> None:
        """A connection that the server dropped fails the run."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError())


async def run(port: int, connections: int, paths: list[str]) -> dict[str, float]:
    """Send to every path; give requests per second and the count of 2xx."""
    loop = asyncio.get_running_loop()
    shared = iter(paths)
    start = time.perf_counter()
    made: list[Connection] = []
    for _ in range(connections):
        _, connection = await loop.create_connection(
            lambda: Connection(shared, loop.create_future()), "127.0.0.1", port
        )
        made.append(connection)
    await asyncio.gather(*(c.done for c in made))
    return {"per_second": len(paths) / (time.perf_counter() - start), "good": sum(c.good for c in made)}


if __name__ == "__main__":
    links = [line.strip() for line in sys.stdin if line.strip()]
    print(json.dumps(uvloop.run(run(int(sys.argv[1]), int(sys.argv[2]), links))))
