"""Choices: the fields with which a reader says which answers a page is about."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from analytics.counts.query import PERIODS, SEGMENT
from analytics.reports.names import Names
from app.pages.managers.sections import headlines
from app.pages.managers.visits import Visit
from app.phrases import trends
from surveys.tables import Baseline, Wave


@dataclass(frozen=True, slots=True)
class Field:
    """A date, a choice of `options` (value and words), or where it has neither a label what only travels along."""

    name: str
    value: str
    label: str | None = None
    options: list[tuple[str, str]] = field(default_factory=list)


def survey(visit: Visit) -> Field | None:
    """The choice of a survey; it stands alone, as filters of one survey need not fit another. None without a choice."""
    if len(visit.surveys) < 2:
        return None
    options = [(each.key, each.name) for each in visit.surveys]
    return Field("survey", visit.key or "", visit.speech.gettext("Survey"), options)


def days(visit: Visit) -> list[Field]:
    """The first and the last day."""
    _ = visit.speech.gettext
    return [Field("from", visit.single("from") or "", _("From")), Field("to", visit.single("to") or "", _("To"))]


def period(visit: Visit, chosen: str) -> Field:
    """The periods of the trend."""
    words = trends.periods(visit.speech)
    return Field("period", chosen, visit.speech.gettext("Trend by"), [(name, words[name]) for name in PERIODS])


def wave(visit: Visit, released: Iterable[Wave], chosen: Wave) -> Field:
    """The released waves, the last one first."""
    options = [
        (each.key, f"{each.key}, {headlines.in_words(visit.speech, each.counted_on)}" if each.counted_on else each.key)
        for each in released
    ]
    return Field("wave", chosen.key, visit.speech.gettext("Wave"), options[::-1])


def baseline(visit: Visit, baselines: Iterable[Baseline]) -> list[Field]:
    """The baselines that fit the survey; none where there is none."""
    options = [(each.key, each.key) for each in baselines]
    if not options:
        return []
    _ = visit.speech.gettext
    return [Field("baseline", visit.single("baseline") or "", _("Baseline"), [("", _("the latest")), *options])]


def filters(visit: Visit, names: Names, *shown: str) -> list[Field]:
    """What else is filtered by, so that it stays when the form is sent; those in `shown` have a field of their own.

    One that stands once can be let go.
    """
    _ = visit.speech.gettext
    fields = []
    for name, value in visit.parameters:
        if name in shown:
            continue
        if name in ("audience", "confidence") or len(visit.values(name)) > 1:
            fields.append(Field(name, value))
            continue
        words = names.label({name: value})
        label = {"touchpoint": _("Touchpoint"), "unit": _("Unit"), "channel": _("Channel"), "locale": _("Language")}
        text = label.get(name) or name.removeprefix(SEGMENT)
        fields.append(Field(name, value, text, [(value, words), ("", _("all"))]))
    return fields
