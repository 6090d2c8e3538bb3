"""The report of an anonymous survey: waves in the place of days, units with those counted together, and comments."""

from typing import Any

from sqlmodel import Session

from analytics.charts import score_charts, trend_chart
from analytics.counts import query
from analytics.counts.query import Query
from analytics.reports import names, scores, unit_tree, wave_baseline, wave_results
from analytics.reports.metrics import Item
from analytics.reports.names import Names
from analytics.reports.wave_results import Rounds
from app import languages
from app.access.keys import Caller
from app.feeds import unlinked
from app.pages.managers import baselines
from surveys.facts import Fact, Malformed
from surveys.tables import Baseline, Wave

Facts = dict[str, Any]
TAKEN = ("unit", "confidence")
# From so many people on, asking them all again seldom leads to a wave that cannot be released (decision 10).
MANY = 100


def figures(session: Session, caller: Caller, facts: Facts, given: dict[str, str]) -> Facts:
    """What the page shows of the wave chosen, or of the one released last. Raises Malformed for another wave."""
    own = [(name, value) for name, value in given.items() if name in TAKEN]
    asked = query.parse(session, caller.organisation_id, [*own, ("survey", facts["survey"])], within=caller.unit_key)
    found = wave_results.rounds(session, caller.organisation_id, facts["survey"])
    until = [languages.time_in_words(wave.closes_at, "en", caller.time_zone) for wave in found.open]
    known = names.names(session, asked)
    withheld = {"few": found.few, "alike": found.alike}
    told: Facts = {"open": until, "released": found.released, "label": known.label} | withheld
    if not found.released:
        return told
    told |= _told(session, asked, found, _chosen(session, asked, found, given.get("wave")), known)
    frozen = baselines.chosen(facts["baselines"], given.get("baseline"), facts["survey"])
    told |= {"frozen": frozen} | _change(session, caller, frozen, known)
    if told["now"] and told["now"]["sure"]:
        told["figures"]["baseline"] = score_charts.baseline(told["now"]["sure"], known)
    return told


def _chosen(session: Session, asked: Query, found: Rounds, key: str | None) -> Wave:
    """The wave asked for; the one released last where none is, or one of the survey that was chosen before."""
    wave = session.get(Wave, (asked.organisation_id, key)) if key else None
    if key is None or (wave and wave.survey_key not in asked.surveys):
        return found.released[-1]
    if wave is None or wave not in found.released:
        raise Malformed("wave", f"nothing was released of a wave '{key[:64]}' of this survey.")
    return wave


def _told(session: Session, asked: Query, found: Rounds, wave: Wave, known: Names) -> Facts:
    one, before = wave_results.of(asked, wave), found.before(wave)
    _, total = scores.scores(session, one)
    waves = wave_results.by_wave(session, asked, found.released)
    spread = scores.distribution(session, one)
    drawn = {"distribution": score_charts.distribution(spread, known)} if spread[0]["counts"] else {}
    if len(waves) > 1 and any(item["nps"] is not None for item in waves):
        drawn["waves"] = trend_chart.waves(waves, known)
    return {
        "wave": wave, "before": before, "total": total, "waves": waves, "spread": spread[0], "figures": drawn,
        "change": wave_results.change(session, asked, before, wave),
        "units": unit_tree.tree(session, one),
        "segments": wave_results.segments(session, one, wave),
        "comments": unlinked.words(session, one),
        "alike_next": _alike_next(found.released[-1], waves[-1], asked),
    }  # fmt: skip


def _alike_next(last: Wave, item: Item, asked: Query) -> bool:
    """Whether the next wave may be too much like the last to be released; told of the whole organisation only."""
    whole = not asked.units and last.sample is None and not last.always_release_total
    return whole and item["invited"] < MANY


def _change(session: Session, caller: Caller, frozen: Baseline | None, known: Names) -> Facts:
    """The waves since the baseline against it, or why that cannot be told any more."""
    if frozen is None:
        return {"now": None, "refused": None}
    try:
        found = wave_baseline.change(session, frozen, caller.unit_key)
    except Fact as fact:  # such as a segment that the survey no longer declares
        return {"now": None, "refused": str(fact)}
    alike = [item | {"group": _group(item, known)} for item in found.items if item["alike"]]
    now = {
        "then": found.then, "now": found.now,
        "sure": [item for item in alike if item["low"] is not None],
        "few": [item for item in alike if item["low"] is None],
        "mixed": [item for item in found.items if not item["alike"]],
    }  # fmt: skip
    return {"now": now, "refused": None}


def _group(item: Item, known: Names) -> dict[str, str | None]:
    """A group under the names of all whose answers it holds, where these are not of its own unit alone."""
    group: dict[str, str | None] = item["group"]
    if "unit" not in group or item["parts"] in ([], [group["unit"]]):
        return group
    *first, last = [known.label({"unit": unit}) for unit in item["parts"]]
    return group | {"unit": f"{', '.join(first)} and {last}, together" if first else f"{last} alone"}
