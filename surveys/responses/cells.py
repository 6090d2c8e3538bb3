"""Cells: the finest slices that can be reported, named by a hash of their dimensions."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.tables import Cell
from surveys.tables.bulk import insert_missing

DIMENSIONS = ("survey", "wave", "touchpoint", "unit", "channel", "locale")


@dataclass(frozen=True)
class Slice:
    """The dimensions of one cell. `segments` holds (name, value) pairs, in any order, without empty values."""

    survey: str
    wave: str | None = None
    touchpoint: str | None = None
    unit: str | None = None
    channel: str | None = None
    locale: str | None = None
    segments: tuple[tuple[str, str], ...] = ()

    @cached_property
    def id(self) -> UUID:
        """128 bits of BLAKE2b (RFC 7693) over the dimensions: the same in every process and on every day."""
        dimensions = [*(getattr(self, name) for name in DIMENSIONS), sorted(self.segments)]
        text = json.dumps(dimensions, ensure_ascii=False, separators=(",", ":"))
        return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


def segments_of(declared: Iterable[str], attributes: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The pairs of `attributes` that a survey declared as segments; absent and empty ones are left out."""
    pairs = ((name, attributes.get(name)) for name in declared)
    return tuple(sorted((name, str(value)) for name, value in pairs if value not in (None, "")))


def ensure(session: Session, organisation_id: int, slices: Iterable[Slice]) -> None:
    """Make the cells that do not exist yet; concurrent callers do not disturb each other."""
    wanted = {s.id: s for s in slices}
    known: set[UUID] = set()
    ids = sorted(wanted)
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        known.update(
            session.execute(
                sa.select(col(Cell.id)).where(col(Cell.organisation_id) == organisation_id, col(Cell.id).in_(chunk))
            ).scalars()
        )
    rows = [_row(organisation_id, wanted[i]) for i in ids if i not in known]
    insert_missing(session, Cell, rows)


def _row(organisation_id: int, s: Slice) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "id": s.id,
        "survey_key": s.survey,
        "wave_key": s.wave,
        "touchpoint_key": s.touchpoint,
        "unit_key": s.unit,
        "channel": s.channel,
        "locale": s.locale,
        "segments": dict(s.segments),
    }
