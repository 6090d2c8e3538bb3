"""Season: the latest period against the same one a year before, where the series is long enough."""

from collections.abc import Sequence
from datetime import date

from analytics.counts import periods
from analytics.counts.query import Query
from analytics.estimation import compare
from analytics.estimation.estimate import estimate
from analytics.reports import metrics
from analytics.reports.metrics import Item

# How many periods lie between a period and the same one a year before; days fall on other weekdays.
A_YEAR = {"week": 52, "month": 12, "quarter": 4}
Counts = Sequence[int]


def last_year(query: Query, starts: Sequence[date], series: Sequence[Sequence[Counts]]) -> list[Item | None]:
    """The last period with answers of each series against the one a year before, tested, and corrected over all.

    None where the span is shorter than 13 months (53 weeks, 5 quarters) or nobody answered a year before.
    """
    period = query.period or "month"
    places = [_latest(counts, A_YEAR.get(period)) for counts in series]
    pairs = [
        (estimate(counts[then], query.confidence), estimate(counts[now], query.confidence))
        for counts, place in zip(series, places, strict=True)
        if place
        for then, now in [place]
    ]
    compared = iter(compare.compare(pairs))
    return [
        {"period": periods.label(starts[place[1]], period), "against": periods.label(starts[place[0]], period)}
        | metrics.item(metrics.DIFFERENCE, next(compared))
        if place
        else None
        for place in places
    ]


def _latest(counts: Sequence[Counts], back: int | None) -> tuple[int, int] | None:
    """The place of the last period with answers, behind that of the one a year before."""
    now = max((i for i, eleven in enumerate(counts) if any(eleven)), default=-1)
    if back is None or now < back or not any(counts[now - back]):
        return None
    return now - back, now
