"""Level: where the score of a series lies beneath the chance of who answered, smoothed over its periods."""

from dataclasses import dataclass

import numpy as np
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from analytics.estimation.estimate import z_of
from analytics.estimation.series import Numbers, Series

LEAST_PERIODS = 3
# How far the level may move from one period to the next, as a standard deviation in points.
STEPS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class Level:
    """The level of each period and the ends of its interval in points; nan before the first and after the last."""

    level: Numbers
    low: Numbers
    high: Numbers


def smooth(series: Series, confidence: float) -> Level | None:
    """The local-level model with known measurement variance; none below three periods with answers.

    score(t) = level(t) + e(t), e ~ N(0, V/n(t)); level(t+1) = level(t) + u(t), u ~ N(0, step^2); a flat start.
    Filtered and smoothed as in Durbin and Koopman, "Time Series Analysis by State Space Methods" (2012), chapters
    2 and 4. `step` is not known and often estimated as zero from few periods, so the smoothed levels of all STEPS
    are averaged by their likelihood, and their spread counts in the interval.
    """
    answered = np.flatnonzero(series.responses > 0)
    if len(answered) < LEAST_PERIODS:
        return None
    inside = slice(answered[0], answered[-1] + 1)
    scores, noise = series.nps[inside], series.error[inside] ** 2
    noise[~np.isfinite(noise)] = 1.0  # read by nobody: the filter passes over periods without a score
    smoothed = [at_step(scores, noise, step) for step in STEPS]
    levels, variances, likelihoods = (np.array(part) for part in zip(*smoothed, strict=True))
    weights = np.exp(likelihoods - likelihoods.max())
    weights = (weights / weights.sum())[:, None]
    mean = (weights * levels).sum(axis=0)
    reach = z_of(confidence) * np.sqrt((weights * (variances + (levels - mean) ** 2)).sum(axis=0))
    whole = np.full((3, len(series.nps)), np.nan)
    whole[:, inside] = np.clip([mean, mean - reach, mean + reach], -100, 100)
    return Level(*whole)


def at_step(scores: Numbers, noise: Numbers, step: float) -> tuple[Numbers, Numbers, float]:
    """The smoothed level, its variance, and the log-likelihood, if the level moves by `step` points a period.

    `noise` is the variance of each score; periods whose score is nan are passed over.
    """
    model = KalmanSmoother(1, 1, 1, design=[[1.0]], transition=[[1.0]], selection=[[1.0]], state_cov=[[step**2]])
    model.bind(np.ascontiguousarray(scores))
    model["obs_cov"] = noise[None, None, :]
    model.initialize_diffuse()
    states = model.smooth()
    return states.smoothed_state[0], states.smoothed_state_cov[0, 0], float(states.llf)
