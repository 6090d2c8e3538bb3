"""Straying: how much the score of months differs beyond who happened to answer, although nothing lasting changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import exp, log

from analytics.estimation.estimate import EXTRA_ALL, INTERVAL_FROM, adjusted

LEAST_MONTHS = 6  # with fewer of them the figure is mostly what is usual
USUAL_POINTS = 4.0
UPPER = 0.9  # the limit that is taken, so that a lucky quiet stretch does not promise too much
DEGREES = 3
SCALE = USUAL_POINTS / 1.6377  # Student's t with 3 degrees of freedom lies within 1.6377 in 80 %
STEP, MOST_POINTS = 0.5, 40.0
GRID = [STEP * (place + 0.5) for place in range(int(MOST_POINTS / STEP))]
Sides = tuple[int, int, int]  # promoters, passives, detractors


@dataclass(frozen=True, slots=True)
class Straying:
    """The standard deviation of the months' true scores, in points; `assumed` where too few months tell it."""

    points: float
    assumed: bool


def straying(*stretches: Iterable[Sides]) -> Straying:
    """How much months stray around the level of their stretch: the upper 90 % limit of what they and the usual tell.

    With y the months' scores, v = V/n their variances by sampling and t the variance between them, the restricted
    likelihood is that of weights w = 1/(v + t): prod w^(1/2) (sum w)^(-1/2) exp(-Q/2), Q = sum w (y - weighted
    mean)^2. Its prior for sqrt(t) is a half-t with 3 degrees of freedom that lies below 4 points in 80 % (A. Gelman,
    Bayesian Analysis 1(3), 2006), so that months of few answers, which tell little, are taken for usual ones. Months
    with fewer than 5 answers are passed over.
    """
    counted = [tuple(month for month in months if sum(month) >= INTERVAL_FROM) for months in stretches]
    return _straying(tuple(months for months in counted if len(months) > 1))


@lru_cache(maxsize=1024)
def _straying(stretches: tuple[tuple[Sides, ...], ...]) -> Straying:
    each = [_log_likelihoods(months) for months in stretches]
    likelihoods = [sum(column) for column in zip([0.0] * len(GRID), *each, strict=True)]
    most = max(likelihoods)
    weights = [_prior(points) * exp(own - most) for points, own in zip(GRID, likelihoods, strict=True)]
    free = sum(len(months) - 1 for months in stretches)
    return Straying(_quantile(weights), assumed=free < LEAST_MONTHS - 1)


def share_of_variance(answers: Sequence[int]) -> float:
    """By what to multiply the variance between months in a score of months with so many answers: sum (n/N)^2."""
    whole = sum(answers)
    return sum((n / whole) ** 2 for n in answers) if whole else 0.0


def _log_likelihoods(months: Sequence[Sides]) -> list[float]:
    """The logarithm of the restricted likelihood at each point of the grid."""
    together = adjusted(*map(sum, zip(*months, strict=True)))
    variance = 100**2 * together.variance_of_mean * (sum(map(sum, months)) + EXTRA_ALL)
    scores = [100 * (month[0] - month[2]) / sum(month) for month in months]
    sampled = [variance / sum(month) for month in months]
    return [_log_likelihood(scores, sampled, points**2) for points in GRID]


def _log_likelihood(scores: Sequence[float], sampled: Sequence[float], between: float) -> float:
    weights = [1 / (v + between) for v in sampled]
    whole = sum(weights)
    mean = sum(w * y for w, y in zip(weights, scores, strict=True)) / whole
    squares = sum(w * (y - mean) ** 2 for w, y in zip(weights, scores, strict=True))
    return (sum(map(log, weights)) - log(whole) - squares) / 2


def _prior(points: float) -> float:
    density: float = (1 + (points / SCALE) ** 2 / DEGREES) ** (-(DEGREES + 1) / 2)
    return density


def _quantile(weights: Sequence[float]) -> float:
    """Where UPPER of the weights of the grid lie below."""
    sums = list(accumulate(weights))
    wanted = UPPER * sums[-1]
    place = next(i for i, reached in enumerate(sums) if reached >= wanted)
    return STEP * (place + 1 - (sums[place] - wanted) / weights[place])
