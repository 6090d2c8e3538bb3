"""Lists: pages that begin behind the key of a row, so that none is skipped or repeated."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import BaseModel
from sqlmodel import Session, SQLModel, select

from app.feeds.formats import MEDIA, wanted
from surveys import keys
from surveys.facts import Malformed
from surveys.tables.columns import core

LIMIT = 1_000
Item = TypeVar("Item")
Row = TypeVar("Row", bound=SQLModel)
FORMATS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "As asked for with `?format=` or Accept.",
        "content": {media: {} for media in MEDIA.values() if media != "application/json"},
    }
}


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None


CURSOR_LENGTH = 1_000


def _slug(part: str) -> str:
    if not keys.PATTERN.fullmatch(part):
        raise ValueError
    return part


def _id(part: str) -> UUID:
    if part not in ((id_ := UUID(part)).hex, str(id_)):
        raise ValueError
    return id_


def _instant(part: str) -> datetime:
    # An offset could push the first and last days out of what a database holds; ours are in UTC.
    instant = datetime.fromisoformat(part)
    if instant.tzinfo is None or instant.utcoffset() or instant.isoformat() != part:
        raise ValueError
    return instant


PARTS: dict[type, Callable[[Any], Any]] = {str: _slug, UUID: _id, datetime: _instant}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is asked for: at most `limit` rows, those behind the cursor `after`."""

    limit: int
    after: list[Any] | None

    def behind(self, *kinds: type) -> tuple[Any, ...] | None:
        """The key of the row that the page starts behind, its parts slugs (str), UUIDs and instants; None at the start.

        Raises Malformed naming `after` for whatever `encode_cursor` would not have written of such a key.
        """
        if self.after is None:
            return None
        try:
            return tuple(PARTS[kind](part) for kind, part in zip(kinds, self.after, strict=True))
        except (ValueError, TypeError, AttributeError):
            raise Malformed("after", "this cursor belongs to another list.") from None


def page(
    _format: Annotated[str, Depends(wanted)],
    limit: Annotated[int, Query(ge=1, le=LIMIT, description="Rows at most.")] = 100,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> Asked:
    """The page asked for. Raises Malformed naming `after` for a cursor that is not ours."""
    return Asked(limit, decode_cursor(after) if after is not None else None)


Page = Annotated[Asked, Depends(page)]
Archived = Annotated[bool, Query(description="Those in the archive instead of those in use.")]


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


def by_key(
    session: Session,
    table: type[Row],
    organisation_id: int,
    asked: Asked,
    name: str = "key",
    *,
    archived: bool | None = None,
) -> tuple[Sequence[Row], str | None]:
    """A page of the rows of a tenant in the order of one column of their primary key, and the next cursor.

    `archived` chooses those in the archive or those in use, of tables that have one.
    """
    column = core(table).c[name]
    rows = select(table).where(core(table).c.organisation_id == organisation_id)
    if archived is not None:
        since = core(table).c.archived_at
        rows = rows.where(since.is_not(None) if archived else since.is_(None))
    if (key := asked.behind(UUID if isinstance(column.type, sa.Uuid) else str)) is not None:
        rows = rows.where(column > key[0])
    read = session.exec(rows.order_by(column).limit(asked.limit + 1)).all()
    return turn(read, asked, lambda row: [str(getattr(row, name))])
