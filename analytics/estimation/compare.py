"""Comparisons: the difference of two independent NPS, tested, and corrected for how many were compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt

from analytics.estimation.estimate import EXTRA_ALL, Estimate, adjusted, z_of

WIDEST = 200.0
VERDICT_FROM = 10  # answers on each side: below, neither test holds its level in the tails
POOLED_BELOW = 100  # answers on a side: from there on the two tests hardly differ


@dataclass(frozen=True, slots=True)
class Between:
    """What months that stray add to a difference: its variance, in points squared, and by how much they do, in points.

    `assumed` where too few months tell how much. Sides that were answered in the same days stray together: NEVER.
    """

    variance: float
    points: float | None
    assumed: bool


NEVER = Between(0.0, None, assumed=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two estimates to compare, and what lies between them apart from chance."""

    before: Estimate
    after: Estimate
    between: Between = NEVER


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from `before` to `after`, in points. `q_value` allows for everything compared together.

    `low` and `high` allow for it too: they hold zero just where the verdict is "no clear change".
    """

    before: Estimate
    after: Estimate
    change: float | None
    low: float | None
    high: float | None
    p_value: float | None
    q_value: float | None
    verdict: str
    between: Between = NEVER


@dataclass(frozen=True, slots=True)
class Test:
    """A difference as a test sees it, with its standard error; both in points."""

    centre: float
    error: float


def compare(pairs: Sequence[Pair]) -> list[Difference]:
    """The difference of each pair, with q-values, verdicts and intervals over all of them, in order.

    A change is called up or down where its q-value is below 1 - confidence.
    """
    differences = [difference(pair) for pair in pairs]
    q_values = benjamini_hochberg([d.p_value for d in differences])
    decided = [
        replace(d, q_value=q, verdict=verdict(d.change, q, d.after.confidence))
        for d, q in zip(differences, q_values, strict=True)
    ]
    share = share_called(d.verdict for d in decided)
    return [_at(d, (1 - d.after.confidence) * share) for d in decided]


def difference(pair: Pair) -> Difference:
    """The difference of two independent NPS, by itself: its interval and p-value, and no verdict yet.

    The point is raw, and none where a side has none. No test below 10 answers on a side.
    """
    before, after = pair.before, pair.after
    change = None if before.nps is None or after.nps is None else after.nps - before.nps
    alone = Difference(before, after, change, None, None, None, None, "too few", pair.between)
    tests = _tests(before, after, pair.between)
    if not tests:
        return replace(alone, between=NEVER)
    p_value = max(erfc(abs(test.centre) / test.error / sqrt(2)) for test in tests)
    return _at(replace(alone, p_value=p_value, verdict="no clear change"), 1 - after.confidence)


def _tests(before: Estimate, after: Estimate, between: Between) -> list[Test]:
    """The tests of a difference, which have to agree; none where there are too few answers.

    With pseudo-counts on each side: z = difference / sqrt(V1/n1 + V2/n2), V = p + d - (p - d)^2 (Rocks 2016). Where a
    side has fewer than 100 answers also with V of both sides together, as it is if nothing has changed: of a few
    skewed answers V is small when they happen to be alike, and the first test then cries wolf. What months that
    stray add is added to either.
    """
    then, now = before.sides, after.sides
    if then is None or now is None or min(before.responses, after.responses) < VERDICT_FROM:
        return []
    a, b = adjusted(*then), adjusted(*now)
    apart = 100**2 * (a.variance_of_mean + b.variance_of_mean)
    tests = [Test(100 * (b.mean - a.mean), sqrt(apart + between.variance))]
    if min(before.responses, after.responses) < POOLED_BELOW:
        raw = (after.nps or 0.0) - (before.nps or 0.0)
        tests.append(Test(raw, sqrt(pooled(before, after) + between.variance)))
    return tests


def pooled(before: Estimate, after: Estimate) -> float:
    """The variance of a difference where nothing changed, in points squared: that of both sides together.

    With the interval's pseudo-counts.
    """
    assert before.sides is not None  # noqa: S101 - whoever has no sides is not compared
    assert after.sides is not None  # noqa: S101 - likewise
    together = adjusted(*(a + b for a, b in zip(before.sides, after.sides, strict=True)))
    variance = 100**2 * together.variance_of_mean * (before.responses + after.responses + EXTRA_ALL)
    return variance * (1 / before.responses + 1 / after.responses)


def _at(d: Difference, alpha: float) -> Difference:
    """The difference with what its tests do not refuse at this level."""
    if d.change is None or not (tests := _tests(d.before, d.after, d.between)):
        return d
    z = z_of(1 - alpha)
    low = min(test.centre - z * test.error for test in tests)
    high = max(test.centre + z * test.error for test in tests)
    return replace(d, low=max(-WIDEST, min(d.change, low)), high=min(WIDEST, max(d.change, high)))


def share_called(verdicts: Iterable[str]) -> float:
    """The share of what was tested that is called up or down, one of them at least: the level of its intervals.

    Intervals of those called, each at 1 - alpha x share, miss the true change with alpha on average (Y. Benjamini and
    D. Yekutieli, "False Discovery Rate-Adjusted Multiple Confidence Intervals", JASA 100, 2005); at that level an
    interval holds zero just where its q-value is not below alpha.
    """
    tested = [word for word in verdicts if word != "too few"]
    return max(1, sum(word in ("up", "down") for word in tested)) / max(1, len(tested))


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
