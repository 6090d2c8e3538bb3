"""Places: how many downloads run at once, in all and for one key, and how long each may take."""

import threading
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from app.edge.problems import Problem
from app.storage.engines import EXPORTS

MOST_OF_A_KEY = 2
SECONDS = 900.0
STALL_SECONDS = 20.0
RETRY_AFTER = {"Retry-After": "10"}


class Places:
    """The places for downloads of one process: a connection stands behind each, so that taking one never waits.

    A download ends after `seconds`, and before that when its reader takes nothing for `stall_seconds`.
    """

    def __init__(
        self,
        *,
        most: int = EXPORTS.kept,
        most_of_a_key: int = MOST_OF_A_KEY,
        seconds: float = SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self.seconds = seconds
        self.stall_seconds = stall_seconds
        self._most = most
        self._most_of_a_key = most_of_a_key
        self._taken: Counter[UUID] = Counter()
        self._lock = threading.Lock()

    def take(self, key: UUID) -> Callable[[], None]:
        """Take a place for a key and give what hands it back. Raises Problem: 429 for the key, 503 for all."""
        with self._lock:
            if self._taken[key] >= self._most_of_a_key:
                running = f"{self._most_of_a_key} downloads of this key are running; start the next when one has ended."
                raise Problem(429, running, RETRY_AFTER)
            if self._taken.total() >= self._most:
                raise Problem(503, "Other downloads are running; try again shortly.", RETRY_AFTER)
            self._taken[key] += 1
        return lambda: self._leave(key)

    def _leave(self, key: UUID) -> None:
        with self._lock:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
