"""Texts: the words on the charts, in one language; whoever draws hands them in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Titles:
    """What a chart is called."""

    by_group: str  # %(figure)s: NPS or eNPS
    over_time: str  # %(figure)s
    now_against_baseline: str
    spread: str
    drivers: str
    words: str


@dataclass(frozen=True, slots=True)
class Axes:
    """What an axis counts."""

    points: str  # %(figure)s
    score: str
    words_axis: str
    correlation: str
    importance: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a trace is called in the legend; a key of a mapping is the code that reports use."""

    with_interval: str  # %(name)s
    interval_of: str  # %(name)s
    periods_of: str  # %(name)s
    waves: str
    level: str
    level_interval: str
    baseline: str
    target: str
    now: str
    scope: str
    comparison: str
    correlation_with_score: str
    importance_of_all: str
    sides: Mapping[str, str]  # promoters, passives, detractors
    signals: Mapping[str, str]  # above, below, shift
    verdicts: Mapping[str, str]  # up, down, no clear change, too few


@dataclass(frozen=True, slots=True)
class Notes:
    """What stands beside a mark, or where there is no figure."""

    baseline_at: str  # %(points)s
    start: str  # %(name)s
    effect: str  # %(name)s, %(effect)s, %(low)s, %(high)s
    interval: str  # %(confidence)s, %(low)s, %(high)s
    no_interval: str
    together: str
    nearly_all: Mapping[str, str]  # promoters, passives, detractors: %(percent)s
    no_words: str
    more_of: Mapping[str, str]  # detractors, promoters: %(words)s
    nothing: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Every word of the charts, those with %(names)s to be filled in, and how points are written among them."""

    titles: Titles
    axes: Axes
    names: Names
    notes: Notes
    decimal: Callable[[float], str]
