"""Texts: the words on the charts, in one language; whoever draws hands them in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """Every word of the charts. Those with %(names)s are filled in; a key of a mapping is the code that reports use."""

    # Axes and titles.
    points: str  # %(figure)s: NPS or eNPS
    by_group: str  # %(figure)s
    over_time: str  # %(figure)s
    now_against_baseline: str
    spread: str
    score: str
    drivers: str
    words: str
    words_axis: str
    correlation: str
    importance: str
    # Names of traces.
    with_interval: str  # %(name)s
    interval_of: str  # %(name)s
    periods_of: str  # %(name)s
    waves: str
    level: str
    level_interval: str
    baseline: str
    baseline_at: str  # %(points)s
    target: str
    now: str
    scope: str
    comparison: str
    correlation_with_score: str
    importance_of_all: str
    start: str  # %(name)s
    effect: str  # %(name)s, %(effect)s, %(low)s, %(high)s
    sides: Mapping[str, str]  # promoters, passives, detractors
    signals: Mapping[str, str]  # above, below, shift
    verdicts: Mapping[str, str]  # up, down, no clear change, too few
    nearly_all: Mapping[str, str]  # promoters, passives, detractors: %(percent)s
    # What stands where there is no figure.
    interval: str  # %(confidence)s, %(low)s, %(high)s
    no_interval: str
    together: str
    no_words: str
    more_of: Mapping[str, str]  # detractors, promoters: %(words)s
    nothing: str
