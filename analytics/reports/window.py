"""Windows: the periods around a start that are compared, and the counts in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from analytics.counts import frame
from analytics.counts.counted import NONE, sums
from analytics.counts.query import Query
from analytics.estimation.estimate import estimate, nearly_all, split
from analytics.reports import scores
from analytics.reports.metrics import Item
from surveys.responses.tallies import COLUMNS


@dataclass(frozen=True, slots=True)
class Window:
    """Which days before and after a start are looked at, in periods of `days` days counted from the start."""

    starts_on: date
    days: int
    before: int
    after: int

    def first(self, index: int) -> date:
        """The first day of a period; `first(after)` is the day behind the window."""
        return self.starts_on + timedelta(days=index * self.days)

    def last(self, index: int) -> date:
        """The last day of a period."""
        return self.first(index + 1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Side:
    """The counts per period of the window, in the scope or the comparison, and whether they are anonymous."""

    counts: Mapping[int, tuple[int, ...]]
    anonymous: bool

    def sides(self, index: int) -> tuple[int, int, int]:
        """Promoters, passives and detractors of a period; none of one in which nearly all answered alike."""
        counts = self.counts.get(index, NONE)
        return split(NONE if self.anonymous and nearly_all(counts) else counts)

    def item(self, index: int, confidence: float) -> Item:
        """The estimate of a period as reports show it."""
        counts = self.counts.get(index, NONE)
        return scores.estimate_item(estimate(counts, confidence, anonymous=self.anonymous))


def counts_in(session: Session, asked: Query, window: Window) -> Side:
    """The counts of a query in the periods of a window; those behind it are left out."""
    table, disclosure = frame.counts(session, asked)
    table["index"] = [(day - window.starts_on).days // window.days for day in table["starts_on"]]
    counts = {key[0]: counts for key, counts in sums(table, ("index",), COLUMNS).items() if key[0] < window.after}
    return Side(counts, bool(disclosure.anonymous))
