"""Straying: how much the score of months differs beyond who happened to answer, although nothing lasting changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from analytics.estimation.estimate import EXTRA_ALL, INTERVAL_FROM, adjusted

LEAST_MONTHS = 6
ASSUMED_POINTS = 4.0
UPPER = 0.8  # the limit that is taken, so that a lucky quiet stretch does not promise too much
MOST_POINTS = 100.0
Sides = tuple[int, int, int]  # promoters, passives, detractors


@dataclass(frozen=True, slots=True)
class Straying:
    """The standard deviation of the months' true scores, in points; `assumed` where too few months tell it."""

    points: float
    assumed: bool


def straying(months: Sequence[Sides]) -> Straying:
    """How much months stray: the upper 80 % limit by the Q-profile method, from 6 months with 5 answers or more.

    With y the months' scores, v = V/n their variances by sampling, and weights 1/(v + t): Q(t) = sum of weights x
    (y - weighted mean)^2 has a chi-squared distribution with M - 1 degrees of freedom where t is the true variance
    between months, and falls as t grows (W. Viechtbauer, Statistics in Medicine 26(1), 2007). For months of one size
    that is the upper limit of the dispersion phi (McCullagh and Nelder, "Generalized Linear Models", 1989, 4.5).
    """
    counted = [month for month in months if sum(month) >= INTERVAL_FROM]
    if len(counted) < LEAST_MONTHS:
        return Straying(ASSUMED_POINTS, assumed=True)
    from scipy.special import chdtri

    together = adjusted(*map(sum, zip(*counted, strict=True)))
    variance = 100**2 * together.variance_of_mean * (sum(map(sum, counted)) + EXTRA_ALL)
    scores = [100 * (month[0] - month[2]) / sum(month) for month in counted]
    sampled = [variance / sum(month) for month in counted]
    limit = float(chdtri(len(counted) - 1, UPPER))  # the value that chi-squared exceeds with UPPER
    return Straying(sqrt(_root(lambda t: _q(scores, sampled, t) - limit)), assumed=False)


def share_of_variance(answers: Sequence[int]) -> float:
    """By what to multiply the variance between months in a score of months with so many answers: sum (n/N)^2."""
    whole = sum(answers)
    return sum((n / whole) ** 2 for n in answers) if whole else 0.0


def _q(scores: Sequence[float], sampled: Sequence[float], between: float) -> float:
    weights = [1 / (v + between) for v in sampled]
    mean = sum(w * y for w, y in zip(weights, scores, strict=True)) / sum(weights)
    return sum(w * (y - mean) ** 2 for w, y in zip(weights, scores, strict=True))


def _root(falling: Callable[[float], float]) -> float:
    """Where a falling function of a variance is zero, to a hundredth of a point squared; 0 where it begins below."""
    low, high = 0.0, MOST_POINTS**2
    if falling(low) <= 0:
        return 0.0
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return high
