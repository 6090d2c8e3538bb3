"""Comparison and watch over months whose true scores stray, of one touchpoint and of twenty."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.counts.months import between
from analytics.estimation.compare import NEVER, Between, Pair, compare
from analytics.estimation.estimate import Estimate, estimate
from analytics.estimation.straying import Sides
from analytics.estimation.watch import watch
from benchmarks import draws
from benchmarks.draws import Shape

SHAPES: tuple[Shape, ...] = ((0.5, 0.3, 0.2), (0.77, 0.19, 0.04), (0.34, 0.33, 0.33))
BASELINE, LOOKS = 12, 12  # months
CALLED = ("up", "down")


@dataclass(frozen=True, slots=True)
class Setting:
    """Touchpoints with so many answers a month, whose months stray by so many points, and what changes with month 13.

    `allowed` says whether the straying of months is allowed for; without it one sees what it costs to take all
    answers as independent.
    """

    answers: int
    points: float
    touchpoints: int
    change: float = 0.0
    allowed: bool = True

    def __str__(self) -> str:
        places = "one touchpoint" if self.touchpoints == 1 else f"{self.touchpoints} touchpoints"
        return f"{self.answers} answers a month, straying {self.points:g} points, {places}"


def shares(rng: np.random.Generator, setting: Setting, runs: int) -> tuple[float, float]:
    """How often something is called changed: by the watch at any of twelve monthly looks, and month against month."""
    called = np.array([_once(rng, setting, SHAPES[run % len(SHAPES)]) for run in range(runs)])
    by_watch, by_month = called.mean(axis=0)
    return float(by_watch), float(by_month)


def _once(rng: np.random.Generator, setting: Setting, shape: Shape) -> tuple[bool, bool]:
    series = [list(_months(rng, setting, shape)) for _ in range(setting.touchpoints)]
    ever = False
    for look in range(1, LOOKS + 1):
        ever = ever or _called(setting, [(own[:BASELINE], own[BASELINE : BASELINE + look]) for own in series])
    one_by_one = [
        Pair(_estimate(own[-2:-1]), _estimate(own[-1:]), _between(setting, own[-2:-1], own[-1:], own[:-2]))
        for own in series
    ]
    return ever, any(d.verdict in CALLED for d in compare(one_by_one))


def _called(setting: Setting, sides: list[tuple[list[Sides], list[Sides]]]) -> bool:
    pairs = [Pair(_estimate(then), _estimate(now), _between(setting, then, now, then)) for then, now in sides]
    return any(d.verdict in CALLED for d in watch(compare(pairs)))


def _between(setting: Setting, then: list[Sides], now: list[Sides], known: list[Sides]) -> Between:
    return between(then, now, known) if setting.allowed else NEVER


def _estimate(months: list[Sides]) -> Estimate:
    return estimate(draws.eleven(np.sum(months, axis=0)))


def _months(rng: np.random.Generator, setting: Setting, shape: Shape) -> Iterator[Sides]:
    lower = rng.normal(0, setting.points, BASELINE + LOOKS) + setting.change * (np.arange(BASELINE + LOOKS) >= BASELINE)
    for points in lower:
        promoters, passives, detractors = rng.multinomial(setting.answers, draws.moved(points, shape))
        yield int(promoters), int(passives), int(detractors)
