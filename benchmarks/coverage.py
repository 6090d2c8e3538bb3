"""Do the statistics keep their promises? Coverage, false alarms and power, by simulation with fixed seeds."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from analytics.estimation import level, signals, slope
from analytics.estimation.compare import Pair, difference
from analytics.estimation.estimate import estimate
from analytics.estimation.series import Series
from analytics.estimation.watch import always
from benchmarks import draws, effect_coverage
from benchmarks.draws import GRID, USUAL, Shape
from benchmarks.month_coverage import Setting, shares
from tests.known import known

ALPHA = 0.05
Rng = np.random.Generator
CHANGES = (10, 15)  # points
MONTHS = draws.MONTHS
# Answers a month, and the standard deviation between months in points, in words.
QUIET = [
    (n, between, f"{MONTHS} months of about {n} answers, {between} points between months")
    for n in (8, 30, 150)
    for between in (0, 4)
]


@dataclass(frozen=True, slots=True)
class Finding:
    """A share measured in so many runs, and the bounds it has to keep; none where it is only to be known."""

    promise: str
    setting: str
    share: float
    runs: int
    least: float = 0.0
    most: float = 1.0

    def kept(self, slack: float = 0.0) -> bool:
        """Whether the bounds are kept, give or take so many standard errors of the simulation."""
        give = slack * sqrt(max(self.share * (1 - self.share), 1 / self.runs) / self.runs)
        return self.least - give <= self.share <= self.most + give

    @property
    def bound(self) -> str:
        """The bounds in words."""
        if (self.least, self.most) == (0.0, 1.0):
            return ""
        return f"{self.least:.1%} to {self.most:.1%}" if self.least else f"at most {self.most:.1%}"


def intervals(share: float, rng: Rng) -> Iterator[Finding]:
    """How often the interval of an estimate holds the true NPS, on average over the grid of shapes."""
    for n in (10, 20, 50):
        runs = _runs(4_000, share)
        held = [
            sum(known(e.low) <= draws.nps(shape) <= known(e.high) for e in draws.estimates(rng, n, shape, runs)) / runs
            for shape in GRID
        ]
        yield Finding("interval covers", f"n = {n}", sum(held) / len(held), runs * len(held), 0.935, 0.97)
        yield Finding("interval covers", f"n = {n}, worst shape {GRID[int(np.argmin(held))]}", min(held), runs)


def comparison(share: float, rng: Rng) -> Iterator[Finding]:
    """How often two slices of the same shape differ by the test, and how often a true change shows."""
    for n in ((10, 10), (20, 20), (50, 50), (10, 1_000), (200, 200)):
        runs = _runs(2_000, share)
        alarms_by_shape = [_share_called_different(rng, runs, n=n, shapes=(shape, shape)) for shape in GRID]
        mean = float(np.mean(alarms_by_shape))
        yield Finding(
            "comparison, false alarm", f"n = {n[0]} and {n[1]}", mean, runs * len(alarms_by_shape), most=0.055
        )
    for change in CHANGES:
        for size in (100, 200, 500):
            runs = _runs(4_000, share)
            power = _share_called_different(rng, runs, n=(size, size), shapes=(USUAL, draws.moved(change)))
            yield Finding("comparison, power", f"{change} points, n = {size} and {size}", power, runs)


def watched(share: float, rng: Rng) -> Iterator[Finding]:
    """How often a baseline is called changed at any of many looks, by the watch and by a fixed test."""
    for n1, each, looks in ((200, 20, 12), (500, 50, 12), (1_000, 10, 12), (50, 50, 12), (300, 3, 365)):
        setting = f"baseline {n1}, {looks} looks, {each} answers each"
        runs = _runs(300 if looks < 100 else 20, share)
        ever = [_ever(rng, runs, baseline=n1, each=each, looks=looks, shapes=(shape, shape)) for shape in GRID]
        valid, fixed = np.mean(ever, axis=0)
        yield Finding("watch, false alarm", setting, float(valid), runs * len(GRID), most=0.05)
        yield Finding("(a fixed test, looked at as often)", setting, float(fixed), runs * len(GRID))
    for change in CHANGES:
        for n1, each in ((500, 50), (1_000, 100), (2_000, 200)):
            runs = _runs(2_000, share)
            valid, _ = _ever(rng, runs, baseline=n1, each=each, looks=12, shapes=(USUAL, draws.moved(change)))
            yield Finding("watch, power", f"{change} points, baseline {n1}, 12 looks, {each} answers each", valid, runs)


def months(share: float, rng: Rng) -> Iterator[Finding]:
    """The same over months that stray; in brackets what taking all answers as independent would cost."""
    for touchpoints, whole in ((1, 900), (20, 300)):
        runs = _runs(whole, share)
        for points in (0, 4):
            for n in (10, 100, 500, 2_000):
                setting = Setting(n, points, touchpoints)
                for by, called in zip(("watch", "month against month"), shares(rng, setting, runs), strict=True):
                    yield Finding(f"{by}, false alarm", str(setting), called, runs, most=0.055)
                naive = replace(setting, allowed=False)
                for by, called in zip(("watch", "month against month"), shares(rng, naive, runs), strict=True):
                    yield Finding(f"({by}, straying left out)", str(setting), called, runs)
    for change in CHANGES:
        for points, n in ((0, 100), (0, 500), (4, 500)):
            setting = Setting(n, points, 1, change)
            yield Finding(
                "watch, power", f"{change} points, {setting}", shares(rng, setting, _runs(900, share))[0], 900
            )


def alarms(share: float, rng: Rng) -> Iterator[Finding]:
    """How often the signal chart and the search for shifts cry wolf over quiet months, and what they find."""
    for n, between, setting in QUIET:
        quiet = draws.quiet_months(rng, n, between, runs=_runs(30, share))
        cried = [sum(map(bool, signals.above_or_below(series))) / MONTHS for series in quiet]
        shifted = [bool(signals.shifts(series)) for series in quiet]
        mean = float(np.mean(cried))
        yield Finding("chart, alarms per quiet month", setting, mean, len(quiet) * MONTHS, most=0.01)
        yield Finding("shift, false hints per series", setting, float(np.mean(shifted)), len(quiet), most=0.05)
    for change in CHANGES:
        for n in (150, 500):
            runs = _runs(400, share)
            once = [draws.months(rng, n, np.where(np.arange(MONTHS) == MONTHS // 2, change, 0.0)) for _ in range(runs)]
            power = sum(signals.above_or_below(series)[MONTHS // 2] is not None for series in once) / runs
            yield Finding("chart, power", f"one month of {MONTHS} {change} points lower, {n} answers each", power, runs)
            last = [draws.months(rng, n, np.where(np.arange(MONTHS) >= MONTHS // 2, change, 0.0)) for _ in range(runs)]
            near = [any(abs(shift.place - MONTHS // 2) <= 1 for shift in signals.shifts(series)) for series in last]
            setting = f"{change} points from month 13 on, {n} answers each, a month off at most"
            yield Finding("shift, power", setting, float(np.mean(near)), runs)


def courses(share: float, rng: Rng) -> Iterator[Finding]:
    """How often the slope is called a slope where there is none, and how often the level's interval is right."""
    for n, between, setting in QUIET:
        quiet = draws.quiet_months(rng, n, between, runs=_runs(100, share))
        yield Finding(
            "slope, false alarm", setting, float(np.mean([_steep(series) for series in quiet])), len(quiet), most=0.06
        )
    for yearly in CHANGES:
        runs = _runs(1_000, share)
        lower = yearly * np.arange(MONTHS) / 12
        power = sum(_steep(draws.months(rng, 150, lower)) for _ in range(runs)) / runs
        yield Finding("slope, power", f"{yearly} points a year over {MONTHS} months of 150 answers", power, runs)
    for n in (8, 30, 150):
        held = []
        for step in (0, 1, 3):
            runs = _runs(200, share)
            held.append(float(np.mean([_level_held(rng, n, step) for _ in range(runs)])))
            yield Finding("level covers", f"{n} answers a month, moving {step} points a month", held[-1], runs * MONTHS)
        mean = sum(held) / len(held)
        yield Finding("level covers", f"{n} answers a month, on average", mean, runs * len(held), least=0.935)


