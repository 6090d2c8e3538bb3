"""Held pages: drawn once for all who are shown the same, as bytes with a few places that differ."""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock

from markupsafe import Markup

MEBIBYTE = 1 << 20
LIMIT = 16 * MEBIBYTE
OVERHEAD = 2048  # what Python needs beside the text, about
# Marks a place while a page is drawn; nobody can guess it and put it into a name.
_MARK = secrets.token_hex(12)
_PLACE = re.compile(f"{_MARK}p([0-9]+)x")

Places = Mapping[str, bytes]


class Drawing:
    """The places of one page that is being drawn. A template calls it with a name and gets the mark to print."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def __call__(self, name: str) -> Markup:
        """The mark of a place. What is filled in there must have been escaped for HTML."""
        self._names.append(name)
        return Markup(f"{_MARK}p{len(self._names) - 1}x")  # noqa: S704 - letters and digits

    def hold(self, text: str) -> "Held":
        """The page, cut at its places."""
        pieces = _PLACE.split(text)
        return Held(
            [b"" if at % 2 else piece.encode() for at, piece in enumerate(pieces)],
            [(at, self._names[int(pieces[at])]) for at in range(1, len(pieces), 2)],
        )


class Held:
    """A page without what differs from person to person."""

    __slots__ = ("_pieces", "_places", "size")

    def __init__(self, pieces: list[bytes], places: list[tuple[int, str]]) -> None:
        self._pieces = pieces
        self._places = places
        self.size = sum(map(len, pieces)) + OVERHEAD

    def fill(self, places: Places) -> bytes:
        """The whole page; a place that is not among `places` stays empty."""
        pieces = self._pieces.copy()
        for at, name in self._places:
            if name in places:
                pieces[at] = places[name]
        return b"".join(pieces)


class Pages:
    """The pages that were asked for last, up to so many bytes. They hold nothing about anybody who was asked."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, Held] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._held)

    def held(self) -> list[Held]:
        """All that is held at the moment."""
        with self._lock:
            return list(self._held.values())

    def get(self, key: Hashable, draw: Callable[[], Held]) -> Held:
        """The page with this key, drawn if it is not there. The key is everything that the drawing depends on."""
        with self._lock:
            page = self._held.get(key)
            if page is not None:
                self._held.move_to_end(key)
                return page
        page = draw()
        with self._lock:
            if key not in self._held:
                self._held[key] = page
                self.size += page.size
            while self.size > self._limit and self._held:
                _, oldest = self._held.popitem(last=False)
                self.size -= oldest.size
        return page
