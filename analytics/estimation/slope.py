"""Slope: whether a series goes up or down along its whole length."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtr, stdtrit

from analytics.estimation.series import Series

LEAST_PERIODS = 8


@dataclass(frozen=True, slots=True)
class Slope:
    """Points per period, with its interval and p-value."""

    slope: float
    low: float
    high: float
    p_value: float


def slope(series: Series, confidence: float) -> Slope | None:
    """The weighted least-squares slope; none below eight periods with answers.

    Weights n(t)/V. The squared standard error is multiplied by phi = max(1, chi2/(T-2)), chi2 the weighted squares
    of the residuals, because periods differ by more than sampling; interval and p-value are of Student's t with
    T-2 degrees of freedom (McCullagh and Nelder, "Generalized Linear Models", 1989, section 4.5, for phi).
    """
    answered = series.responses > 0
    kept, place = series.where(answered), np.flatnonzero(answered).astype(float)
    free = len(kept.nps) - 2
    if free + 2 < LEAST_PERIODS:
        return None
    weights = 1 / kept.error**2
    x = place - np.average(place, weights=weights)
    y = kept.nps - np.average(kept.nps, weights=weights)
    spread = float((weights * x**2).sum())
    steepness = float((weights * x * y).sum()) / spread
    phi = max(1.0, float((weights * (y - steepness * x) ** 2).sum()) / free)
    error = sqrt(phi / spread)
    reach = float(stdtrit(free, (1 + confidence) / 2)) * error
    return Slope(steepness, steepness - reach, steepness + reach, 2 * float(stdtr(free, -abs(steepness) / error)))
