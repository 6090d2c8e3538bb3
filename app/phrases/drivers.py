"""Drivers: what the questions that go together with a score say in all."""

from analytics.reports.metrics import Item
from app.phrases.speech import Speech


def wording(speech: Speech, whole: Item) -> str:
    """What importance means here, or why there is none."""
    if whole["drivers"] < 2:
        return speech.gettext("Fewer than two questions on a scale were answered often enough to be compared.")
    if whole["n_complete"] < whole["n_needed"]:
        return speech.ngettext(
            "%(num)s person answered all %(questions)s questions; importance is shown from %(needed)s on.",
            "%(num)s people answered all %(questions)s questions; importance is shown from %(needed)s on.",
            whole["n_complete"], questions=whole["drivers"], needed=speech.number(whole["n_needed"]),
        )  # fmt: skip
    return speech.gettext(
        "Importance is how much of the score's differences between people is associated with each question. It does "
        "not say what would happen if one of them changed."
    )
