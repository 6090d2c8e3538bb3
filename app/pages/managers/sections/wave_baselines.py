"""Baselines of an anonymous survey: waves after waves, and what cannot be compared."""

from collections.abc import Sequence

from sqlmodel import Session

from analytics.charts import score_charts
from analytics.reports import wave_baseline
from analytics.reports.metrics import Item
from analytics.reports.names import Names
from analytics.reports.wave_baseline import Waves
from app.pages.managers.sections import baselines, tables
from app.pages.managers.sections.baselines import Comparison
from app.pages.managers.visits import Visit
from app.phrases import charts, waves
from surveys.facts import Fact
from surveys.tables import Baseline


def compare(session: Session, visit: Visit, offered: Sequence[Baseline], known: Names) -> Comparison:
    """The waves since a baseline against it, or why that cannot be done any more."""
    frozen = baselines.chosen(offered, visit)
    if frozen is None:
        return Comparison(lead=[baselines.none(visit)])
    try:
        change = wave_baseline.change(session, frozen, visit.caller.unit_key)
    except Fact as fact:  # such as a segment that the survey no longer declares
        return Comparison(frozen, refused=str(fact), lead=[baselines.cannot(visit, frozen)])
    if not change.now:
        said = visit.speech.gettext(
            "No wave has been released since the baseline “%(key)s” (%(waves)s).",
            key=frozen.key, waves=waves.quoted(visit.speech, change.then),
        )  # fmt: skip
        return Comparison(frozen, lead=[said])
    return _comparison(visit, frozen, change, known)


def _comparison(visit: Visit, frozen: Baseline, change: Waves, known: Names) -> Comparison:
    speech, texts = visit.speech, charts.texts(visit.speech)
    alike = [item | {"group": _group(visit, item, known)} for item in change.items if item["alike"]]
    sure, few = baselines.apart(alike)
    mixed = [known.label(item["group"]) for item in change.items if not item["alike"]]
    return Comparison(
        frozen,
        lead=_lead(visit, frozen, change, known) + ([_mixed(visit, mixed)] if mixed else []),
        sure=sure,
        table=_table(visit, texts.titles.now_against_baseline, sure, known),
        few_title=speech.ngettext(
            "%(num)s group has too few answers then or now for a verdict, or figures that are not shown",
            "%(num)s groups have too few answers then or now for a verdict, or figures that are not shown",
            len(few),
        ),
        few=_table(visit, speech.gettext("Groups without a verdict"), few, known) if few else None,
        figures={"baseline": score_charts.baseline(sure, known, texts)} if sure else {},
        reading=[
            speech.gettext(
                "All answers of a wave count on the day it closes, so a change against a baseline is a comparison of "
                "waves; who answered in several of them counts in each."
            )
        ],
    )


def _table(visit: Visit, caption: str, items: Sequence[Item], known: Names) -> tables.Table:
    return tables.change(
        visit.speech, caption, items, lambda item: known.label(item["group"]),
        lambda item: waves.without(visit.speech, known, item),
    )  # fmt: skip


def _lead(visit: Visit, frozen: Baseline, change: Waves, known: Names) -> list[str]:
    speech = visit.speech
    said = [
        speech.ngettext(
            "The wave %(now)s against the baseline “%(key)s” of %(then)s.",
            "The waves %(now)s, added up, against the baseline “%(key)s” of %(then)s.",
            len(change.now), now=waves.quoted(speech, change.now), key=frozen.key,
            then=waves.quoted(speech, change.then),
        )
    ]  # fmt: skip
    if frozen.query.get("unit"):
        units = waves.units(speech, known, frozen.query["unit"])
        said.append(speech.gettext("In %(units)s with what lies below.", units=units))
    return [*said, *([frozen.note] if frozen.note else [])]


def _mixed(visit: Visit, names: Sequence[str]) -> str:
    return visit.speech.ngettext(
        "Not compared: %(groups)s. It was counted together with other people then than now, or some of its own were "
        "counted elsewhere, so that a difference would show that too.",
        "Not compared: %(groups)s. They were counted together with other people then than now, or some of their own "
        "were counted elsewhere, so that a difference would show that too.",
        len(names), groups=visit.speech.listed(names),
    )  # fmt: skip


def _group(visit: Visit, item: Item, known: Names) -> dict[str, str | None]:
    """A group under the names of all whose answers it holds, where these are not of its own unit alone."""
    group: dict[str, str | None] = item["group"]
    if "unit" not in group or item["parts"] in ([], [group["unit"]]):
        return group
    units = waves.units(visit.speech, known, item["parts"])
    if len(item["parts"]) > 1:
        return group | {"unit": visit.speech.gettext("%(units)s, together", units=units)}
    return group | {"unit": visit.speech.gettext("%(unit)s alone", unit=units)}
