"""Trends: what a series of periods says as a whole."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from babel.dates import format_date, format_skeleton

from analytics.reports.metrics import Item
from app.languages import DATES
from app.phrases import changes
from app.phrases.speech import Speech

SKELETONS = {"month": "yMMMM", "quarter": "yQQQ", "year": "y"}


@cache
def periods(speech: Speech) -> Mapping[str, str]:
    """The kinds of periods, each in a word."""
    _ = speech.gettext
    return {"day": _("days"), "week": _("weeks"), "month": _("months"), "quarter": _("quarters"), "year": _("years")}


def period(speech: Speech, starts_on: date, kind: str) -> str:
    """A period in words, such as 'March 2026' or 'week 9 of 2026'."""
    locale = DATES.get(speech.language, speech.language)
    if kind == "day":
        return format_date(starts_on, "long", locale)
    if kind == "week":
        year, week, _ = starts_on.isocalendar()
        return speech.gettext("week %(week)s of %(year)s", week=week, year=year)
    return format_skeleton(SKELETONS[kind], starts_on, locale=locale)


def labelled(speech: Speech, label: str) -> str:
    """A period in words by its label, such as 2018-03-05, 2018-W09, 2018-03, 2018-Q1 or 2018."""
    year, _, rest = label.partition("-")
    if rest.startswith("W"):
        return period(speech, date.fromisocalendar(int(year), int(rest[1:]), 1), "week")
    if rest.startswith("Q"):
        return period(speech, date(int(year), 3 * int(rest[1:]) - 2, 1), "quarter")
    kind = {0: "year", 2: "month"}.get(len(rest), "day")
    return period(speech, date(int(year), int(rest[:2] or 1), int(rest[3:] or 1)), kind)


def course(speech: Speech, summary: Item, *, signalled: bool) -> list[str]:
    """Where a series goes along its whole length, and how it stands against a year before, in sentences."""
    said = [_direction(speech, summary, signalled=signalled)]
    if last := summary["last_year"]:
        said.append(
            speech.gettext(
                "%(period)s against %(against)s: %(change)s points, %(verdict)s.",
                period=speech.sentence(labelled(speech, last["period"])), against=labelled(speech, last["against"]),
                change=speech.change(last["change"]),
                verdict=changes.verdicts(speech)[last["verdict"]],
            )
        )  # fmt: skip
    return said


def _direction(speech: Speech, summary: Item, *, signalled: bool) -> str:
    if summary["verdict"] in ("too few", "not read"):
        return speech.gettext("Whether it goes up or down overall shows once 8 periods have answers.")
    if summary["verdict"] == "no clear change":
        if signalled:
            return speech.gettext("Over the whole time there is no clear change.")
        return speech.gettext("Over the whole time there is no clear change: the ups and downs may be chance.")
    values = {
        "points": speech.points(abs(summary["slope"])), "low": speech.change(summary["slope_low"]),
        "high": speech.change(summary["slope_high"]),
    }  # fmt: skip
    if summary["verdict"] == "up":
        return speech.gettext(
            "Over the whole time the score goes up, by about %(points)s points from one period to the next "
            "(%(low)s to %(high)s).",
            **values,
        )
    return speech.gettext(
        "Over the whole time the score goes down, by about %(points)s points from one period to the next "
        "(%(low)s to %(high)s).",
        **values,
    )


def hint(speech: Speech, summary: Item) -> str | None:
    """Where the score seems to go over to another level; None where it does not."""
    said = [
        speech.gettext(
            "From %(period)s on the score seems to lie at another level: %(before)s before, %(since)s since. This came "
            "out of a search, so it is a hint to look for what happened then.",
            period=labelled(speech, shift["period"]), before=speech.number(shift["before"]),
            since=speech.number(shift["since"]),
        )
        for shift in summary["shifts"]
    ]  # fmt: skip
    return " ".join(said) or None
