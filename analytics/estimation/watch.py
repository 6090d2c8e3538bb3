"""Watch: a baseline that may be looked at as often as one likes, by a test that is valid at every look."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import exp, log, sqrt

from analytics.estimation.compare import (
    NEVER,
    VERDICT_FROM,
    WIDEST,
    Between,
    Difference,
    benjamini_hochberg,
    pooled,
    share_called,
    verdict,
)
from analytics.estimation.estimate import Estimate

TAU = 10.0  # points: the changes that the test is best at finding are about this large


@dataclass(frozen=True, slots=True)
class Watched(Difference):
    """A difference with what holds at every look; the verdict is that of `q_value_always`."""

    low_always: float | None = None
    high_always: float | None = None
    p_value_always: float | None = None
    q_value_always: float | None = None


def watch(differences: Sequence[Difference]) -> list[Watched]:
    """The same differences with verdicts that stay right however often one looks, in order.

    The p-values are reciprocals of e-values, so that correcting them as Benjamini and Hochberg do is the e-BH
    procedure: it holds for dependent groups too (Wang and Ramdas, JRSS B 84(3), 2022).
    """
    p_values = [always(d.before, d.after, d.between) for d in differences]
    q_values = benjamini_hochberg(p_values)
    verdicts = [verdict(d.change, q, d.after.confidence) for d, q in zip(differences, q_values, strict=True)]
    share = share_called(verdicts)
    watched = []
    for d, p, q, word in zip(differences, p_values, q_values, verdicts, strict=True):
        low, high = _interval(d, (1 - d.after.confidence) * share) if p is not None else (None, None)
        own = {field.name: getattr(d, field.name) for field in fields(Difference)} | {"verdict": word}
        watched.append(Watched(**own, low_always=low, high_always=high, p_value_always=p, q_value_always=q))
    return watched


def always(before: Estimate, after: Estimate, between: Between = NEVER) -> float | None:
    """A p-value for "nothing has changed" that may be read after every answer.

    None below 10 answers on a side, and where a side does not show its figures.

    The mixture sequential probability ratio test: with D the difference of the raw scores, v = V (1/n1 + 1/n2) its
    variance, to which months that stray add theirs, and a change of N(0, TAU^2) as the alternative, the likelihood
    ratio is

        L = sqrt(v / (v + TAU^2)) exp(D^2 TAU^2 / (2 v (v + TAU^2))),   p = min(1, 1/L).

    `before` is frozen and `after` grows, so two looks have the covariance of the later look's variance; D/v then
    has independent increments, L is a martingale where nothing changed, and the chance that it ever reaches
    1/alpha is at most alpha (Ville 1939; Robbins 1970; Johari, Pekelis and Walsh 2017). V is that of both sides
    together, as it is where nothing changed: of one side it is small just when its answers happen to be alike. D is
    raw, since pseudo-counts would pull a small sample away from a large one.
    """
    if min(before.responses, after.responses) < VERDICT_FROM or before.sides is None or after.sides is None:
        return None
    change, v = _moved(before, after, between)
    exponent = change**2 * TAU**2 / (2 * v * (v + TAU**2))
    return min(1.0, sqrt((v + TAU**2) / v) * exp(-exponent))


def _interval(d: Difference, alpha: float) -> tuple[float, float]:
    """The changes that the test does not refuse at this level: at every look at once they hold the true one."""
    change, v = _moved(d.before, d.after, d.between)
    reach = sqrt(v * (v + TAU**2) / TAU**2 * (2 * log(1 / alpha) + log((v + TAU**2) / v)))
    return max(-WIDEST, change - reach), min(WIDEST, change + reach)


def _moved(before: Estimate, after: Estimate, between: Between) -> tuple[float, float]:
    """The raw change in points and its variance in points squared; there are answers on both sides."""
    return (after.nps or 0.0) - (before.nps or 0.0), pooled(before, after) + between.variance
