"""Whether what runs in this container lives: `python -m app.checkup.alive` ends with 0 where it does.

It imports nothing but the standard library, since a container asks every half minute.
"""

import os
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

FILE = "WORKER_ALIVE_FILE"
HEALTH = "http://127.0.0.1:{port}/healthz"
TURN_SECONDS = 15 * 60  # a worker may open or close a large wave in one turn, or wait for a slow mail server
ANSWER_SECONDS = 4


def lives(alive: Path | None, port: int) -> bool:
    """Whether the worker that touches this file took a turn lately; without the file, whether the service answers."""
    if alive is not None and alive.exists():
        return time.time() - alive.stat().st_mtime < TURN_SECONDS
    try:
        with urlopen(HEALTH.format(port=port), timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    named = os.environ.get(FILE)
    sys.exit(not lives(Path(named) if named else None, int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
