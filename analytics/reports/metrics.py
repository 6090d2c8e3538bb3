"""Metrics: every figure a report gives, its meaning, and what stands where there is none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any, Literal

from analytics.estimation.estimate import NEARLY_ALL_PERCENT, Estimate

Item = dict[str, Any]
Direction = Literal["up", "down", "no clear change"]
Category = Literal["promoters", "passives", "detractors"]
KINDS: dict[str, Any] = {  # by name, or else by unit
    "at_least_percent": dict[Category, int],
    "counts": dict[str, int],
    "effective_responses": float,
    "examples": list[str],
    "side": Literal["detractors", "promoters"],
    "signal": Literal["above", "below", "shift"],
    "verdict": Literal[Direction, "too few"],
    **dict.fromkeys(("count", "place"), int),
    **dict.fromkeys(("key", "tag", "word", "words"), str),
    "flag": bool,
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure under its public name. `empty` stands where there is none; floats are rounded to `decimals`.

    `always` says that there is one in every case; `kind` is its type where unit and name do not say it.
    """

    name: str
    unit: str
    meaning: str
    empty: Any = None
    decimals: int = 2
    read: Callable[[Any], Any] | None = None
    always: bool = False
    kind: Any = None

    @property
    def type(self) -> Any:
        """The Python type of the figure, with None where it may be null."""
        kind = self.kind or KINDS.get(self.name) or KINDS.get(self.unit, float)
        return kind if self.always or self.empty is not None else kind | None

    def of(self, source: Any) -> Any:
        """The figure as reports show it."""
        value = (self.read or attrgetter(self.name))(source)
        if value is None:
            return self.empty
        # Adding zero turns a rounded -0.0 into 0.0.
        return round(value, self.decimals) + 0.0 if isinstance(value, float) else value


Certain = partial(Metric, always=True)


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many were invited on the days asked about, and how many of those have answered or could not be reached."""

    invited: int
    answered: int
    undelivered: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The eleven counts of a group, whether they leave out answers without a score, and what may be shown of them."""

    estimate: Estimate
    counts: tuple[int, ...]
    without_scores: bool


def _rate(turnout: Any) -> float | None:
    return 100 * turnout.answered / turnout.invited if turnout.invited else None


def _at_least(estimate: Estimate) -> Item | None:
    return {estimate.nearly_all: NEARLY_ALL_PERCENT} if estimate.nearly_all else None


def _counts(spread: Spread) -> Item | None:
    hidden = spread.estimate.suppressed or spread.without_scores
    return None if hidden else {str(score): int(n) for score, n in enumerate(spread.counts)}


