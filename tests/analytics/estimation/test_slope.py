"""The slope against weighted least squares of another library."""

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.estimation.series import Series
from analytics.estimation.slope import slope

RESPONSES = np.array([40.0, 55, 0, 38, 60, 44, 51, 47, 120, 33])


def wandering(size: float) -> Series:
    scores = 20 + 2.5 * np.arange(10) + size * np.array([1, -1, 0, 2, -2, 1, 0, -1, 1, -1])
    scores[2] = np.nan
    return Series(scores, RESPONSES, 6_000.0)


def test_a_slope_agrees_with_weighted_least_squares() -> None:
    """Where periods differ by more than sampling, its usual standard error has the factor phi in it."""
    one = wandering(15.0)
    there = RESPONSES > 0
    x = sm.add_constant(np.arange(10.0)[there])
    other = sm.WLS(one.nps[there], x, weights=RESPONSES[there] / 6_000).fit()
    assert other.scale > 1
    found = slope(one, 0.95)
    assert found is not None
    assert found.slope == pytest.approx(other.params[1])
    assert (found.low, found.high) == pytest.approx(tuple(other.conf_int()[1]))
    assert found.p_value == pytest.approx(other.pvalues[1])


def test_calm_periods_do_not_make_a_slope_surer_than_sampling_allows() -> None:
    """phi is at least 1: nine periods on a line still have the error 1 / sqrt(sum of w (x - mean)^2)."""
    one = wandering(0.0)
    there = RESPONSES > 0
    weights, x = RESPONSES[there] / 6_000, np.arange(10.0)[there]
    error = 1 / np.sqrt(weights @ (x - np.average(x, weights=weights)) ** 2)
    found = slope(one, 0.95)
    assert found is not None
    assert found.slope == pytest.approx(2.5)
    # 2.3646 is the quantile of Student's t with 7 degrees of freedom.
    assert found.high - found.slope == pytest.approx(2.3646 * error, rel=1e-4)


def test_seven_periods_have_no_slope() -> None:
    one = wandering(1.0)
    assert slope(one.where(np.arange(10) < 8), 0.95) is None
