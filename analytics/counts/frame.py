"""Frames: the counts a query asks for, as one aggregate over the tallies, in pandas."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from analytics.counts import disclosure
from analytics.counts.disclosure import OPEN, Disclosure
from analytics.counts.query import FILTERS, SEGMENT, Query
from surveys.facts import Malformed
from surveys.organisation import units
from surveys.responses.tallies import CATEGORIES, COLUMNS, SCORES
from surveys.tables import Cell, MonthTally, MonthTurnout, Survey, Tally, Turnout
from surveys.tables.columns import core

if TYPE_CHECKING:
    import pandas as pd

TURNOUT = ("invited", "answered", "undelivered")
BY_DAY = ("day", "week")
A_DAY = timedelta(days=1)
Part = tuple[type[SQLModel], date | None, date | None]


def counts(session: Session, query: Query) -> tuple[pd.DataFrame, Disclosure]:
    """The counts per group and, with a period, per `starts_on`: a column per grouping, then those of a tally.

    Whole months are read from the month's tallies and only the edges by day. With a period, `starts_on` is a
    day for day and week, and otherwise the first of a month or a day at an edge; whoever asks puts them together.
    Beside them stands what may be shown of the groups. Raises Malformed where customers and staff would be added up.
    """
    anonymous = _asks_anonymously(session, query)
    read = parts(query, Tally, MonthTally)
    if anonymous:
        return _frame(session, query, read, COLUMNS), disclosure.of(session, query, cells(session, query))
    # Confidential answers all have a score.
    return _frame(session, query, read, SCORES).assign(**dict.fromkeys(CATEGORIES, 0)), OPEN


def turnout(session: Session, query: Query) -> pd.DataFrame:
    """Per group: those invited on the query's days, and how many of them have answered or could not be reached."""
    return _frame(session, query, parts(query, Turnout, MonthTurnout), TURNOUT)


def parts(query: Query, days: type[SQLModel], months: type[SQLModel]) -> list[Part]:
    """Which table is read for which days (inclusive, open where None): months where whole, days elsewhere."""
    if query.period in BY_DAY:
        return [(days, query.from_on, query.to_on)]
    first = query.from_on and _month_from(query.from_on)
    last = query.to_on and _month_from(query.to_on + A_DAY, back=True) - A_DAY
    if first and last and first > last:
        return [(days, query.from_on, query.to_on)]
    spans: list[Part] = [(months, first, last)]
    if first and query.from_on != first:
        spans.append((days, query.from_on, first - A_DAY))
    if last and query.to_on != last:
        spans.append((days, last + A_DAY, query.to_on))
    return spans


def cells(session: Session, query: Query) -> sa.Select[Any]:
    """The ids of the cells a query counts, with its groupings as g0, g1."""
    c = core(Cell).c
    grouped = [_dimension(name).label(f"g{i}") for i, name in enumerate(query.by)]
    chosen = sa.select(c.id, *grouped).where(c.organisation_id == query.organisation_id)
    for name in FILTERS:
        wanted = getattr(query, name + "s")
        if name == "unit":
            wanted = sorted(units.below(session, query.organisation_id, list(wanted))) if wanted else ()
        if wanted:
            chosen = chosen.where(_dimension(name).in_(wanted))
    if query.audience:
        chosen = chosen.where(c.survey_key.in_(asking(query)))
    for name, values in query.segments:
        chosen = chosen.where(_dimension(SEGMENT + name).in_(values))
    return chosen


def asking(query: Query) -> sa.Select[Any]:
    """The keys of the surveys that ask the audience of a query; of all of them where it has none."""
    s = core(Survey).c
    keys = sa.select(s.key).where(s.organisation_id == query.organisation_id)
    return keys.where(s.audience == query.audience) if query.audience else keys


def _asks_anonymously(session: Session, query: Query) -> bool:
    """Whether an anonymous survey is among those asked.

    An NPS and an eNPS answer different questions, so no figure holds both: raises Malformed.
    """
    survey, cell = core(Survey).c, core(Cell).c
    asked = cells(session, query).with_only_columns(cell.survey_key)
    anonymous = sa.func.max(sa.case((survey.mode == "anonymous", 1), else_=0))
    audiences = session.execute(
        sa.select(survey.audience, sa.func.min(survey.key), anonymous)
        .where(survey.organisation_id == query.organisation_id, survey.key.in_(asked))
        .group_by(survey.audience)
        .order_by(survey.audience)
    ).all()
    if len(audiences) > 1:
        customers, staff = (key for _, key, _ in audiences)
        raise Malformed(
            "survey", f"'{customers}' asks customers and '{staff}' asks staff; name surveys of one of them."
        )
    return any(flag for _, _, flag in audiences)


def _frame(session: Session, query: Query, read: list[Part], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    result = session.execute(_statement(session, query, read, columns))
    grouped = [*query.by, *(["starts_on"] if query.period else [])]
    frame = pd.DataFrame([tuple(row) for row in result], columns=[*grouped, *columns])
    # A sum without rows is null; sums of PostgreSQL may come as decimals.
    return frame.astype(dict.fromkeys(grouped, object) | dict.fromkeys(columns, "int64"))


def _statement(session: Session, query: Query, read: list[Part], columns: tuple[str, ...]) -> sa.Select[Any]:
    wanted = cells(session, query)
    chosen = wanted.subquery("c")
    groups = [chosen.c[f"g{i}"] for i in range(len(query.by))]
    ids = wanted.with_only_columns(core(Cell).c.id)
    tallied = sa.union_all(*(_tallied(query, part, columns, ids) for part in read)).subquery("t")
    if query.period:
        groups.append(tallied.c.starts_on)
    sums = [sa.cast(sa.func.coalesce(sa.func.sum(tallied.c[name]), 0), sa.BigInteger).label(name) for name in columns]
    return (
        sa.select(*groups, *sums).select_from(chosen.join(tallied, tallied.c.cell_id == chosen.c.id)).group_by(*groups)
    )


def _tallied(query: Query, part: Part, columns: tuple[str, ...], ids: sa.Select[Any]) -> sa.Select[Any]:
    """The rows of one table between two days, added up per cell where no period asks for the days.

    Adding up per cell first follows the order of the primary key and leaves a small join (decision 0003).
    """
    table, first, last = part
    t = core(table).c
    rows = sa.select(t.cell_id).where(t.organisation_id == query.organisation_id, t.cell_id.in_(ids))
    if first:
        rows = rows.where(t.starts_on >= first)
    if last:
        rows = rows.where(t.starts_on <= last)
    if query.period:
        return rows.add_columns(t.starts_on, *(t[name] for name in columns))
    return rows.add_columns(*(sa.func.sum(t[name]).label(name) for name in columns)).group_by(t.cell_id)


def _dimension(name: str) -> sa.ColumnElement[Any]:
    c = core(Cell).c
    if name.startswith(SEGMENT):
        value: sa.ColumnElement[Any] = c.segments[name.removeprefix(SEGMENT)].as_string()
        return value
    return c[name] if name in ("channel", "locale") else c[f"{name}_key"]


def _month_from(day: date, *, back: bool = False) -> date:
    """The first of a month on or after the day, or with `back` on or before it."""
    start = day.replace(day=1)
    return start if back or start == day else (start + timedelta(days=32)).replace(day=1)
