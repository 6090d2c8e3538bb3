"""The level against the same model solved as one linear system, and what must hold for any series."""

import numpy as np
import pytest

from analytics.estimation import level
from analytics.estimation.series import series
from tests.analytics.histograms import counts

SCORES = np.array([30.0, 12.0, np.nan, 41.0, 25.0])
NOISE = np.array([100.0, 400.0, 1.0, 50.0, 225.0])


@pytest.mark.parametrize("step", [1.0, 8.0])
def test_the_smoother_solves_the_local_level_model(step: float) -> None:
    """With a flat start, the level given the scores is normal with precision P = R'R / step^2 + diag(1 / noise).

    R takes the differences of neighbours; a period without a score adds nothing. The mean solves P m = scores / noise.
    """
    there = ~np.isnan(SCORES)
    differences = np.diff(np.eye(5), axis=0)
    precision = differences.T @ differences / step**2 + np.diag(there / NOISE)
    mean = np.linalg.solve(precision, np.where(there, SCORES, 0) / NOISE)
    found, variance, _ = level.at_step(SCORES, NOISE, step)
    assert found == pytest.approx(mean)
    assert variance == pytest.approx(np.diag(np.linalg.inv(precision)))


def test_a_level_that_stands_still_is_the_weighted_mean() -> None:
    there = ~np.isnan(SCORES)
    weights = there / NOISE
    found, variance, _ = level.at_step(SCORES, NOISE, 0.0)
    assert found == pytest.approx(np.full(5, np.average(np.where(there, SCORES, 0), weights=weights)))
    assert variance == pytest.approx(np.full(5, 1 / weights.sum()))


def test_the_likelihood_is_that_of_the_scores() -> None:
    """Two scores under a flat start: the difference is N(0, noise1 + noise2 + step^2), all that can be told."""
    low, high = (level.at_step(np.array([0.0, 30.0]), np.array([50.0, 50.0]), step)[2] for step in (0.0, 16.0))
    densities = [-0.5 * (np.log(100 + step**2) + 30**2 / (100 + step**2)) for step in (0, 16)]
    assert high - low == pytest.approx(densities[1] - densities[0])


def test_periods_without_answers_between_others_have_a_wider_level_and_those_outside_none() -> None:
    empty, month = counts(0, 0, 0), counts(50, 30, 20)
    found = level.smooth(series([empty, month, month, *[empty] * 6, month, month, empty]), 0.95)
    assert found is not None
    assert list(np.isnan(found.level)) == [True, *[False] * 10, True]
    width = found.high - found.low
    assert width[5] > width[2]
    assert width[5] > width[9]


def test_two_periods_have_no_level() -> None:
    assert level.smooth(series([counts(50, 30, 20)] * 2), 0.95) is None


def test_the_level_stays_on_the_scale() -> None:
    found = level.smooth(series([counts(9, 0, 0)] * 5), 0.99)
    assert found is not None
    assert found.high.max() == 100
    assert found.low.min() > 50
