"""Trends: the course of a score over time in a report, and how its scores are spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.estimation.estimate import CATEGORIES
from analytics.reports.metrics import Item
from analytics.reports.trend import Trend
from app.pages.managers.sections.tables import Cell, Row, Table
from app.pages.managers.visits import Visit
from app.phrases import charts, estimates, trends
from app.phrases.speech import Speech


@dataclass(frozen=True, slots=True)
class Section:
    """What the course says, how to read its picture, and the periods."""

    lead: list[str]
    hint: str | None
    reading: list[str]
    table: Table


@dataclass(frozen=True, slots=True)
class Spread:
    """How many gave each score; without a table where that is not shown, for the reason in `instead`.

    `note` says why a table has three groups for the scores.
    """

    table: Table | None
    instead: str | None
    note: str | None = None


def section(visit: Visit, course: Trend, kind: str) -> Section:
    """The trend of a survey in periods of a kind."""
    speech, items = visit.speech, course.items
    signalled = any(item["signal"] for item in items)
    levelled = any(item["level"] is not None for item in items)
    summary = course.summary[0] if course.summary else None
    heads = [speech.gettext("Period"), visit.figure, speech.gettext("Interval")]
    heads += [speech.gettext("Answers"), speech.gettext("Level"), speech.gettext("Interval of the level")]
    return Section(
        trends.course(speech, summary, signalled=signalled) if summary else [],
        trends.hint(speech, summary) if summary else None,
        _reading(speech, signalled=signalled, levelled=levelled),
        Table(
            speech.gettext("%(figure)s over time", figure=visit.figure), [*heads, speech.gettext("What stands out")],
            [_row(speech, item, kind) for item in items],
        ),
    )  # fmt: skip


def _row(speech: Speech, item: Item, kind: str) -> Row:
    level = speech.points(item["level"])
    around = "" if item["level"] is None else estimates.span(speech, item["level_low"], item["level_high"])
    signal = charts.texts(speech).names.signals[item["signal"]] if item["signal"] else ""
    cells = [estimates.score(speech, item), estimates.interval(speech, item), speech.number(item["responses"])]
    name = trends.period(speech, date.fromisoformat(item["starts_on"]), kind)
    return Row(name, [Cell(text) for text in (*cells, level, around, signal)])


def _reading(speech: Speech, *, signalled: bool, levelled: bool) -> list[str]:
    _ = speech.gettext
    level = _(
        "The thick line is the level: where the score lies beneath the chance of who happened to answer. The band "
        "around it is its interval."
    )
    signals = _(
        "A triangle marks a period further from the rest than chance allows: look for what happened then. A diamond "
        "marks where another level seems to begin: a hint, not a finding."
    )
    return [
        *([level, _("A grey mark is one period, the bar its interval.")] if levelled else []),
        *([] if levelled else [_("A dot is one period, the band or bar its interval.")]),
        _("Hollow marks have fewer than 30 answers, crosses fewer than 5."),
        signals if signalled else _("No period lies further from the rest than chance allows."),
    ]


def spread(visit: Visit, item: Item) -> Spread:
    """How many gave each score from 0 to 10, or belong to each of three groups where no scores were kept."""
    speech = visit.speech
    if item["suppressed"]:
        return Spread(None, estimates.instead(speech, item))
    if item["without_scores"]:
        return _of_groups(speech, item)
    return Spread(_spread(speech, item["counts"]), None)


def _of_groups(speech: Speech, item: Item) -> Spread:
    sides = charts.texts(speech).names.sides
    note = speech.gettext(
        "Shown in three groups: single scores are not kept here, so that nobody can work out who gave which."
    )
    return Spread(_spread(speech, {sides[side]: item[side] for side in reversed(CATEGORIES)}), None, note)


def _spread(speech: Speech, counts: Mapping[str, int]) -> Table:
    row = Row(speech.gettext("Answers"), [Cell(speech.number(n)) for n in counts.values()])
    heads = [speech.gettext("Score"), *counts]
    return Table(speech.gettext("How many gave each score"), heads, [row], kind="spread")
