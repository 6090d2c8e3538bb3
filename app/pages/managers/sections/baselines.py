"""Baselines: those that a report of one survey offers, and what is so now against the one it shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session

from analytics.charts import score_charts
from analytics.reports import baselines as baseline
from analytics.reports.metrics import Item
from analytics.reports.names import Names
from app.access.keys import Caller
from app.pages.managers.sections import headlines, tables
from app.pages.managers.sections.tables import Table
from app.pages.managers.visits import Visit
from app.phrases import charts
from surveys.facts import Fact
from surveys.fieldwork import waves
from surveys.tables import Baseline

MOST = 200


@dataclass(frozen=True, slots=True)
class Comparison:
    """Now against a baseline: the sentences, the groups with a verdict and those without, and the figure.

    `frozen` is None where there is no baseline, and `refused` says why one cannot be asked again.
    """

    frozen: Baseline | None = None
    then: Item | None = None
    since: date | None = None
    refused: str | None = None
    lead: list[str] = field(default_factory=list)
    sure: list[Item] = field(default_factory=list)
    table: Table | None = None
    few_title: str = ""
    few: Table | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    reading: list[str] = field(default_factory=list)

    @property
    def estimate(self) -> Item | None:
        """The estimate that was frozen."""
        estimate: Item | None = self.then and self.then["estimate"]
        return estimate


def offered(session: Session, caller: Caller, survey: str | None) -> list[Baseline]:
    """Those whoever asks may see and that count answers of the survey, by key."""
    keys = waves.keys_of(session, caller.organisation_id, survey)
    frozen = baseline.listed(session, caller.organisation_id, after=None, limit=MOST, within=caller.unit_key)
    return [each for each in frozen if _counts(each, survey, keys)]


def chosen(baselines: Sequence[Baseline], visit: Visit) -> Baseline | None:
    """The baseline asked for, or else the one frozen last of those that count no other survey."""
    if key := visit.single("baseline"):
        return next((each for each in baselines if each.key == key), None)
    alone = [each for each in baselines if each.query.get("survey", [visit.key]) == [visit.key]]
    return max(alone, key=lambda each: each.frozen_at, default=None)


def compare(session: Session, visit: Visit, baselines: Sequence[Baseline], known: Names) -> Comparison:
    """The answers since the baseline of a confidential survey against it."""
    frozen = chosen(baselines, visit)
    if frozen is None:
        return Comparison(lead=[none(visit)])
    then = baseline.item(frozen)
    try:
        change = baseline.change(session, visit.caller.organisation_id, frozen.key, [], visit.caller.unit_key)
    except Fact as fact:  # such as a segment that the survey no longer declares
        return Comparison(frozen, then, refused=str(fact), lead=[cannot(visit, frozen)])
    sure, few = apart(change.items)
    speech = visit.speech
    texts = charts.texts(speech)
    return Comparison(
        frozen, then, change.current.from_on, None, _lead(visit, frozen, change.current.from_on), sure,
        tables.change(speech, texts.titles.now_against_baseline, sure, lambda item: known.label(item["group"])),
        speech.ngettext(
            "%(num)s group has fewer than 5 answers then or now: too few for a verdict",
            "%(num)s groups have fewer than 5 answers then or now: too few for a verdict",
            len(few),
        ),
        tables.change(
            speech, speech.gettext("Groups without a verdict"), few,
            lambda item: known.label(item["group"]),
        ) if few else None,
        {"baseline": score_charts.baseline(sure, known, texts)} if sure else {},
    )  # fmt: skip


def apart(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Those with an interval, and the rest, each in their order."""
    return [item for item in items if item["low"] is not None], [item for item in items if item["low"] is None]


def none(visit: Visit) -> str:
    """That there is no baseline to compare with."""
    if visit.single("baseline"):
        return visit.speech.gettext("There is no baseline of this name for this survey.")
    return visit.speech.gettext(
        "No baseline is frozen for this survey yet. A baseline is what you compare with later: how you stood before "
        "you changed something."
    )


def cannot(visit: Visit, frozen: Baseline) -> str:
    """That a baseline cannot be asked again; the reason stands beside it."""
    return visit.speech.gettext("The baseline “%(key)s” can no longer be compared with.", key=frozen.key)


def _lead(visit: Visit, frozen: Baseline, since: date | None) -> list[str]:
    speech = visit.speech
    day = headlines.in_words(speech, since) if since else ""
    said = speech.gettext("Answers since %(day)s against the baseline “%(key)s”.", day=day, key=frozen.key)
    return [said, *([frozen.note] if frozen.note else [])]


def _counts(frozen: Baseline, survey: str | None, keys: Collection[str]) -> bool:
    if "survey" in frozen.query:
        return survey in frozen.query["survey"]
    return set(frozen.query.get("wave", ())) <= set(keys)
