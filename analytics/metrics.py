"""Metrics: every figure a report gives, its meaning, and what stands where there is none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure under its public name. `empty` stands where there is none; floats are rounded to `decimals`."""

    name: str
    unit: str
    meaning: str
    empty: Any = None
    decimals: int = 2
    read: Callable[[Any], Any] | None = None

    def of(self, source: Any) -> Any:
        """The figure as given out."""
        value = (self.read or attrgetter(self.name))(source)
        if value is None:
            return self.empty
        # Adding zero turns a rounded -0.0 into 0.0.
        return round(value, self.decimals) + 0.0 if isinstance(value, float) else value


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many were invited on the days asked about, and how many of those have answered since."""

    invited: int
    answered: int


def _rate(turnout: Turnout) -> float | None:
    return 100 * turnout.answered / turnout.invited if turnout.invited else None


ESTIMATE = (
    Metric("nps", "points", "Share of promoters less share of detractors, times 100, of the answered scores."),
    Metric("low", "points", "Lower end of the interval; none below 5 answers."),
    Metric("high", "points", "Upper end of the interval; none below 5 answers."),
    Metric("confidence", "share", "How often intervals made this way cover the true value.", decimals=6),
    Metric("responses", "count", "Answers counted: promoters, passives and detractors.", 0),
    Metric("promoters", "count", "Answers of 9 or 10.", 0),
    Metric("passives", "count", "Answers of 7 or 8.", 0),
    Metric("detractors", "count", "Answers of 0 to 6.", 0),
    Metric("indicative", "flag", "True from 5 to 29 answers: read it as a hint.", empty=False),
    Metric("suppressed", "flag", "True where a rule of disclosure withholds the figures.", empty=False),
)
TURNOUT = (
    Metric("invited", "count", "Invitations issued (not withheld) on the days asked about.", 0),
    Metric(
        "response_rate_percent", "percent", "Of those invited, how many have answered; none where nobody was.",
        read=_rate,
    ),
)  # fmt: skip
DIFFERENCE = (
    Metric("change", "points", "The later or second NPS less the earlier or first."),
    Metric("low", "points", "Lower end of the interval of the change; none below 5 answers on a side."),
    Metric("high", "points", "Upper end of the interval of the change; none below 5 answers on a side."),
    Metric("p_value", "probability", "How often chance alone gives a change as large, looking once.", decimals=6),
    Metric("q_value", "probability", "The p-value, allowing for everything compared in the request.", decimals=6),
    Metric("verdict", "word", "up, down, no clear change, or too few (below 5 answers on a side).", "too few"),
)
WATCH = (
    Metric("low_always", "points", "Lower end of the interval that holds at every look at once."),
    Metric("high_always", "points", "Upper end of the interval that holds at every look at once."),
    Metric("p_value_always", "probability", "As p_value, however often one has looked.", decimals=6),
    Metric("q_value_always", "probability", "As q_value, however often one has looked; the verdict's.", decimals=6),
)
TREND = (
    Metric("level", "points", "Where the score lies beneath the chance of who answered, smoothed over the periods."),
    Metric("level_low", "points", "Lower end of the level's interval."),
    Metric("level_high", "points", "Upper end of the level's interval."),
    Metric("signal", "word", "above or below: further from the rest than chance; shift: a new level seems to begin."),
)
SLOPE = (
    Metric("slope", "points per period", "How the score goes along the whole series; none below 8 periods."),
    Metric("slope_low", "points per period", "Lower end of the slope's interval."),
    Metric("slope_high", "points per period", "Upper end of the slope's interval."),
    Metric("p_value", "probability", "How often chance alone gives a slope as steep.", decimals=6),
    Metric("q_value", "probability", "The p-value, allowing for every group of the request.", decimals=6),
    Metric(
        "verdict",
        "word",
        "up, down, no clear change, too few (below 8 periods with answers), or not read (beyond 200 groups).",
        "too few",
    ),
)
DISTRIBUTION = (
    Metric("responses", "count", "Answers counted.", 0, read=sum),
    Metric(
        "counts", "count", "How many gave each score, 0 to 10.",
        read=lambda counts: {str(score): int(n) for score, n in enumerate(counts)},
    ),
)  # fmt: skip
REGISTRY = {
    "Estimate": ESTIMATE,
    "Turnout": TURNOUT,
    "Change": DIFFERENCE,
    "Watch": WATCH,
    "Trend": TREND,
    "Slope": SLOPE,
    "Distribution": DISTRIBUTION,
}


def item(metrics: Iterable[Metric], source: Any) -> Item:
    """The metrics of `source` under their names."""
    return {metric.name: metric.of(source) for metric in metrics}
