"""Representation: what to know beside a score that is weighted to those invited."""

from analytics.reports.caveats import Caveat
from analytics.reports.metrics import Item
from app.phrases.speech import Speech


def in_words(speech: Speech, whole: Item) -> Item:
    """The figures with their caveats as sentences, under `warnings`."""
    figures = {name: value for name, value in whole.items() if name != "caveats"}
    return {**figures, "warnings": [_warning(speech, caveat) for caveat in whole["caveats"]]}


def _warning(speech: Speech, caveat: Caveat) -> str:
    figures = caveat.figures
    if caveat.code == "trimmed":
        return speech.ngettext(
            "The weight of %(num)s answer was cut at %(times)s times the mean.",
            "The weights of %(num)s answers were cut at %(times)s times the mean.",
            figures["answers"], times=speech.number(figures["times"]),
        )  # fmt: skip
    if caveat.code == "ungrouped":
        return speech.gettext(
            "Without “by” there is nothing to weight by. Name one or two groupings, such as segment.<name>."
        )
    if figures["value"] is None:
        return speech.gettext(
            "Nobody without a value of “%(by)s” answered, so no weight can speak for those invited there.",
            by=figures["by"],
        )
    return speech.gettext(
        "Nobody of %(by)s “%(value)s” answered, so no weight can speak for those invited there.",
        by=figures["by"], value=figures["value"],
    )  # fmt: skip
