"""Changes: what the difference of two scores says."""

from collections.abc import Mapping
from functools import cache

from analytics.reports.metrics import Item
from app.phrases.speech import Speech


@cache
def verdicts(speech: Speech) -> Mapping[str, str]:
    """The verdicts of reports, each in a word or two."""
    _ = speech.gettext
    return {
        "up": _("up"), "down": _("down"), "no clear change": _("no clear change"), "too few": _("too few answers"),
        "not read": _("not looked at"),
    }  # fmt: skip


def verdict(speech: Speech, item: Item) -> str:
    """The verdict of a difference of two estimates."""
    if item["baseline"]["suppressed"] or item["current"]["suppressed"]:
        return speech.gettext("not shown")
    return verdicts(speech)[item["verdict"]]


def against(speech: Speech, item: Item, *, now: str, then: str, low: str = "low", high: str = "high") -> str:
    """The verdict of a difference in a sentence; `now` and `then` name its sides, `low` and `high` its interval.

    Both sides have enough answers for a verdict.
    """
    values = {
        "now": now, "then": then, "change": speech.change(item["change"]), "low": speech.change(item[low]),
        "high": speech.change(item[high]),
    }  # fmt: skip
    if item["verdict"] == "up":
        return speech.gettext("%(now)s is up on %(then)s: %(change)s points (%(low)s to %(high)s).", **values)
    if item["verdict"] == "down":
        return speech.gettext("%(now)s is down on %(then)s: %(change)s points (%(low)s to %(high)s).", **values)
    return speech.gettext(
        "%(now)s shows no clear change from %(then)s: %(change)s points (%(low)s to %(high)s).", **values
    )
