"""Draws: answers as chance gives them, from shapes that are known."""

import numpy as np
from numpy.typing import NDArray

from analytics.estimation.estimate import Estimate, estimate
from analytics.estimation.series import Series, series

Shape = tuple[float, float, float]
# Shares of promoters, passives and detractors: every triple of tenths in which nobody is missing.
GRID: list[Shape] = [(p / 10, (10 - p - d) / 10, d / 10) for p in range(1, 9) for d in range(1, 10 - p)]
USUAL: Shape = (0.5, 0.3, 0.2)
MONTHS = 24


def nps(shape: Shape) -> float:
    """The true NPS of a shape, in points."""
    return 100 * (shape[0] - shape[2])


def moved(points: float, shape: Shape = USUAL) -> Shape:
    """The shape with its NPS lower by so many points, the passives unchanged where the shares allow it."""
    shares = np.clip([shape[0] - points / 200, shape[1], shape[2] + points / 200], 0, 1)
    promoters, passives, detractors = shares / shares.sum()
    return float(promoters), float(passives), float(detractors)


def eleven(three: NDArray[np.int64]) -> list[int]:
    """Eleven counts that make these promoters, passives and detractors."""
    return [int(three[2]), 0, 0, 0, 0, 0, 0, int(three[1]), 0, int(three[0]), 0]


def estimates(rng: np.random.Generator, n: int, shape: Shape, runs: int) -> list[Estimate]:
    """Estimates of so many samples of n answers."""
    return [estimate(eleven(three)) for three in rng.multinomial(n, shape, runs)]


def months(rng: np.random.Generator, n: int, lower: NDArray[np.float64], shape: Shape = USUAL) -> Series:
    """A series of months of about n answers, whose true NPS is lower by so many points each."""
    return series([eleven(rng.multinomial(rng.poisson(n), moved(points, shape))) for points in lower])


def quiet_months(rng: np.random.Generator, n: int, between: float, *, runs: int) -> list[Series]:
    """For each shape of the grid so many series in which nothing happens but chance, within and between months."""
    return [months(rng, n, rng.normal(0, between, MONTHS), shape) for shape in GRID for _ in range(runs)]
