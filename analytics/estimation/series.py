"""Series: the counts of periods that follow each other, as the statistics of a trend read them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.estimation.estimate import EXTRA_ALL, adjusted, split

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Series:
    """The score of each period in points (nan where nobody answered), its answers, and the variance of one answer.

    `variance` (points squared) is that of all the periods' answers together, with the pseudo-counts of the
    interval. A period's own variance is bound to its own score, so that weighting by it would pull every mean
    towards -100 or 100.
    """

    nps: Numbers
    responses: Numbers
    variance: float

    @property
    def error(self) -> Numbers:
        """The standard error of each period in points; infinite where nobody answered."""
        with np.errstate(divide="ignore"):
            return np.sqrt(self.variance / self.responses)

    def where(self, chosen: Flags) -> "Series":
        """The chosen periods only."""
        return Series(self.nps[chosen], self.responses[chosen], self.variance)


def series(counts: Sequence[Sequence[int]]) -> Series:
    """The series of the counts of each period, as `split` reads them, in order; at least one period."""
    sides = np.array([split(own) for own in counts], dtype=float)
    responses = sides.sum(axis=1)
    with np.errstate(invalid="ignore"):
        nps = 100 * (sides[:, 0] - sides[:, 2]) / responses
    promoters, passives, detractors = (int(n) for n in sides.sum(axis=0))
    pooled = adjusted(promoters, passives, detractors).variance_of_mean * (responses.sum() + EXTRA_ALL)
    return Series(nps, responses, 100**2 * float(pooled))
