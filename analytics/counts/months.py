"""Months: what each month of a query counted, and what months that stray add to the difference of two slices."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from sqlmodel import Session

from analytics.counts import frame, periods
from analytics.counts.counted import sums
from analytics.counts.disclosure import Group
from analytics.counts.query import Query
from analytics.estimation.compare import NEVER, Between
from analytics.estimation.estimate import nearly_all, split
from analytics.estimation.straying import Sides, share_of_variance, straying
from surveys.responses.tallies import COLUMNS

HISTORY_DAYS = 731  # two years before the later slice
Months = Mapping[date, Sides]


def counted(session: Session, query: Query) -> dict[Group, Months]:
    """Promoters, passives and detractors of each group in each month with answers.

    Months in which nearly all answers of an anonymous survey were alike are passed over, as everywhere.
    """
    table, disclosure = frame.counts(session, replace(query, period="month", window=None))
    table["starts_on"] = [periods.start_of(day, "month") for day in table["starts_on"]]
    months: defaultdict[Group, dict[date, Sides]] = defaultdict(dict)
    for (*group, start), counts in sums(table, (*query.by, "starts_on"), COLUMNS).items():
        if tuple(group) not in disclosure.anonymous or not nearly_all(counts):
            months[tuple(group)][start] = split(counts)
    return dict(months)


def two_years(query: Query, before: date) -> Query:
    """The question of a query asked of the two years that end before a day, whatever days it asks about."""
    first = date.fromordinal(max(1, before.toordinal() - HISTORY_DAYS))
    return replace(query, from_on=first, to_on=date.fromordinal(before.toordinal() - 1))


def between(then: Collection[Sides], now: Collection[Sides], *known: Iterable[Sides]) -> Between:
    """What the straying of months adds to a difference: `then` and `now` are the months of either side.

    `known` are the stretches of months that tell how much they stray, each around a level of its own: what lies
    between the two sides is what is asked, and no sign of straying.
    """
    if not then or not now:
        return NEVER
    strays = straying(*known)
    share = sum(share_of_variance([sum(sides) for sides in months]) for months in (then, now))
    return Between(strays.points**2 * share, strays.points, strays.assumed)


def known(then: Months, now: Months, *past: Months) -> list[list[Sides]]:
    """The stretches that tell how much months stray: either side, and all else that each question has counted."""
    rest = [[sides for month, sides in own.items() if month not in then and month not in now] for own in past]
    return [list(then.values()), list(now.values()), *rest]
