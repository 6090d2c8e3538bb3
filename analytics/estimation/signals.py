"""Signals: which periods of a series lie further from the rest than chance, and where it seems to shift."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from ruptures.base import BaseCost
from ruptures.detection import Pelt

from analytics.estimation.estimate import INTERVAL_FROM
from analytics.estimation.series import Flags, Numbers, Series

LEAST_PERIODS = 6
LIMIT = 3.0  # standard deviations, as Shewhart set them
MEAN_RANGE = 1.128  # of two standard normal values: 2 / sqrt(pi)
RANGE_LIMIT = 3.267  # times their mean: D4 of a range of two
SHORTEST = 3
MOST_PERIODS = 400  # the search takes a time that grows with their square
PENALTY = 3.0


@dataclass(frozen=True, slots=True)
class Shift:
    """The period a shift begins with, and the level before and since, in points, each up to the next shift."""

    place: int
    before: float
    since: float


def above_or_below(series: Series) -> list[str | None]:
    """`above` or `below` for each period beyond the limits of a p' chart, null for all others.

    z(t) is the period's score less that of all answers, over the standard error of that difference. The limits
    are 3 sigma_z, with sigma_z = mean |z(t) - z(t-1)| / 1.128, at least 1: periods that differ by more than
    sampling widen them (D. B. Laney, "Improved Control Charts for Attributes", Quality Engineering 14(4), 2002).
    Periods with fewer than 5 answers are passed over; below 6 others there are no limits.
    """
    signals: list[str | None] = [None] * len(series.nps)
    for place, z in zip(np.flatnonzero(_counted(series)), _scaled(series), strict=False):
        if abs(z) > LIMIT:
            signals[place] = "above" if z > 0 else "below"
    return signals


def shifts(series: Series) -> list[Shift]:
    """Where the series seems to go over to another level: a hint from a search, not a test.

    Least weighted squares with weights n(t)/V over sigma_z^2 and a penalty of 3 log(T) per shift, solved exactly
    by PELT (Killick, Fearnhead and Eckley, JASA 107, 2012); each level lasts three periods or more. T counts the
    periods with 5 answers or more; below 6 or above 400 of them there is no search.
    """
    counted = _counted(series)
    kept = series.where(counted)
    periods = len(kept.nps)
    if not LEAST_PERIODS <= periods <= MOST_PERIODS:
        return []
    weights = 1 / (kept.error * _sigma(_z(kept))) ** 2
    search = Pelt(custom_cost=WeightedSquares(), min_size=SHORTEST, jump=1).fit(np.column_stack([kept.nps, weights]))
    ends = [0, *search.predict(pen=PENALTY * np.log(periods))]
    levels = [np.average(kept.nps[a:b], weights=kept.responses[a:b]) for a, b in pairwise(ends)]
    places = np.flatnonzero(counted)
    return [
        Shift(int(places[end]), float(before), float(since))
        for end, (before, since) in zip(ends[1:-1], pairwise(levels), strict=True)
    ]


class WeightedSquares(BaseCost):  # type: ignore[misc]
    """The weighted squares around the weighted mean of a stretch; the signal has columns of values and weights."""

    model = "weighted squares"
    min_size = SHORTEST

    def fit(self, signal: Numbers) -> "WeightedSquares":
        """Add up once, so that every stretch costs the same to read."""
        self.signal = signal
        values, weights = signal.T
        powers = [weights, weights * values, weights * values**2]
        self.sums = np.hstack([np.zeros((3, 1)), np.cumsum(powers, axis=1)])
        return self

    def error(self, start: int, end: int) -> float:
        """The cost of the stretch from `start` to before `end`."""
        weight, first, second = self.sums[:, end] - self.sums[:, start]
        return float(second - first**2 / weight)


def _counted(series: Series) -> Flags:
    counted: Flags = series.responses >= INTERVAL_FROM
    return counted


def _scaled(series: Series) -> Numbers:
    """z of each counted period over sigma_z; empty where there are too few of them."""
    kept = series.where(_counted(series))
    if len(kept.nps) < LEAST_PERIODS:
        return np.array([])
    z = _z(kept)
    scaled: Numbers = z / _sigma(z)
    return scaled


def _z(kept: Series) -> Numbers:
    """Each period against all: a period is part of all, so its error is that of n less all N: V (1/n - 1/N)."""
    everyone = kept.responses.sum()
    centre = (kept.nps * kept.responses).sum() / everyone
    error: Numbers = np.sqrt(kept.variance * (1 / kept.responses - 1 / everyone))
    z: Numbers = (kept.nps - centre) / error
    return z


def _sigma(z: Numbers) -> float:
    """How much more than sampling the periods differ, from one to the next; at least 1.

    Ranges beyond their own limit are left out once, lest one odd period hide all others (L. S. Nelson, "Control
    Charts for Individual Measurements", Journal of Quality Technology 14(3), 1982).
    """
    ranges = np.abs(np.diff(z))
    return max(1.0, float(ranges[ranges <= RANGE_LIMIT * ranges.mean()].mean()) / MEAN_RANGE)
