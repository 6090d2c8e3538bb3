"""Estimates: the NPS of counts with its interval.

Counts are those of the scores 0 to 10 and, where three more stand behind them, of the promoters, passives and
detractors of which no more than that is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

INTERVAL_FROM = 5  # below this many answers an interval would promise more than they carry
SOUND_FROM = 30
NEARLY_ALL_PERCENT = 90
CATEGORIES = ("promoters", "passives", "detractors")
EXTRA_ENDS, EXTRA_ALL = 0.75, 3.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """An NPS in points with its interval and the counts behind it; null where there is none.

    `suppressed` where a rule of disclosure withholds figures. Where it does so because nearly all answered alike,
    `nearly_all` names their category, of NEARLY_ALL_PERCENT or more, and only `responses` is shown beside it.
    """

    nps: float | None
    low: float | None
    high: float | None
    confidence: float
    responses: int
    promoters: int | None
    passives: int | None
    detractors: int | None
    indicative: bool
    suppressed: bool = False
    nearly_all: str | None = None

    @property
    def sides(self) -> tuple[int, int, int] | None:
        """Promoters, passives and detractors, where they are shown."""
        if self.promoters is None or self.passives is None or self.detractors is None:
            return None
        return self.promoters, self.passives, self.detractors


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Mean and variance of the mean, both in shares rather than points, after the pseudo-counts."""

    mean: float
    variance_of_mean: float


def estimate(
    counts: Sequence[int], confidence: float = 0.95, *, anonymous: bool = False, moved: bool = False
) -> Estimate:
    """The estimate of eleven counts, or fourteen, clipped to -100 and +100 points.

    The point is the raw NPS. The interval is the adjusted Wald interval with pseudo-counts 3/4, 3/2, 3/4
    (B. Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70(4), 2016),
    widened where needed to contain the point. None at n = 0; no interval below 5 answers; 1 to 29 indicative.
    `anonymous` answers show nothing but their number where nearly all lie in one category; `moved` says that the
    answers of the group were counted elsewhere, so that having none is no finding.
    """
    promoters, passives, detractors = split(counts)
    n = promoters + passives + detractors
    indicative = 0 < n < SOUND_FROM
    if anonymous and (category := nearly_all(counts)):
        return Estimate(
            None, None, None, confidence, n, None, None, None, indicative, suppressed=True, nearly_all=category
        )
    nps = 100 * (promoters - detractors) / n if n else None
    low = high = None
    if nps is not None and n >= INTERVAL_FROM:
        centre = adjusted(promoters, passives, detractors)
        margin = 100 * z_of(confidence) * sqrt(centre.variance_of_mean)
        low = max(-100.0, min(nps, 100 * centre.mean - margin))
        high = min(100.0, max(nps, 100 * centre.mean + margin))
    suppressed = moved and n == 0
    return Estimate(nps, low, high, confidence, n, promoters, passives, detractors, indicative, suppressed)


def nearly_all(counts: Sequence[int]) -> str | None:
    """The category that holds NEARLY_ALL_PERCENT or more of the answers, if one does."""
    sides = split(counts)
    least = NEARLY_ALL_PERCENT * sum(sides)
    return next((name for name, n in zip(CATEGORIES, sides, strict=True) if n and 100 * n >= least), None)


def split(counts: Sequence[int]) -> tuple[int, int, int]:
    """Promoters (9, 10), passives (7, 8) and detractors (0 to 6) of counts; a count below zero is none."""
    whole = [max(0, int(c)) for c in counts]
    promoters, passives, detractors = whole[11:] or (0, 0, 0)
    return sum(whole[9:11]) + promoters, sum(whole[7:9]) + passives, sum(whole[:7]) + detractors


def adjusted(promoters: float, passives: float, detractors: float) -> Adjusted:
    """The mean of the +1, 0, -1 codes and its variance, with Rocks' pseudo-counts added."""
    n = promoters + passives + detractors + EXTRA_ALL
    p, d = (promoters + EXTRA_ENDS) / n, (detractors + EXTRA_ENDS) / n
    return Adjusted(p - d, (p + d - (p - d) ** 2) / n)


@lru_cache(maxsize=256)
def z_of(confidence: float) -> float:
    """The two-sided standard normal quantile of a confidence: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
