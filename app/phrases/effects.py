"""Effects: what changed with an initiative, in sentences that claim no more than the design can carry."""

from collections.abc import Callable

from analytics.estimation.effect import LEAST_PERIODS
from analytics.reports.caveats import Caveat
from analytics.reports.effects import EffectReport, TooFewPeriods
from analytics.reports.metrics import Item
from app.phrases.speech import Speech


def in_words(speech: Speech, report: EffectReport) -> Item:
    """The figures of an effect with what they say, and what to know beside them."""
    return {**report.figures, "wording": wording(speech, report), "warnings": warnings(speech, report)}


def wording(speech: Speech, report: EffectReport) -> str:
    """The effect in a sentence or two."""
    figures = report.figures
    values = {
        "figure": report.figure, "name": figures["initiative"]["name"], "size": speech.points(abs(figures["effect"])),
        "effect": speech.change(figures["effect"]), "low": speech.change(figures["low"]),
        "high": speech.change(figures["high"]), "confidence": f"{100 * figures['confidence']:g}",
    }  # fmt: skip
    said = _COMPARED if figures["design"] == "difference in differences" else _ALONE
    return said[figures["verdict"]](speech, values)


_Said = Callable[[Speech, dict[str, str]], str]
_COMPARED: dict[str, _Said] = {
    "no clear change": lambda speech, values: speech.gettext(
        "No clear change: against the comparison the %(figure)s moved by %(effect)s points (%(low)s to %(high)s, "
        "%(confidence)s %% interval). That is consistent with no effect of “%(name)s”, and with any effect inside the "
        "interval.",
        **values,
    ),
    "up": lambda speech, values: speech.gettext(
        "After the start the %(figure)s moved by %(size)s points more than in the comparison (%(low)s to %(high)s, "
        "%(confidence)s %% interval). This is the effect of “%(name)s” if both would otherwise have moved alike.",
        **values,
    ),
    "down": lambda speech, values: speech.gettext(
        "After the start the %(figure)s moved by %(size)s points less than in the comparison (%(low)s to %(high)s, "
        "%(confidence)s %% interval). This is the effect of “%(name)s” if both would otherwise have moved alike.",
        **values,
    ),
}
_ALONE: dict[str, _Said] = {
    "no clear change": lambda speech, values: speech.gettext(
        "No clear change: the %(figure)s moved by %(effect)s points (%(low)s to %(high)s, %(confidence)s %% interval). "
        "That is consistent with no effect of “%(name)s”, and with any effect inside the interval.",
        **values,
    ),
    "up": lambda speech, values: speech.gettext(
        "After the start the %(figure)s was %(size)s points higher (%(low)s to %(high)s, %(confidence)s %% interval). "
        "This is consistent with an effect of “%(name)s”, and with anything else that changed at that time: there is "
        "no comparison.",
        **values,
    ),
    "down": lambda speech, values: speech.gettext(
        "After the start the %(figure)s was %(size)s points lower (%(low)s to %(high)s, %(confidence)s %% interval). "
        "This is consistent with an effect of “%(name)s”, and with anything else that changed at that time: there is "
        "no comparison.",
        **values,
    ),
}


def warnings(speech: Speech, report: EffectReport) -> list[str]:
    """What to know beside an effect, a sentence each."""
    return [_WARNINGS[caveat.code](speech, caveat) for caveat in report.caveats]


def _autocorrelated(speech: Speech, caveat: Caveat) -> str:
    correlation = speech.decimal(caveat.figures["autocorrelation"], 2)
    if caveat.figures["period"] == "day":
        return speech.gettext(
            "Neighbouring days resemble each other (lag-1 autocorrelation %(correlation)s), so the interval is too "
            "narrow and the p-value too small.",
            correlation=correlation,
        )
    return speech.gettext(
        "Neighbouring weeks resemble each other (lag-1 autocorrelation %(correlation)s), so the interval is too narrow "
        "and the p-value too small.",
        correlation=correlation,
    )


_WARNINGS: dict[str, Callable[[Speech, Caveat], str]] = {
    "autocorrelated": _autocorrelated,
    "drift": lambda speech, _: speech.gettext(
        "The figures were already moving before the start, so some of the change may have come anyway."
    ),
    "ended": lambda speech, caveat: speech.gettext(
        "It ended on %(on)s; the days from then to %(last)s count as after the start too.",
        on=caveat.figures["on"], last=caveat.figures["last"],
    ),
    "same answers": lambda speech, caveat: speech.gettext(
        "“%(name)s” began or ended between %(first)s and %(last)s for some of the same answers.",
        name=caveat.figures["name"], first=caveat.figures["first"], last=caveat.figures["last"],
    ),
    "same comparison": lambda speech, caveat: speech.gettext(
        "“%(name)s” began or ended between %(first)s and %(last)s for some of the comparison.",
        name=caveat.figures["name"], first=caveat.figures["first"], last=caveat.figures["last"],
    ),
}  # fmt: skip


def too_few(speech: Speech, fact: TooFewPeriods) -> str:
    """Why an effect cannot be computed yet."""
    values = {"before": fact.before, "after": fact.after, "needed": LEAST_PERIODS}
    if fact.period == "day":
        return speech.gettext(
            "Too early to tell: %(before)s whole days before the start and %(after)s after it have answers, and "
            "%(needed)s are needed on each side.",
            **values,
        )
    return speech.gettext(
        "Too early to tell: %(before)s whole weeks before the start and %(after)s after it have answers, and "
        "%(needed)s are needed on each side.",
        **values,
    )
