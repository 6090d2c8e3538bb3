"""Tallies: counts per cell and day, kept in step with the responses, and rebuilt from them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from surveys.tables import AnonymousScore, Cell, MonthTally, MonthTurnout, Response, Tally, Turnout, Wave
from surveys.tables.bulk import add_counts
from surveys.tables.columns import core

SCORES = tuple(f"s{score}" for score in range(11))
CATEGORIES = ("promoters", "passives", "detractors")  # of answers of which no more than that was kept
COLUMNS = (*SCORES, *CATEGORIES)
NONE = (0,) * len(COLUMNS)
KEY = ("organisation_id", "cell_id", "starts_on")
TURNOUT = ("invited", "answered", "undelivered")

# Organisation, cell and day to counts. The cell as hex: it sorts and hashes far quicker than a UUID.
Sums = dict[tuple[int, str, date], list[int]]


@dataclass(frozen=True, slots=True)
class Change:
    """One answer more (`count` 1) or one less (-1) with `score` in a cell on a day."""

    organisation_id: int
    cell_id: UUID
    day: date
    score: int
    count: int = 1


def apply(session: Session, changes: Iterable[Change]) -> None:
    """Add the changes to the tallies of both grains."""
    days: Sums = defaultdict(lambda: [0] * 11)
    months: Sums = defaultdict(lambda: [0] * 11)
    for c in changes:
        cell = c.cell_id.hex
        days[c.organisation_id, cell, c.day][c.score] += c.count
        months[c.organisation_id, cell, c.day.replace(day=1)][c.score] += c.count
    add_counts(session, Tally, _rows(days), SCORES)
    add_counts(session, MonthTally, _rows(months), SCORES)


def count_categories(session: Session, counted: Iterable[tuple[int, UUID, date, str]]) -> None:
    """Add answers of which no more than the category is kept, each as (organisation, cell, day, category).

    The category is promoter, passive or detractor.
    """
    days: Sums = defaultdict(lambda: [0, 0, 0])
    months: Sums = defaultdict(lambda: [0, 0, 0])
    for organisation_id, cell_id, day, category in counted:
        place = CATEGORIES.index(f"{category}s")
        days[organisation_id, cell_id.hex, day][place] += 1
        months[organisation_id, cell_id.hex, day.replace(day=1)][place] += 1
    for table, sums in ((Tally, days), (MonthTally, months)):
        add_counts(session, table, _rows(sums, CATEGORIES), CATEGORIES)


def count_turnout(session: Session, counted: Iterable[tuple[int, UUID, date, int, int, int]]) -> None:
    """Add (organisation, cell, day of issue, invited, answered, undelivered) to the turnouts of both grains."""
    days: Sums = defaultdict(lambda: [0, 0, 0])
    months: Sums = defaultdict(lambda: [0, 0, 0])
    for organisation_id, cell_id, day, *numbers in counted:
        for sums, starts_on in ((days, day), (months, day.replace(day=1))):
            three = sums[organisation_id, cell_id.hex, starts_on]
            three[:] = (a + b for a, b in zip(three, numbers, strict=True))
    for table, sums in ((Turnout, days), (MonthTurnout, months)):
        add_counts(session, table, _rows(sums, TURNOUT), TURNOUT)


def _rows(sums: Sums, columns: tuple[str, ...] = SCORES) -> list[dict[str, Any]]:
    """Rows in the order of their key, without those that change nothing."""
    names = (*KEY, *columns)
    return [dict(zip(names, (*key, *n), strict=True)) for key, n in sorted(sums.items()) if any(n)]


@dataclass(frozen=True, slots=True)
class Difference:
    """A tally that does not equal the recount of its responses; both sides are the counts of COLUMNS."""

    table: str
    cell_id: UUID
    starts_on: date
    tally: tuple[int, ...]
    recount: tuple[int, ...]


def check(session: Session, organisation_id: int) -> list[Difference]:
    """Recount every response and give the tallies, of both grains, that differ."""
    recount: dict[tuple[UUID, date], list[int]] = defaultdict(lambda: list(NONE))
    by_month: dict[tuple[UUID, date], list[int]] = defaultdict(lambda: list(NONE))
    r = Response
    linked = (
        sa.select(col(r.cell_id), col(r.day), col(r.score), sa.null().label("category"), sa.func.count())
        .where(col(r.organisation_id) == organisation_id)
        .group_by(col(r.cell_id), col(r.day), col(r.score))
    )
    for cell_id, day, score, category, n in session.execute(sa.union_all(linked, _released(organisation_id))):
        place = COLUMNS.index(f"{category}s") if category else score
        recount[cell_id, day][place] += n
        by_month[cell_id, day.replace(day=1)][place] += n
    return _differences(session, organisation_id, Tally, recount) + _differences(
        session, organisation_id, MonthTally, by_month
    )


def _released(organisation_id: int) -> sa.Select[Any]:
    """What is kept of the scores of anonymous waves, which count on the day their wave was closed."""
    s, c, w = core(AnonymousScore).c, core(Cell).c, core(Wave).c
    return (
        sa.select(s.cell_id, w.counted_on, s.score, s.category, sa.func.count())
        .join_from(core(AnonymousScore), core(Cell), (c.organisation_id == s.organisation_id) & (c.id == s.cell_id))
        .join(core(Wave), (w.organisation_id == c.organisation_id) & (w.key == c.wave_key))
        .where(s.organisation_id == organisation_id)
        .group_by(s.cell_id, w.counted_on, s.score, s.category)
    )


def repair(session: Session, organisation_id: int) -> list[Difference]:
    """Bring the tallies in step with the responses and give what was wrong."""
    differences = check(session, organisation_id)
    for table in (Tally, MonthTally):
        rows = [
            {"organisation_id": organisation_id, "cell_id": d.cell_id, "starts_on": d.starts_on}
            | {c: right - wrong for c, right, wrong in zip(COLUMNS, d.recount, d.tally, strict=True)}
            for d in differences
            if d.table == table.__tablename__
        ]
        add_counts(session, table, rows, COLUMNS)
    return differences


def _differences(
    session: Session, organisation_id: int, table: type[SQLModel], recount: dict[tuple[UUID, date], list[int]]
) -> list[Difference]:
    t = core(table).c
    stored = {
        (row.cell_id, row.starts_on): tuple(row[2:])
        for row in session.execute(
            sa.select(t.cell_id, t.starts_on, *(t[c] for c in COLUMNS)).where(t.organisation_id == organisation_id)
        )
    }
    return [
        Difference(str(table.__tablename__), key[0], key[1], stored.get(key, NONE), tuple(recount.get(key, NONE)))
        for key in sorted(stored.keys() | recount.keys())
        if stored.get(key, NONE) != tuple(recount.get(key, NONE))
    ]
