"""Periods and their labels, across ISO weeks and leap years."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.counts import periods
from analytics.counts.query import PERIODS

DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(
    ("day", "period", "label", "start", "end"),
    [
        ("2018-03-05", "day", "2018-03-05", "2018-03-05", "2018-03-05"),
        ("2018-03-04", "week", "2018-W09", "2018-02-26", "2018-03-04"),
        ("2021-01-03", "week", "2020-W53", "2020-12-28", "2021-01-03"),
        ("2024-12-30", "week", "2025-W01", "2024-12-30", "2025-01-05"),
        ("2024-02-29", "month", "2024-02", "2024-02-01", "2024-02-29"),
        ("2018-03-31", "quarter", "2018-Q1", "2018-01-01", "2018-03-31"),
        ("2018-12-31", "quarter", "2018-Q4", "2018-10-01", "2018-12-31"),
        ("2018-06-30", "year", "2018", "2018-01-01", "2018-12-31"),
    ],
)
def test_a_day_falls_into_its_period(day: str, period: str, label: str, start: str, end: str) -> None:
    found = periods.start_of(date.fromisoformat(day), period)
    assert periods.label(found, period) == label
    assert (found.isoformat(), periods.end_of(found, period).isoformat()) == (start, end)


@given(DAYS, st.integers(0, 800), st.sampled_from(PERIODS))
def test_periods_follow_each_other_without_gap_or_overlap(first: date, length: int, period: str) -> None:
    last = min(first + timedelta(length), date(2999, 12, 31))
    starts = list(periods.between(first, last, period))
    assert len(starts) == periods.count(first, last, period)
    assert starts[0] <= first
    assert starts[-1] <= last <= periods.end_of(starts[-1], period)
    for one, following in pairwise(starts):
        assert periods.end_of(one, period) + timedelta(1) == following
    assert len({periods.label(start, period) for start in starts}) == len(starts)
