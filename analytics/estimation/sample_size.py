"""Sample size: how many answers a wanted margin, or a change to detect, takes."""

from math import ceil, inf

from analytics.estimation.estimate import EXTRA_ALL, z_of

USUAL_SPREAD = 0.67  # of one answer coded +1, 0, -1; 1 would be half promoters and half detractors
POWER = 0.8


def for_margin(points: float, *, confidence: float = 0.95, spread: float = USUAL_SPREAD) -> int:
    """Answers after which the interval reaches `points` either side: n = z^2 V / margin^2 - 3.

    V is the spread, the variance of one answer coded +1, 0, -1; 3 is what the pseudo-counts of the interval add
    (Sauro and Lewis, MeasuringU, "Sample sizes for Net Promoter Scores").
    """
    return max(1, ceil(spread * (z_of(confidence) / (points / 100)) ** 2 - EXTRA_ALL))


def for_change(
    points: float,
    *,
    confidence: float = 0.95,
    power: float = POWER,
    spread: float = USUAL_SPREAD,
    baseline: int | None = None,
) -> int | None:
    """Answers now, after which one two-sided test detects a true change of `points` with this power.

    The two samples are alike in size, n = 2 V ((z + z_power) / change)^2 - 3, unless there is a `baseline` of so many
    answers: 1/(n + 3) = (change / (z + z_power))^2 / V - 1/(baseline + 3). None where that baseline is too
    small for any number of answers now (Cohen, "Statistical Power Analysis", 1988, chapter 2, for means).
    """
    # Two-sided at 2 power - 1 puts `power` below the quantile.
    wanted = ((points / 100) / (z_of(confidence) + z_of(2 * power - 1))) ** 2 / spread
    left = wanted / 2 if baseline is None else wanted - 1 / (baseline + EXTRA_ALL)
    answers = 1 / left - EXTRA_ALL if left > 0 else inf
    return None if answers == inf else max(1, ceil(answers))