NEARLY_ALL = Metric(
    "at_least_percent", "percent",
    "Promoters, passives or detractors, where 90 % or more of anonymous answers are of one kind; else null.",
    read=_at_least,
)  # fmt: skip
ESTIMATE = (
    Metric("nps", "points", "Share of promoters less share of detractors, times 100, of the answered scores."),
    Metric("low", "points", "Lower end of the interval; none below 5 answers."),
    Metric("high", "points", "Upper end of the interval; none below 5 answers."),
    Certain("confidence", "share", "How often intervals made this way cover the true value.", decimals=6),
    Metric("responses", "count", "Answers counted: promoters, passives and detractors.", 0),
    Metric("promoters", "count", "Answers of 9 or 10; none where withheld."),
    Metric("passives", "count", "Answers of 7 or 8; none where withheld."),
    Metric("detractors", "count", "Answers of 0 to 6; none where withheld."),
    Metric("indicative", "flag", "True from 1 to 29 answers: read it as a hint.", empty=False),
    Metric("suppressed", "flag", "True where a rule of disclosure withholds the figures.", empty=False),
    NEARLY_ALL,
)
INVITED = (
    Metric("invited", "count", "Invitations of the days asked about that were handed over or refused, or links.", 0),
    Metric("undelivered", "count", "Of those, how many mails were refused or came back, with no answer since.", 0),
)
RATE = Metric(
    "response_rate_percent", "percent",
    "Of those invited, how many have answered (AAPOR RR1); none where nobody was.", read=_rate,
)  # fmt: skip
TURNOUT = (*INVITED, RATE)
STRAYING, ASSUMED = attrgetter("between.points"), attrgetter("between.assumed")
DIFFERENCE = (
    Metric("change", "points", "The later or second NPS less the earlier or first."),
    Metric("low", "points", "Lower end of the interval of the change; none below 10 answers on a side."),
    Metric("high", "points", "Upper end of the interval of the change; none below 10 answers on a side."),
    Metric("p_value", "probability", "How often chance alone gives a change as large, looking once.", decimals=6),
    Metric("q_value", "probability", "The p-value, allowing for everything compared in the request.", decimals=6),
    Metric("straying", "points", "How far months' true scores stray: the limit taken.", read=STRAYING),
    Certain("straying_assumed", "flag", "True where too few months tell how far they stray.", read=ASSUMED),
    Metric("verdict", "word", "up, down, no clear change, or too few (below 10 answers on a side).", "too few"),
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
        "verdict", "word", "up, down, no clear change, too few (below 8 periods with answers), or not read (beyond 200 "
        "groups).", "too few", kind=Literal[Direction, "too few", "not read"],
    ),
)  # fmt: skip
WEIGHTED = (
    Metric("nps", "points", "The NPS of the weighted answers."),
    Metric("low", "points", "Lower end of its interval; none below 5 effective answers."),
    Metric("high", "points", "Upper end of its interval; none below 5 effective answers."),
    Metric("effective_responses", "count", "How many answers of equal weight carry as much (Kish).", 0.0),
    Metric("design_effect", "ratio", "Answers per effective answer: what unequal weights cost."),
)
DISTRIBUTION = (
    Metric("responses", "count", "Answers counted.", 0, read=attrgetter("estimate.responses")),
    Metric("counts", "count", "How many gave each score, 0 to 10; none where withheld, or not known.", read=_counts),
    Metric("without_scores", "flag", "True where not every answer has its score: see `scores` of a wave.", empty=False),
    *(replace(m, read=attrgetter(f"estimate.{m.name}")) for m in ESTIMATE[5:8]),
    Metric("suppressed", "flag", "True where a rule of disclosure withholds the counts.", empty=False,
           read=attrgetter("estimate.suppressed")),
    replace(NEARLY_ALL, read=lambda spread: _at_least(spread.estimate)),
)  # fmt: skip
REPRESENTATION = (
    *INVITED,
    Metric("answered", "count", "Of those invited, how many have answered since.", 0),
    RATE,
    Metric(
        "share_of_invited_percent", "percent", "The group's part of all who were invited.",
        read=lambda s: 100 * s.invited / s.all_invited if s.all_invited else None,
    ),
    Metric(
        "share_of_answered_percent", "percent", "The group's part of all who have answered.",
        read=lambda s: 100 * s.answered / s.all_answered if s.all_answered else None,
    ),
)  # fmt: skip
DRIVER = (
    Certain("question", "key", "Key of the further question."),
    Certain("text", "words", "Its text, in English where there is one."),
    Metric("n", "count", "Answers to it.", 0),
    Metric("mean", "scale", "Mean of the answers; none below 5."),
    Metric("correlation", "correlation", "With the score, -1 to 1; none below 5 answers.", decimals=3),
    Metric("low", "correlation", "Lower end of the correlation's interval.", decimals=3),
    Metric("high", "correlation", "Upper end of the correlation's interval.", decimals=3),
    Metric("importance_percent", "percent", "The question's part of what all questions explain of the score."),
    Metric("importance_low", "percent", "Lower end of the importance's interval."),
    Metric("importance_high", "percent", "Upper end of the importance's interval."),
    Metric("rank", "place", "By importance, 1 first; none where its interval overlaps with another's."),
)
WORD = (
    Certain("language", "tag", "Language in which the comment was asked for, such as en."),
    Certain("side", "word", "detractors or promoters: who uses the word more."),
    Certain("term", "word", "The word, in lower case."),
    Metric("detractors", "count", "Comments of detractors with the word.", 0),
    Metric("promoters", "count", "Comments of promoters with the word.", 0),
    Metric("comments", "count", "Comments with the word, those of passives too; 5 at least.", 0),
    Certain("log_odds", "log odds", "How much more its side uses it, shrunk towards no difference.", decimals=3),
    Certain("z", "standard errors", "The log-odds in standard errors: how clear the difference is."),
    Certain("q_value", "probability", "The p-value, allowing for every word tested in the language.", decimals=6),
    Certain("examples", "words", "Up to 3 comments of that side with the word."),
)
EFFECT = (
    Certain("effect", "points", "The NPS after the start less that before; with a comparison, less what moved there."),
    Certain("low", "points", "Lower end of the interval of the effect."),
    Certain("high", "points", "Upper end of the interval of the effect."),
    Certain("confidence", "share", "How often intervals made this way cover the true value.", decimals=6),
    Certain("p_value", "probability", "How often chance alone gives an effect as large.", decimals=6),
    Certain("phi", "ratio", "How many times the variance between periods is that of sampling alone; 1 at least."),
    Metric("periods_before", "count", "Periods with answers before the start.", 0),
    Metric("periods_after", "count", "Periods with answers from the start on.", 0),
    Metric("n", "count", "Answers counted in the scope.", 0),
    Metric("n_comparison", "count", "Answers counted in the comparison.", 0),
    Certain("autocorrelation", "correlation", "Of the residuals of neighbouring periods.", decimals=3),
    Metric("verdict", "word", "up, down or no clear change.", "no clear change", kind=Direction),
)
REGISTRY = {
    "Estimate": ESTIMATE,
    "Turnout": TURNOUT,
    "Change": DIFFERENCE,
    "Watch": WATCH,
    "Trend": TREND,
    "Slope": SLOPE,
    "Weighted": WEIGHTED,
    "Distribution": DISTRIBUTION,
    "Representation": REPRESENTATION,
    "Effect": EFFECT,
    "Driver": DRIVER,
    "Word": WORD,
}


def item(metrics: Iterable[Metric], source: Any) -> Item:
    """The metrics of `source` under their names."""
    return {metric.name: metric.of(source) for metric in metrics}
