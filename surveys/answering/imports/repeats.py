"""Repeats: which occurrence of an identical row this one is, in memory that hardly grows with the file."""

from collections import Counter
from hashlib import blake2b

BITS = 1 << 27  # 16 MB: of a million different rows fewer than one in a hundred is kept by mistake


def digest(cells: list[str]) -> bytes:
    """16 bytes that stand for a row's content: the same in a second export of the same answers."""
    return blake2b("\0".join(cells).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Repeats:
    """Knows every row's hash from a first reading, then numbers the rows of a second reading.

    A bit per hash marks rows seen before. Only the hashes of those are kept; two rows that share a bit by
    chance are kept as well, which costs memory and nothing else.
    """

    def __init__(self) -> None:
        self._seen = bytearray(BITS // 8)
        self._repeated: set[bytes] = set()
        self._counted: Counter[bytes] = Counter()

    def add(self, digest: bytes) -> None:
        """Note one row of the first reading."""
        bit = int.from_bytes(digest[:8], "big") % BITS
        mask = 1 << (bit & 7)
        if self._seen[bit >> 3] & mask:
            self._repeated.add(digest)
        else:
            self._seen[bit >> 3] |= mask

    def start(self) -> None:
        """Begin a second reading."""
        self._counted.clear()

    def occurrence(self, digest: bytes) -> int:
        """How many identical rows came before this one in the reading."""
        if digest not in self._repeated:
            return 0
        self._counted[digest] += 1
        return self._counted[digest] - 1
