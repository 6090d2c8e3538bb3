"""Comparisons: the difference of two independent NPS, tested, and corrected for how many were compared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt

from analytics.estimation.estimate import INTERVAL_FROM, Estimate, adjusted, z_of

WIDEST = 200.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from `before` to `after`, in points. `q_value` allows for everything compared together."""

    before: Estimate
    after: Estimate
    change: float | None
    low: float | None
    high: float | None
    p_value: float | None
    q_value: float | None
    verdict: str


def compare(pairs: Sequence[tuple[Estimate, Estimate]]) -> list[Difference]:
    """The difference of each pair (before, after), with q-values and verdicts over all of them, in order.

    A change is called up or down where its q-value is below 1 - confidence.
    """
    differences = [difference(before, after) for before, after in pairs]
    q_values = benjamini_hochberg([d.p_value for d in differences])
    return [
        replace(d, q_value=q, verdict=verdict(d.change, q, d.after.confidence))
        for d, q in zip(differences, q_values, strict=True)
    ]


def difference(before: Estimate, after: Estimate) -> Difference:
    """The difference of two independent NPS, with its own p-value and no verdict yet.

    The point is raw, and none where a side has none. Interval and p-value use the pseudo-counts of the estimate:
    z = difference / sqrt(V1/n1 + V2/n2), V = p + d - (p - d)^2 (Rocks 2016).
    """
    change = None if before.nps is None or after.nps is None else after.nps - before.nps
    then, now = before.sides, after.sides
    if change is None or then is None or now is None or min(before.responses, after.responses) < INTERVAL_FROM:
        return Difference(before, after, change, None, None, None, None, "too few")
    a, b = adjusted(*then), adjusted(*now)
    error = sqrt(a.variance_of_mean + b.variance_of_mean)
    centre, margin = 100 * (b.mean - a.mean), 100 * z_of(after.confidence) * error
    return Difference(
        before,
        after,
        change,
        low=max(-WIDEST, min(change, centre - margin)),
        high=min(WIDEST, max(change, centre + margin)),
        p_value=erfc(abs(b.mean - a.mean) / error / sqrt(2)),
        q_value=None,
        verdict="no clear change",
    )


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """The q-value of each p-value (Benjamini and Hochberg 1995, step up); nulls stay null and are not counted."""
    ranked = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    q_values: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    for rank in range(len(ranked), 0, -1):
        p, i = ranked[rank - 1]
        smallest = min(smallest, p * (len(ranked) / rank))
        q_values[i] = smallest
    return q_values


def verdict(change: float | None, q_value: float | None, confidence: float) -> str:
    """Up or down where the q-value is below 1 - confidence; `too few` where there is none."""
    if q_value is None or change is None:
        return "too few"
    if q_value >= 1 - confidence or change == 0:
        return "no clear change"
    return "up" if change > 0 else "down"