# Whoever adds a statistic that makes a promise adds its check here.
def effects(share: float, _rng: Rng) -> Iterator[Finding]:
    """How often an initiative that did nothing is called an effect, though weeks stray by 4 points, and its power."""
    runs = _runs(2_000, share)
    for setting in effect_coverage.SETTINGS:
        called = {points: effect_coverage.share_called(setting, points, runs) for points in (0, *CHANGES)}
        yield Finding("effect, false alarm", str(setting), called[0], runs, most=0.06)
        for points in CHANGES:
            yield Finding("effect, power", f"{points} points, {setting}", called[points], runs)


CHECKS: tuple[Callable[[float, Rng], Iterator[Finding]], ...] = (
    intervals,
    comparison,
    watched,
    alarms,
    courses,
    effects,
    months,
)


def findings(share: float = 1.0) -> Iterator[Finding]:
    """Every check at this share of its runs; each has a seed of its own, so that a further one changes none."""
    for place, check in enumerate(CHECKS):
        yield from check(share, np.random.default_rng([2026, place]))


def main() -> None:
    """Print every finding; exit code 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the runs; 0.02 for a quick look")
    missed = 0
    for finding in findings(parser.parse_args().share):
        wrong = not finding.kept()
        missed += wrong
        line = f"{finding.promise:<36}{finding.setting:<72}{finding.share:>7.2%}  {finding.bound}{'  MISSED' * wrong}"
        print(line.rstrip(), flush=True)
    print(f"{missed} bounds missed")
    sys.exit(1 if missed else 0)


def _runs(whole: int, share: float) -> int:
    return max(1, round(whole * share))


def _share_called_different(rng: Rng, runs: int, *, n: tuple[int, int], shapes: tuple[Shape, Shape]) -> float:
    """The share of runs in which the fixed test calls two samples different."""
    first, second = (draws.estimates(rng, size, shape, runs) for size, shape in zip(n, shapes, strict=True))
    return sum((difference(Pair(a, b)).p_value or 0) < ALPHA for a, b in zip(first, second, strict=True)) / runs


def _ever(
    rng: Rng, runs: int, *, baseline: int, each: int, looks: int, shapes: tuple[Shape, Shape]
) -> tuple[float, float]:
    """The shares of runs in which the watch, and the fixed test, find a change at any look."""
    ever = np.zeros((runs, 2), dtype=bool)
    for run, before in enumerate(draws.estimates(rng, baseline, shapes[0], runs)):
        for three in np.cumsum(rng.multinomial(each, shapes[1], looks), axis=0):
            after = estimate(draws.eleven(three))
            valid, fixed = always(before, after), difference(Pair(before, after)).p_value
            ever[run] |= [valid is not None and valid < ALPHA, fixed is not None and fixed < ALPHA]
    by_watch, by_fixed_test = ever.mean(axis=0)
    return float(by_watch), float(by_fixed_test)


def _steep(series: Series) -> bool:
    course = slope.slope(series, 1 - ALPHA)
    return course is not None and course.p_value < ALPHA


def _level_held(rng: Rng, n: int, step: float) -> float:
    """The share of months in which the level's interval holds the true level, which wanders."""
    lower = np.clip(np.cumsum(rng.normal(0, step, MONTHS)), -35, 90)
    smooth = level.smooth(draws.months(rng, n, lower), 1 - ALPHA)
    assert smooth is not None
    true = draws.nps(USUAL) - lower
    return float(np.mean((smooth.low <= true) & (true <= smooth.high)))


if __name__ == "__main__":
    main()
