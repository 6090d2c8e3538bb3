"""Effects: what each initiative of the last years changed, or why that cannot be said yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from analytics.charts import why_charts
from analytics.counts.query import CONFIDENCE, Query
from analytics.reports import effects
from analytics.reports.effects import EffectReport, TooFewPeriods
from app import clock
from app.pages.managers.sections import headlines
from app.pages.managers.sections.tables import Cell, Row, Table
from app.pages.managers.visits import Visit
from app.phrases import charts, estimates
from app.phrases import effects as phrases
from app.phrases.speech import Speech
from culture.tables import Initiative
from surveys.facts import Fact
from surveys.organisation.organisations import day_of

SEVEN_QUARTERS = timedelta(days=640)  # initiatives that began longer ago are read through the API
WINDOW_DAYS = 91


@dataclass(frozen=True, slots=True)
class Shown:
    """One initiative: what is said of it, what to know beside it, its weeks, and the name of its figure."""

    name: str
    lead: str
    warnings: list[str] = field(default_factory=list)
    table: Table | None = None
    plot: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The initiatives with their figures, and what holds for all of them or where there are none."""

    notes: list[str]
    initiatives: list[Shown]
    figures: Mapping[str, Any]


def section(session: Session, visit: Visit, asked: Query) -> Section:
    """Each initiative of the last years for some of these answers."""
    today = day_of(clock.now(), visit.caller.time_zone)
    shown: list[Shown] = []
    figures: dict[str, Any] = {}
    for initiative in effects.begun(session, asked, today - SEVEN_QUARTERS, today):
        plot = f"effect-{len(shown)}"
        report = _report(session, visit, initiative)
        if isinstance(report, str):
            shown.append(Shown(initiative.name, report))
            continue
        said = phrases.wording(visit.speech, report)
        warnings = phrases.warnings(visit.speech, report)
        shown.append(Shown(initiative.name, said, warnings, _weeks(visit.speech, report), plot))
        texts = charts.texts(visit.speech)
        figures[plot] = why_charts.effect(report.figures, report.periods, report.figure, texts, said)
    return Section(_notes(visit, shown), shown, figures)


def _report(session: Session, visit: Visit, initiative: Initiative) -> EffectReport | str:
    """The effect of an initiative, or why there is none."""
    try:
        return effects.effect_of(
            session, initiative, before_days=WINDOW_DAYS, after_days=WINDOW_DAYS, period="week",
            confidence=CONFIDENCE, within=visit.caller.unit_key, now=clock.now(),
        )  # fmt: skip
    except TooFewPeriods as fact:
        return phrases.too_few(visit.speech, fact)
    except Fact as fact:
        return str(fact)


def _notes(visit: Visit, shown: list[Shown]) -> list[str]:
    speech = visit.speech
    notes = []
    if visit.mode == "anonymous":
        notes.append(
            speech.gettext(
                "All answers of a wave count on the day it closes, so an anonymous survey shows an effect only where "
                "five waves or more close within the thirteen weeks before a start, and five after it. The report "
                "compares one wave with another."
            )
        )
    if not shown:
        notes.append(speech.gettext("No initiative began for these answers in the last years."))
    return notes


def _weeks(speech: Speech, report: EffectReport) -> Table:
    _ = speech.gettext
    sides = {"before": _("before"), "after": _("after")}
    rows = [
        Row(
            headlines.in_words(speech, date.fromisoformat(period["starts_on"])),
            [
                Cell(sides[period["side"]]), Cell(estimates.score(speech, period)),
                Cell(speech.number(period["responses"])),
            ],
        )
        for period in report.periods
    ]  # fmt: skip
    caption = speech.gettext("%(figure)s by week before and after", figure=report.figure)
    return Table(caption, [_("Week from"), _("Side"), report.figure, _("Answers")], rows)
