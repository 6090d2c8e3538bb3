"""Disclosure: what the waves of anonymous surveys allow to show of a group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts.query import Query
from surveys.tables import Cell, Wave
from surveys.tables.columns import core

Group = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The groups that hold answers of released anonymous waves, and those with people who are counted elsewhere.

    `elsewhere` gives the group and the day on which its wave counts: some of its cells were merged into others when
    that wave closed, as they were too small. It holds no number.
    """

    anonymous: frozenset[Group] = frozenset()
    elsewhere: frozenset[tuple[Group, date]] = frozenset()

    @property
    def moved(self) -> frozenset[Group]:
        """The groups with people counted elsewhere, on whatever day."""
        return frozenset(group for group, _ in self.elsewhere)


OPEN = Disclosure()


def of(session: Session, query: Query, cells: sa.Select[Any]) -> Disclosure:
    """What may be shown of the groups of a query; `cells` are its cells, the id first and the groupings after it."""
    c, w = core(Cell).c, core(Wave).c
    groups = list(cells.selected_columns)[1:]
    moved = c.merged_into != c.id  # null where nobody of a cell was counted
    rows = (
        cells.with_only_columns(*groups, w.counted_on, moved)
        .join(core(Wave), (w.organisation_id == c.organisation_id) & (w.key == c.wave_key))
        .where(w.counted_on.is_not(None))
        .distinct()
    )
    rows = rows.where(w.counted_on >= query.from_on) if query.from_on else rows
    rows = rows.where(w.counted_on <= query.to_on) if query.to_on else rows
    releases = [(tuple(row[:-2]), row[-2], row[-1]) for row in session.execute(rows)]
    return Disclosure(
        frozenset(group for group, _, _ in releases),
        frozenset((group, day) for group, day, away in releases if away),
    )
