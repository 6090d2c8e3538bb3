"""Downloads: a file sent piece by piece in constant memory, to a reader who has to take it."""

from collections.abc import AsyncIterator, Callable, Iterator
from time import monotonic

import anyio
import structlog
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.feeds.formats import MEDIA, Format, attachment
from app.feeds.places import Places

PIECE_BYTES = 256 * 1024  # that much has to be taken before the reader counts as stalled

log = structlog.get_logger()


class Stalled(Exception):
    """The reader took nothing for as long as one waits."""


class Download(StreamingResponse):
    """A file made on a worker thread. `on_close` is called once, however the sending ends.

    One that is cut short breaks off without the mark of its end, so that nobody takes it for the whole.
    """

    def __init__(
        self, chunks: Iterator[bytes], format_: Format, name: str, places: Places, on_close: Callable[[], None]
    ) -> None:
        super().__init__(_pieces(chunks), media_type=MEDIA[format_], headers=attachment(name, format_))
        self._places = places
        self._on_close = on_close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, then close its source, whether it was sent to the end or not."""

        async def hand_over(message: Message) -> None:
            with anyio.move_on_after(self._places.stall_seconds) as patience:
                await send(message)
            if patience.cancelled_caught:
                raise Stalled

        until = monotonic() + self._places.seconds
        try:
            with anyio.move_on_after(self._places.seconds):
                await super().__call__(scope, receive, hand_over)
        except Stalled:
            log.warning("download ended", reason=f"nothing taken for {self._places.stall_seconds:g} s")
        except Exception:
            if monotonic() < until:  # otherwise the database ended it, while we waited for a piece
                raise
        finally:
            if monotonic() >= until:
                log.warning("download ended", reason=f"not taken within {self._places.seconds:g} s")
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._on_close)


async def _pieces(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in iterate_in_threadpool(chunks):
        for start in range(0, len(chunk), PIECE_BYTES):
            yield chunk[start : start + PIECE_BYTES]
