"""Headlines: the first lines of a report, what is so now and whether it has changed."""

from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date

from analytics.counts.query import Query
from analytics.reports.metrics import Item
from analytics.reports.season import Latest
from app.languages import DATES
from app.phrases import changes, estimates, trends
from app.phrases.speech import Speech


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdicts first, then the figure and what to know beside it, each a sentence.

    `said` stands in the place of `points` where no figure is shown.
    """

    verdicts: list[str]
    points: str | None = None
    said: str | None = None
    figure: str = ""
    caption: str = ""
    lead: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Since:
    """The answers since a baseline against all of it, where it has no groups; `low_always` holds at every look."""

    baseline: str
    on: date
    item: Item


def of_periods(
    speech: Speech, figure: str, latest: Latest | None, *, total: Item, asked: Query, since: Since | None
) -> Headline:  # fmt: skip
    """The headline of a survey asked all the time: its last period of this kind against the one before, then all."""
    kind = asked.period or "month"
    verdicts = [_since(speech, since)] if since else []
    if latest is None:
        return _of(speech, Headline([*verdicts, _no_period(speech, kind)], figure=figure), total)
    now = trends.period(speech, date.fromisoformat(latest.period["starts_on"]), kind)
    verdicts.insert(0, _against_before(speech, kind, latest, now))
    if latest.newer:
        newer = trends.period(speech, date.fromisoformat(latest.newer["starts_on"]), kind)
        early = estimates.too_early(speech, latest.newer["responses"])
        verdicts.append(speech.gettext("%(period)s: %(said)s", period=newer, said=early))
    notes = [_overall(speech, figure, total, asked)]
    if kinds := estimates.kinds(speech, total):
        notes.append(kinds)
    return _of(speech, Headline(verdicts, figure=figure, caption=now, notes=notes), latest.score)


def of_score(speech: Speech, figure: str, caption: str, item: Item, verdicts: list[str]) -> Headline:
    """The headline of one score, such as that of a wave, under these verdicts."""
    kinds = estimates.kinds(speech, item)
    return _of(speech, Headline(verdicts, figure=figure, caption=caption, notes=[kinds] if kinds else []), item)


def _of(speech: Speech, headline: Headline, item: Item) -> Headline:
    said = estimates.instead(speech, item)
    points = None if said or item["low"] is None else speech.points(item["nps"])
    lead = estimates.standing(speech, item)
    verdicts = [speech.sentence(verdict) for verdict in headline.verdicts]
    return Headline(verdicts, points, said, headline.figure, headline.caption, lead, headline.notes)


def _against_before(speech: Speech, kind: str, latest: Latest, now: str) -> str:
    if latest.before is None or latest.change is None:
        return speech.gettext(
            "%(period)s is the first with enough answers, so there is nothing to compare it with yet.", period=now
        )
    then = trends.period(speech, date.fromisoformat(latest.before["starts_on"]), kind)
    return changes.against(speech, latest.change, now=now, then=then)


def _no_period(speech: Speech, kind: str) -> str:
    return {
        "day": speech.gettext("No single day has enough answers yet."),
        "week": speech.gettext("No single week has enough answers yet."),
        "month": speech.gettext("No single month has enough answers yet."),
        "quarter": speech.gettext("No single quarter has enough answers yet."),
        "year": speech.gettext("No single year has enough answers yet."),
    }[kind]


def _since(speech: Speech, since: Since) -> str:
    return changes.against(
        speech, since.item, now=speech.gettext("The score since %(day)s", day=in_words(speech, since.on)),
        then=speech.gettext("the baseline “%(key)s”", key=since.baseline), low="low_always", high="high_always",
    )  # fmt: skip


def _overall(speech: Speech, figure: str, total: Item, asked: Query) -> str:
    values = {
        "figure": figure, "points": speech.points(total["nps"]), "low": speech.points(total["low"]),
        "high": speech.points(total["high"]),
    }  # fmt: skip
    if asked.from_on or asked.to_on:
        return speech.ngettext(
            "On the days chosen: %(figure)s %(points)s (%(low)s to %(high)s), from %(num)s answer.",
            "On the days chosen: %(figure)s %(points)s (%(low)s to %(high)s), from %(num)s answers.",
            total["responses"], **values,
        )  # fmt: skip
    return speech.ngettext(
        "Since the first answer: %(figure)s %(points)s (%(low)s to %(high)s), from %(num)s answer.",
        "Since the first answer: %(figure)s %(points)s (%(low)s to %(high)s), from %(num)s answers.",
        total["responses"], **values,
    )  # fmt: skip


def in_words(speech: Speech, day: date) -> str:
    """A day, such as '14 April 2026'."""
    return format_date(day, "long", DATES.get(speech.language, speech.language))
