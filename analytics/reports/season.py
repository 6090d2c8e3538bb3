"""Season: the latest period against the one before it, and against the same one a year before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from analytics.counts import months, periods
from analytics.counts.query import Query
from analytics.estimation import compare
from analytics.estimation.compare import Pair
from analytics.estimation.estimate import estimate, split
from analytics.reports import metrics, scores
from analytics.reports.metrics import Item

# How many periods lie between a period and the same one a year before; days fall on other weekdays.
A_YEAR = {"week": 52, "month": 12, "quarter": 4}
Counts = Sequence[int]


@dataclass(frozen=True, slots=True)
class Latest:
    """The last period with enough answers for an interval, as a score, and the change from the one before it.

    `period` and `before` are items of the trend. `newer` is a later one that has answers, and too few of them.
    """

    period: Item
    score: Item
    before: Item | None
    change: Item | None
    newer: Item | None


def latest(session: Session, query: Query, items: Sequence[Item]) -> Latest | None:
    """The last period of a trend without groups; `items` are its items. None where no period has enough answers."""
    enough = [i for i, item in enumerate(items) if item["low"] is not None]
    if not enough:
        return None
    newer = next((item for item in reversed(items[enough[-1] + 1 :]) if item["responses"]), None)
    now, *earlier = [items[i] for i in reversed(enough)]
    _, score = scores.scores(session, _within(query, now))
    if not earlier:
        return Latest(now, score, None, None, newer)
    (change,) = scores.comparison(session, _within(query, earlier[0]), _within(query, now))
    return Latest(now, score, earlier[0], change, newer)


def _within(query: Query, item: Item) -> Query:
    """The query of the days of one period."""
    first, last = (date.fromisoformat(item[name]) for name in ("starts_on", "ends_on"))
    return replace(query, from_on=first, to_on=last, period=None, window=None)


def last_year(query: Query, starts: Sequence[date], series: Sequence[Sequence[Counts]]) -> list[Item | None]:
    """The last period with answers of each series against the one a year before, tested, and corrected over all.

    None where the span is shorter than 13 months (53 weeks, 5 quarters) or nobody answered a year before.
    """
    period = query.period or "month"
    places = [_latest(counts, A_YEAR.get(period)) for counts in series]
    pairs = [_pair(counts, *place, query.confidence) for counts, place in zip(series, places, strict=True) if place]
    compared = iter(compare.compare(pairs))
    return [
        {"period": periods.label(starts[place[1]], period), "against": periods.label(starts[place[0]], period)}
        | metrics.item(metrics.DIFFERENCE, next(compared))
        if place
        else None
        for place in places
    ]


def _pair(counts: Sequence[Counts], then: int, now: int, confidence: float) -> Pair:
    """Two periods of a series, and what the straying of all its periods adds."""
    sides = [split(eleven) for eleven in counts]
    others = [three for place, three in enumerate(sides) if place not in (then, now)]
    strays = months.between([sides[then]], [sides[now]], others)
    return Pair(estimate(counts[then], confidence), estimate(counts[now], confidence), strays)


def _latest(counts: Sequence[Counts], back: int | None) -> tuple[int, int] | None:
    """The place of the last period with answers, behind that of the one a year before."""
    now = max((i for i, eleven in enumerate(counts) if any(eleven)), default=-1)
    if back is None or now < back or not any(counts[now - back]):
        return None
    return now - back, now
