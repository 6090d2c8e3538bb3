"""Signals and shifts against calculations by hand and a search through every possibility."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.estimation.series import Series, series
from analytics.estimation.signals import above_or_below, shifts
from tests.analytics.histograms import counts

# Five levels' worth of chance: twelve months of ten answers whose NPS swings between 30 and -10, and more rarely.
SWINGING = [(5, 3, 2), (3, 3, 4), (4, 4, 2), (4, 2, 4), (5, 3, 2), (3, 4, 3)] * 2


def of(*months: tuple[int, int, int]) -> Series:
    return series([counts(*three) for three in months])


def flat(scores: list[float], responses: list[float], variance: float = 6_000.0) -> Series:
    return Series(np.array(scores), np.array(responses), variance)


def test_the_variance_is_that_of_all_answers_with_pseudo_counts() -> None:
    """50/30/20 in two halves: p = 50.75/103, d = 20.75/103, V = p + d - (p - d)^2 = .60934 (in points, 6093.4)."""
    found = of((20, 20, 10), (30, 10, 10))
    assert found.variance == pytest.approx(6093.4, abs=0.1)
    assert list(found.nps) == [20, 40]
    assert found.error == pytest.approx([np.sqrt(6093.4 / 50)] * 2, abs=0.01)


def test_a_period_beyond_three_sigma_is_a_signal() -> None:
    """Eight months of 60 answers, one of them lower: centre 30 - x/8, error sqrt(6000 (1/60 - 1/480)) = 9.354.

    The odd month is x 7/8 from the centre. The ranges of its two neighbours are left out once, so that sigma_z is
    1, and the limit is 3 x 9.354 x 8/7 = 32.07 points.
    """
    for x, signal in ((32.0, None), (32.2, "below"), (-32.2, "above")):
        found = above_or_below(flat([30, 30, 30, 30 - x, 30, 30, 30, 30], [60] * 8))
        assert found == [None] * 3 + [signal] + [None] * 4


def test_limits_are_wider_where_periods_differ_by_more_than_sampling() -> None:
    """Swings of 40 points with an error of 9.4 are 4.3 sigma each; ruled by sigma_z = 3.8 they are usual here."""
    scores = [30.0, -10.0] * 6
    assert above_or_below(flat(scores, [60] * 12)) == [None] * 12
    quiet = above_or_below(flat([*[30.0] * 11, -10.0], [60] * 12))
    assert quiet[-1] == "below"


def test_the_fewer_answers_the_wider_the_limits() -> None:
    scores, odd = [30.0] * 9, [60.0] * 9
    scores[4] = -20
    assert above_or_below(flat(scores, odd))[4] == "below"
    odd[4] = 8
    assert above_or_below(flat(scores, odd))[4] is None


def test_a_shift_is_named_where_it_begins() -> None:
    (found,) = shifts(of(*[(60, 30, 10)] * 6, *[(40, 30, 30)] * 6))
    assert (found.place, found.before, found.since) == (6, 50, 10)


def test_periods_without_answers_keep_their_place() -> None:
    none = (0, 0, 0)
    months = [(60, 30, 10), none, (60, 30, 10), (60, 30, 10), none, (60, 30, 10), none, *[(40, 30, 30)] * 4]
    assert [shift.place for shift in shifts(of(*months))] == [7]
    assert above_or_below(of(*months))[1] is None


def test_too_few_periods_have_neither_limits_nor_search() -> None:
    months = [(60, 0, 0)] * 3 + [(0, 0, 60)] * 2
    assert above_or_below(of(*months, (1, 0, 3))) == [None] * 6
    assert shifts(of(*months, (1, 0, 3))) == []
    assert shifts(of(*[(5, 3, 2)] * 401)) == []


def test_pure_noise_gives_no_signal_and_no_shift() -> None:
    found = of(*SWINGING)
    assert sorted({*found.nps}) == [-10, 0, 20, 30]
    assert above_or_below(found) == [None] * 12
    assert shifts(found) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(-100, 100), st.integers(5, 80)), min_size=6, max_size=11))
def test_no_other_division_into_levels_costs_less(periods: list[tuple[int, int]]) -> None:
    """Every division into stretches of three or more is tried, with weights n/V over sigma_z squared."""
    scores, responses = np.array(periods, dtype=float).T
    one = Series(scores, responses, 6_000.0)
    z = (scores - np.average(scores, weights=responses)) / np.sqrt(6_000 * (1 / responses - 1 / responses.sum()))
    ranges = np.abs(np.diff(z))
    sigma = max(1.0, ranges[ranges <= 3.267 * ranges.mean()].mean() / 1.128)
    weights = responses / 6_000 / sigma**2

    def cost(ends: list[int]) -> float:
        parts = [slice(a, b) for a, b in pairwise([0, *ends, len(scores)])]
        squares = [weights[p] @ (scores[p] - np.average(scores[p], weights=weights[p])) ** 2 for p in parts]
        return float(sum(squares) + 3 * np.log(len(scores)) * len(ends))

    every = [
        list(ends)
        for number in range(4)
        for ends in combinations(range(3, len(scores) - 2), number)
        if all(b - a >= 3 for a, b in pairwise([0, *ends, len(scores)]))
    ]
    assert cost([shift.place for shift in shifts(one)]) == pytest.approx(min(cost(ends) for ends in every))
