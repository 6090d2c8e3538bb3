"""Reports: from a query to the items that the API, the pages and the terminal show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from analytics import compare, frame, metrics, watch
from analytics.estimate import Estimate, estimate
from analytics.metrics import Item, Turnout
from analytics.query import Query
from surveys.facts import Refused
from surveys.tables import Cell
from surveys.tables.columns import core
from surveys.tallies import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

NONE = (0,) * len(COLUMNS)
Group = tuple[str | None, ...]
Counts = tuple[int, ...]


def scores(session: Session, query: Query) -> tuple[list[Item], Item]:
    """An estimate with its turnout per group, and the same over all of them.

    A group appears where someone was invited or answered; without groupings there is always one item.
    """
    counted = sums(frame.counts(session, query), query.by, COLUMNS)
    turnouts = sums(frame.turnout(session, query), query.by, frame.TURNOUT)
    groups = in_order(group for group in counted.keys() | turnouts.keys())
    items = [
        {"group": named(query, group), **_score(counted.get(group, NONE), turnouts.get(group, (0, 0)), query)}
        for group in groups
    ]
    return items, _score(_total(counted.values(), NONE), _total(turnouts.values(), (0, 0)), query)


def distribution(session: Session, query: Query) -> list[Item]:
    """How many gave each score, per group."""
    counted = sums(frame.counts(session, query), query.by, COLUMNS)
    return [
        {"group": named(query, group), **metrics.item(metrics.DISTRIBUTION, counted[group])}
        for group in in_order(counted)
    ]


def comparison(session: Session, before: Query, after: Query) -> list[Item]:
    """The difference of two slices per group, `after` less `before`. Raises Refused where they share answers."""
    if _share_answers(session, before, after):
        raise Refused(
            "The two slices share answers (the same days of the same cells), so they cannot be compared as "
            "independent. Choose days, or touchpoints, that do not overlap."
        )
    first = sums(frame.counts(session, before), before.by, COLUMNS)
    second = sums(frame.counts(session, after), after.by, COLUMNS)
    return differences(after, first, second)


def differences(
    query: Query, first: Mapping[Group, Counts], second: Mapping[Group, Counts], *, watched: bool = False
) -> list[Item]:
    """The difference per group of two sets of counts, corrected for the number of groups.

    `watched` gives the verdicts of a test that holds however often one looks, and its figures beside.
    """
    groups = in_order(first.keys() | second.keys())
    pairs = [
        (estimate(first.get(group, NONE), query.confidence), estimate(second.get(group, NONE), query.confidence))
        for group in groups
    ]
    found = compare.compare(pairs)
    figures = metrics.DIFFERENCE + metrics.WATCH if watched else metrics.DIFFERENCE
    return [
        {
            "group": named(query, group),
            "baseline": estimate_item(one.before),
            "current": estimate_item(one.after),
            **metrics.item(figures, one),
        }
        for group, one in zip(groups, watch.watch(found) if watched else found, strict=True)
    ]


def estimate_item(found: Estimate) -> Item:
    """An estimate as given out."""
    return metrics.item(metrics.ESTIMATE, found)


def sums(table: pd.DataFrame, by: Sequence[str], columns: Sequence[str]) -> dict[Any, Counts]:
    """The columns added up per group, a sum below zero counting as zero.

    Without groupings there is always one group; otherwise those where every sum is zero are left out.
    """
    if not by:
        return {(): tuple(int(n) for n in table[list(columns)].sum().clip(lower=0))}
    added = table.groupby(list(by), dropna=False, sort=False)[list(columns)].sum().clip(lower=0)
    added = added[added.any(axis=1)]
    keys = added.index.to_frame().astype(object)
    keys = keys.where(keys.notna(), None)
    return dict(zip(keys.itertuples(index=False, name=None), added.itertuples(index=False, name=None), strict=True))


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Groups in the order of their values, those without a value last: the same on every database."""
    return sorted(groups, key=lambda group: [(value is None, value or "") for value in group])


def named(query: Query, group: Group) -> Item:
    """The group under the names of the query's groupings."""
    return dict(zip(query.by, group, strict=True))


def _score(counts: Counts, turnout: Counts, query: Query) -> Item:
    return estimate_item(estimate(counts, query.confidence)) | metrics.item(metrics.TURNOUT, Turnout(*turnout))


def _total(rows: Iterable[Counts], none: Counts) -> Counts:
    return tuple(sum(column) for column in zip(none, *rows, strict=True))


def _share_answers(session: Session, a: Query, b: Query) -> bool:
    if (a.to_on or date.max) < (b.from_on or date.min) or (b.to_on or date.max) < (a.from_on or date.min):
        return False
    c = core(Cell).c
    in_both = [c.id.in_(frame.cells(session, q).with_only_columns(c.id)) for q in (a, b)]
    return (
        session.execute(sa.select(c.id).where(c.organisation_id == a.organisation_id, *in_both).limit(1)).first()
        is not None
    )
