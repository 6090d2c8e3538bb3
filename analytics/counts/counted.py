"""Counted: the counts of each group of a query, and what may be shown of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from analytics.counts import frame
from analytics.counts.disclosure import OPEN, Disclosure, Group
from analytics.counts.query import Query
from analytics.estimation.estimate import Estimate, estimate
from surveys.responses.tallies import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

NONE = (0,) * len(COLUMNS)
Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of each group, the confidence asked for, and what anonymous surveys allow to show."""

    counts: Mapping[Group, Counts]
    confidence: float
    disclosure: Disclosure = OPEN

    @property
    def groups(self) -> set[Group]:
        """The groups with answers, and those whose answers were counted elsewhere."""
        return self.counts.keys() | self.disclosure.moved

    def of(self, group: Group) -> Estimate:
        """The estimate of a group."""
        allowed = self.disclosure
        counts = self.counts.get(group, NONE)
        return estimate(counts, self.confidence, anonymous=group in allowed.anonymous, moved=group in allowed.moved)

    def of_all(self, groups: Iterable[Group] | None = None) -> Estimate:
        """The estimate of several groups together; of all of them where none are named."""
        allowed = self.disclosure
        chosen = self.groups if groups is None else set(groups)
        added = total((self.counts[group] for group in chosen if group in self.counts), NONE)
        return estimate(
            added, self.confidence, anonymous=not chosen.isdisjoint(allowed.anonymous),
            moved=not chosen.isdisjoint(allowed.moved),
        )  # fmt: skip


def counted(session: Session, query: Query) -> Counted:
    """The counts of a query without a period. Raises Malformed where customers and staff would be added up."""
    table, disclosure = frame.counts(session, query)
    return Counted(sums(table, query.by, COLUMNS), query.confidence, disclosure)


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


def total(rows: Iterable[Counts], none: Counts) -> Counts:
    """The rows added up, column by column; `none` is what no row adds up to."""
    return tuple(sum(column) for column in zip(none, *rows, strict=True))


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Groups in the order of their values, those without a value last: the same on every database."""
    return sorted(groups, key=lambda group: [(value is None, value or "") for value in group])
