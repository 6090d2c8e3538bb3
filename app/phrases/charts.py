"""Charts: the words that stand on them."""

from functools import cache

from analytics.charts.texts import Axes, Names, Notes, Texts, Titles
from app.phrases import changes
from app.phrases.speech import Speech


@cache
def texts(speech: Speech) -> Texts:
    """The words of the charts in one language."""
    return Texts(_titles(speech), _axes(speech), _names(speech), _notes(speech), speech.points)


def _titles(speech: Speech) -> Titles:
    _ = speech.gettext
    return Titles(
        by_group=_("%(figure)s by group"),
        over_time=_("%(figure)s over time"),
        now_against_baseline=_("Now against the baseline"),
        spread=_("How the scores are spread"),
        drivers=_("What goes together with the score"),
        words=_("Words that set detractors and promoters apart"),
    )


def _axes(speech: Speech) -> Axes:
    _ = speech.gettext
    return Axes(
        points=_("%(figure)s, points"),
        score=_("Score"),
        words_axis=_("← detractors, standard errors, promoters →"),
        correlation=_("Correlation"),
        importance=_("Importance, %"),
    )


def _names(speech: Speech) -> Names:
    _ = speech.gettext
    return Names(
        with_interval=_("%(name)s, with its interval"),
        interval_of=_("%(name)s: interval"),
        periods_of=_("%(name)s: each period with its interval"),
        waves=_("Each wave with its interval"),
        level=_("Level beneath the noise, with its interval"),
        level_interval=_("Level: interval"),
        baseline=_("Baseline"),
        target=_("Target"),
        now=_("Now"),
        scope=_("Scope"),
        comparison=_("Comparison"),
        correlation_with_score=_("Correlation with the score"),
        importance_of_all=_("Importance, % of what all explain"),
        sides={
            "promoters": _("Promoters (9–10)"), "passives": _("Passives (7–8)"), "detractors": _("Detractors (0–6)"),
        },
        signals={
            "above": _("Above what chance allows"), "below": _("Below what chance allows"),
            "shift": _("A new level may begin (a hint)"),
        },
        verdicts=changes.verdicts(speech),
    )  # fmt: skip


def _notes(speech: Speech) -> Notes:
    _ = speech.gettext
    return Notes(
        baseline_at=_("Baseline %(points)s"),
        start=_("Start: %(name)s"),
        effect=_("%(name)s: %(effect)s points (%(low)s to %(high)s)"),
        interval=_("%(confidence)s %% interval %(low)s to %(high)s"),
        no_interval=_("too few answers for an interval"),
        together=_("reported together with others"),
        nearly_all={
            "promoters": _("%(percent)s %% or more promoters"), "passives": _("%(percent)s %% or more passives"),
            "detractors": _("%(percent)s %% or more detractors"),
        },
        no_words=_("No word sets detractors and promoters apart."),
        more_of={
            "detractors": _("More often from detractors: %(words)s."),
            "promoters": _("More often from promoters: %(words)s."),
        },
        nothing=_("none"),
    )  # fmt: skip
