"""Estimates: what a score says, and what stands in its place where it is not shown."""

from analytics.charts import looks
from analytics.estimation.estimate import INTERVAL_FROM
from analytics.reports.metrics import Item
from app.phrases import charts
from app.phrases.speech import Speech


def early(item: Item) -> bool:
    """Whether there are answers, and too few to say anything."""
    return 0 < int(item["responses"]) < INTERVAL_FROM


def too_early(speech: Speech, answers: int) -> str:
    """How many answers there are where they are too few to say anything."""
    return speech.ngettext(
        "%(num)s answer so far: too early to tell.", "%(num)s answers so far: too early to tell.", answers
    )


def instead(speech: Speech, item: Item) -> str | None:
    """What stands in the place of a score that is not shown; None where it is."""
    if not item["suppressed"]:
        return None
    return looks.nearly_all(item, charts.texts(speech)) or speech.gettext("reported together with others")


def score(speech: Speech, item: Item) -> str:
    """The score in points, or what stands in its place: a dash where fewer than five answered."""
    return instead(speech, item) or speech.points(None if item["low"] is None else item["nps"])


def interval(speech: Speech, item: Item) -> str:
    """The interval, or why there is none."""
    if item["low"] is None:
        return speech.gettext("too few answers") if item["responses"] else speech.gettext("no answers")
    return span(speech, item["low"], item["high"])


def span(speech: Speech, low: float, high: float) -> str:
    """Two ends in points."""
    return speech.gettext("%(low)s to %(high)s", low=speech.points(low), high=speech.points(high))


def rate(speech: Speech, item: Item) -> str:
    """How many of those invited have answered; a dash where nobody was invited."""
    if item["response_rate_percent"] is None:
        return speech.points(None)
    percent, invited = speech.number(item["response_rate_percent"]), speech.number(item["invited"])
    return speech.gettext("%(percent)s %% of %(invited)s", percent=percent, invited=invited)


def standing(speech: Speech, item: Item) -> list[str]:
    """What a score says, in sentences: how sure it is, and how many answered of those invited."""
    said = [_sureness(speech, item)]
    if item["indicative"] and item["low"] is not None:
        said.append(speech.gettext("With fewer than 30 answers this is a hint, not a finding."))
    if item["response_rate_percent"] is not None:
        said.append(
            speech.ngettext(
                "%(percent)s %% of the %(num)s person invited have answered.",
                "%(percent)s %% of the %(num)s people invited have answered.",
                item["invited"],
                percent=speech.number(item["response_rate_percent"]),
            )
        )
    return said


def _sureness(speech: Speech, item: Item) -> str:
    n = item["responses"]
    if item["at_least_percent"]:
        return speech.ngettext(
            "From %(num)s answer. Where nearly all answer alike no figure is shown: it would give away who said what.",
            "From %(num)s answers. Where nearly all answer alike no figure is shown: it would give away who said what.",
            n,
        )
    if item["low"] is None:
        return too_early(speech, n)
    return speech.ngettext(
        "%(confidence)s %% interval %(low)s to %(high)s, from %(num)s answer.",
        "%(confidence)s %% interval %(low)s to %(high)s, from %(num)s answers.",
        n,
        confidence=f"{100 * item['confidence']:g}", low=speech.points(item["low"]), high=speech.points(item["high"]),
    )  # fmt: skip


def kinds(speech: Speech, item: Item) -> str | None:
    """How many promoters, passives and detractors there are; None where that is not shown."""
    if item["promoters"] is None:
        return None
    return speech.gettext(
        "Promoters: %(promoters)s, passives: %(passives)s, detractors: %(detractors)s.",
        **{kind: speech.number(item[kind]) for kind in ("promoters", "passives", "detractors")},
    )
