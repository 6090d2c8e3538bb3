"""Touchpoints: their scores in a report, those that surely differ from the rest first."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from analytics.charts import score_charts
from analytics.counts.query import Query
from analytics.reports import scores
from analytics.reports.metrics import Item
from analytics.reports.names import Names
from app.pages.managers.sections import baselines, tables
from app.pages.managers.sections.baselines import Comparison
from app.pages.managers.sections.tables import Cell, Row, Table
from app.pages.managers.visits import Visit
from app.phrases import charts
from app.phrases.speech import Speech

ORDER = {"up": 0, "down": 1}


@dataclass(frozen=True, slots=True)
class Section:
    """The touchpoints with enough answers, those with few, and how to read the picture."""

    title: str
    lead: str | None
    table: Table | None
    few_title: str
    few: Table | None
    reading: list[str]
    figures: Mapping[str, Any] = field(default_factory=dict)


def section(session: Session, visit: Visit, asked: Query, known: Names, comparison: Comparison) -> Section:
    """The scores by touchpoint: first those above all others together, then those below, then the rest by score."""
    speech = visit.speech
    by = replace(asked, by=("touchpoint",))
    items, total = scores.scores(session, by)
    verdicts = {_key(item): item["verdict"] for item in scores.against_rest(session, by)}
    sure, few = baselines.apart([item for item in items if item["responses"] or item["suppressed"]])
    sure.sort(key=lambda item: (ORDER.get(verdicts[_key(item)], 2), -(item["nps"] or 0), _key(item) or ""))
    rates = bool(total["invited"])
    title = speech.gettext("%(figure)s by touchpoint", figure=visit.figure)
    compared = len(sure) > 1
    against = speech.gettext("Against the others") if compared else None
    heads = tables.columns(speech, speech.gettext("Touchpoint"), visit.figure, rates=rates, verdict=against)
    rows = [
        _row(visit, known, item, verdicts.get(_key(item)) if compared else None, rates=rates, compared=compared)
        for item in (*sure, *few)
    ]
    texts, kind = charts.texts(speech), "verdicts" if compared else ""
    return Section(
        title, _lead(speech, [verdicts[_key(item)] for item in sure]),
        Table(title, heads, rows[: len(sure)], kind=kind) if sure else None,
        speech.ngettext(
            "%(num)s touchpoint has fewer than 5 answers: too early to tell",
            "%(num)s touchpoints have fewer than 5 answers: too early to tell",
            len(few),
        ),
        Table(speech.gettext("Touchpoints with fewer than 5 answers"), heads, rows[len(sure) :], kind=f"{kind} grey")
        if few else None,
        _reading(speech, known, comparison),
        {"touchpoints": score_charts.touchpoints(sure, known, texts, comparison.then, ordered=True)} if sure else {},
    )  # fmt: skip


def _key(item: Item) -> str | None:
    key: str | None = item["group"]["touchpoint"]
    return key


def _row(visit: Visit, known: Names, item: Item, verdict: str | None, *, rates: bool, compared: bool) -> Row:
    key = _key(item)
    link = None
    if key is not None and not visit.values("touchpoint"):
        query = urlencode({"touchpoint": key})
        link = visit.address("/report", "period", "baseline") + ("&" if visit.key else "?") + query
    words = Cell(_words(visit.speech, verdict), kind=f"verdict {verdict if verdict in ORDER else 'unclear'}")
    cells = [*([words] if compared else []), *tables.score(visit.speech, item, rates=rates)]
    return Row(known.label(item["group"]), cells, link=link)


def _words(speech: Speech, verdict: str | None) -> str:
    if verdict == "up":
        return speech.gettext("higher")
    if verdict == "down":
        return speech.gettext("lower")
    if verdict == "no clear change":
        return speech.gettext("no clear difference")
    return speech.points(None)


def _lead(speech: Speech, verdicts: list[str]) -> str | None:
    """How many touchpoints differ; None where there is nothing to differ from."""
    if len(verdicts) < 2:
        return None
    number = sum(verdict in ORDER for verdict in verdicts)
    if not number:
        return speech.gettext("No touchpoint differs clearly from the others.")
    return speech.ngettext(
        "%(num)s touchpoint differs clearly from the others.", "%(num)s touchpoints differ clearly from the others.",
        number,
    )  # fmt: skip


def _reading(speech: Speech, known: Names, comparison: Comparison) -> list[str]:
    said = [
        speech.gettext("A dot is the score, the bar its interval. Where bars overlap widely, the order may be chance."),
        speech.gettext(
            "“Against the others” sets each touchpoint against all others together; a verdict needs a test that allows "
            "for how many were compared."
        ),
    ]
    if known.targets:
        said.append(speech.gettext("An upright stroke is the target."))
    if comparison.frozen:
        said.append(speech.gettext("The dashed line is the baseline; a square is that of the touchpoint."))
    return said
