"""How often the effect of an initiative is a false alarm, and how often a true one shows; seeds are fixed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from analytics.estimation.effect import Period, Three, effect

SEED = 20260414
SHAPE = (0.45, 0.35, 0.20)  # promoters, passives, detractors: an NPS of 25
BETWEEN_POINTS = 4.0


@dataclass(frozen=True, slots=True)
class Setting:
    """`answers` a week on average on each side of the start; uneven weeks have 0.4 to 1.6 times as many."""

    weeks: int
    answers: int
    compared: bool
    uneven: bool = False

    def __str__(self) -> str:
        uneven = ", uneven" if self.uneven else ""
        return f"{self.weeks} + {self.weeks} weeks of {self.answers}{uneven}{', compared' if self.compared else ''}"


SETTINGS = tuple(
    Setting(weeks, answers, compared, uneven)
    for weeks, answers, uneven in ((6, 30, False), (13, 15, False), (13, 60, False), (13, 60, True), (26, 200, False))
    for compared in (False, True)
)


def share_called(setting: Setting, change_points: float, runs: int, seed: int = SEED) -> float:
    """The share of runs in which a change of `change_points` is called up, or for no change called at all."""
    random = np.random.default_rng(seed)
    wanted = ("up",) if change_points else ("up", "down")
    effects = (effect(list(_periods(random, setting, change_points))) for _ in range(runs))
    return sum(each is not None and each.verdict in wanted for each in effects) / runs


def _periods(random: Generator, setting: Setting, change_points: float) -> Iterator[Period]:
    for index in range(-setting.weeks, setting.weeks):
        scope = _week(random, setting, change_points if index >= 0 else 0.0)
        yield Period(index, scope, _week(random, setting, 0.0) if setting.compared else None)


def _week(random: Generator, setting: Setting, change_points: float) -> Three:
    """One week's counts: its true NPS strays by BETWEEN_POINTS (standard deviation), half of it by detractors."""
    stray = (random.normal(0, BETWEEN_POINTS) + change_points) / 200
    factor = random.uniform(0.4, 1.6) if setting.uneven else 1.0
    n = random.poisson(setting.answers * factor)
    promoters, passives, detractors = random.multinomial(n, (SHAPE[0] + stray, SHAPE[1], SHAPE[2] - stray))
    return int(promoters), int(passives), int(detractors)
