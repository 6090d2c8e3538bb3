"""How far months stray: against a case worked by hand, and against months drawn with a known straying."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import chi2

from analytics.estimation.straying import ASSUMED_POINTS, Sides, share_of_variance, straying
from benchmarks import draws


def test_months_of_one_size_give_the_upper_limit_of_their_dispersion() -> None:
    """Eight months of 200: scores 40, 40, 40, 40, 60, 60, 60, 60, so sum (y - 50)^2 = 800.

    Together 1000/400/200: V = (1000.75 + 200.75)/1603 - (800/1603)^2 = .500466, so v = 25.0233 points squared, and
    t = 800 / 3.8223 - v, 3.8223 being the value that chi-squared with 7 degrees of freedom exceeds in 80 %.
    """
    months: list[Sides] = [(115, 50, 35)] * 4 + [(135, 50, 15)] * 4
    assert chi2.ppf(0.2, 7) == pytest.approx(3.8223, abs=5e-5)
    assert straying(months).points == pytest.approx(sqrt(800 / 3.8223 - 25.0233), abs=0.001)
    assert not straying(months).assumed


def test_months_that_differ_no_more_than_chance_would_stray_not_at_all() -> None:
    assert straying([(100, 60, 40)] * 12).points == 0


def test_too_few_months_say_so() -> None:
    few: list[Sides] = [(100, 60, 40)] * 5 + [(2, 1, 1)] * 9
    assert (straying(few).points, straying(few).assumed) == (ASSUMED_POINTS, True)


def test_the_limit_lies_above_the_true_straying_in_four_of_five_cases() -> None:
    rng = np.random.default_rng(2)
    above = [straying(_months(rng, 4.0)).points >= 4.0 for _ in range(400)]
    assert np.mean(above) == pytest.approx(0.8, abs=0.06)


def _months(rng: np.random.Generator, points: float) -> list[Sides]:
    drawn = [rng.multinomial(500, draws.moved(lower)) for lower in rng.normal(0, points, 12)]
    return [(int(three[0]), int(three[1]), int(three[2])) for three in drawn]


def test_the_variance_of_months_falls_with_their_number_where_they_are_of_one_size() -> None:
    assert share_of_variance([50, 50, 50, 50]) == pytest.approx(1 / 4)
    assert share_of_variance([90, 10]) == pytest.approx(0.82)
    assert share_of_variance([]) == 0
