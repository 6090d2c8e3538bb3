"""Effects: what changed with an initiative, from counts per period, with weeks that differ by more than sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from analytics.estimation.estimate import EXTRA_ALL, adjusted

LEAST_PERIODS = 5
PARAMETERS = 2  # a level before and a level after
ONE_SIDED_5_PERCENT = 1.645
ROUNDING = 1e-9  # below this the weeks are alike but for the rounding of their means
Three = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Period:
    """Promoters, passives and detractors of one period, in the scope and, where there is one, its comparison.

    `index` counts periods from the start of the initiative; those before it are below zero.
    """

    index: int
    scope: Three
    comparison: Three | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What changed, in points. `phi` is how many times the variance between periods is that of sampling alone.

    `autocorrelation` is that of neighbouring residuals; `drift` the p-value of a slope before the start.
    """

    effect: float
    low: float
    high: float
    p_value: float
    phi: float
    periods_before: int
    periods_after: int
    n: int
    n_comparison: int
    confidence: float
    compared: bool
    autocorrelation: float
    autocorrelated: bool
    drift: float

    @property
    def verdict(self) -> str:
        """up, down or no clear change, at the confidence asked for."""
        if self.p_value >= 1 - self.confidence:
            return "no clear change"
        return "up" if self.effect > 0 else "down"


@dataclass(frozen=True, slots=True)
class _Level:
    """The weighted mean of one side's values (points), its variance from sampling, and the squared residuals."""

    mean: float
    variance: float
    chi_squared: float
    residuals: tuple[tuple[int, float], ...]


def usable(periods: Sequence[Period]) -> list[Period]:
    """The periods with answers in the scope and, where there is one, in the comparison."""
    return [p for p in periods if sum(p.scope) > 0 and (p.comparison is None or sum(p.comparison) > 0)]


def effect(periods: Sequence[Period], confidence: float = 0.95) -> Effect | None:
    """The level after the start less the level before it, or None below 5 usable periods on a side.

    A period's value is its NPS, or that less the comparison's (difference in differences, e.g. Angrist and
    Pischke 2009, ch. 5); it is weighted by the inverse of its sampling variance. The variance of the difference is
    multiplied by phi = max(1, chi^2 / (T - 2)), the quasi-likelihood correction for overdispersion (McCullagh
    and Nelder 1989, 4.5), and tested by Student's t with T - 2 degrees of freedom.
    """
    from scipy.special import stdtr, stdtrit

    before = usable([p for p in periods if p.index < 0])
    after = usable([p for p in periods if p.index >= 0])
    if min(len(before), len(after)) < LEAST_PERIODS:
        return None
    levels = [_level(side) for side in (before, after)]
    freedom = len(before) + len(after) - PARAMETERS
    phi = max(1.0, sum(level.chi_squared for level in levels) / freedom)
    error = sqrt(phi * sum(level.variance for level in levels))
    moved = levels[1].mean - levels[0].mean
    margin = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    residuals = [*levels[0].residuals, *levels[1].residuals]
    correlation = _autocorrelation(residuals)
    return Effect(
        effect=moved, low=moved - margin, high=moved + margin,
        p_value=2 * float(stdtr(freedom, -abs(moved) / error)), phi=phi,
        periods_before=len(before), periods_after=len(after),
        n=sum(sum(p.scope) for p in (*before, *after)),
        n_comparison=sum(sum(p.comparison or ()) for p in (*before, *after)),
        confidence=confidence, compared=before[0].comparison is not None,
        autocorrelation=correlation, autocorrelated=correlation > ONE_SIDED_5_PERCENT / sqrt(len(residuals)),
        drift=_drift(before),
    )  # fmt: skip


def _level(side: Sequence[Period]) -> _Level:
    values = _values(side)
    weights = [1 / variance for _, variance in values]
    total = sum(weights)
    mean = sum(w * value for w, (value, _) in zip(weights, values, strict=True)) / total
    residuals = tuple(
        (p.index, (value - mean) * sqrt(w)) for p, w, (value, _) in zip(side, weights, values, strict=True)
    )
    return _Level(mean, 1 / total, sum(r * r for _, r in residuals), residuals)


def _values(side: Sequence[Period]) -> list[tuple[float, float]]:
    """Value and sampling variance of each period; the variance of one answer is pooled over the side.

    Pooled, so that a week in which all agree by chance does not get the weight of certainty.
    """
    in_scope = _variance_of_one([p.scope for p in side])
    in_comparison = _variance_of_one([p.comparison for p in side if p.comparison])
    return [
        (_nps(p.scope), in_scope / sum(p.scope))
        if p.comparison is None
        else (_nps(p.scope) - _nps(p.comparison), in_scope / sum(p.scope) + in_comparison / sum(p.comparison))
        for p in side
    ]


def _variance_of_one(counts: Sequence[Three]) -> float:
    promoters, passives, detractors = (sum(c[i] for c in counts) for i in range(3))
    pooled = adjusted(promoters, passives, detractors)
    return 1e4 * pooled.variance_of_mean * (promoters + passives + detractors + EXTRA_ALL)


def _nps(counts: Three) -> float:
    return 100 * (counts[0] - counts[2]) / sum(counts)


def _autocorrelation(residuals: Sequence[tuple[int, float]]) -> float:
    """The correlation of residuals with those of the period before; gaps are no neighbours."""
    squares = sum(r * r for _, r in residuals)
    products = sum(a * b for (i, a), (j, b) in pairwise(residuals) if j == i + 1)
    return products / squares if squares > ROUNDING else 0.0


def _drift(side: Sequence[Period]) -> float:
    """The two-sided p-value of a straight line through the periods before the start, overdispersion corrected."""
    from scipy.special import stdtr

    values = _values(side)
    weights = [1 / variance for _, variance in values]
    total = sum(weights)
    x0 = sum(w * p.index for w, p in zip(weights, side, strict=True)) / total
    y0 = sum(w * value for w, (value, _) in zip(weights, values, strict=True)) / total
    rows = [(w, p.index - x0, value - y0) for w, p, (value, _) in zip(weights, side, values, strict=True)]
    spread = sum(w * x * x for w, x, _ in rows)
    slope = sum(w * x * y for w, x, y in rows) / spread
    freedom = len(side) - PARAMETERS
    phi = max(1.0, sum(w * (y - slope * x) ** 2 for w, x, y in rows) / freedom)
    return 2 * float(stdtr(freedom, -abs(slope) * sqrt(spread / phi)))
