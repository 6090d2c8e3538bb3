"""Lists: pages that are told apart by the key of their last row, so that none is skipped or repeated."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from surveys.facts import Malformed

LIMIT = 1_000
CURSOR_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is asked for: at most `limit` rows, those behind the cursor `after`."""

    limit: int
    after: list[Any] | None


def page(
    limit: Annotated[int, Query(ge=1, le=LIMIT, description="Rows at most.")] = 100,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> Asked:
    """The page asked for. Raises Malformed naming `after` for a cursor that is not ours."""
    return Asked(limit, decode_cursor(after) if after is not None else None)


Page = Annotated[Asked, Depends(page)]


def encode_cursor(values: Sequence[Any]) -> str:
    """The cursor behind a row with this key; texts, numbers and null only. Its inside is no promise."""
    text = json.dumps(list(values), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> list[Any]:
    """The key inside a cursor. Raises Malformed naming `after`."""
    try:
        if len(text) > CURSOR_LENGTH:
            raise ValueError
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
        if not isinstance(values, list):
            raise ValueError
    except (ValueError, RecursionError):
        raise Malformed("after", "this is not a cursor of ours; send what `next` of the page before said.") from None
    return values


def turn(rows: Sequence[Any], asked: Asked, key: Any) -> tuple[Sequence[Any], str | None]:
    """The rows of the page and the cursor of the next one, from `limit + 1` rows read; `key` gives a row's key."""
    if len(rows) <= asked.limit:
        return rows, None
    shown = rows[: asked.limit]
    return shown, encode_cursor(key(shown[-1]))
