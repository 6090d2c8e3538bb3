"""The report of an anonymous survey: waves in the place of days, units with those counted together, and comments."""

from typing import Any

from sqlmodel import Session

from analytics import charts, names, query, report, trend_chart, unit_tree, wave_results
from analytics.names import Names
from analytics.query import Query
from analytics.wave_results import Rounds
from app import languages
from app.access.keys import Caller
from app.feeds import unlinked
from surveys.facts import Malformed
from surveys.tables import Wave

Facts = dict[str, Any]
TAKEN = ("unit", "confidence")


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
    return told | _told(session, asked, found, _chosen(found, given.get("wave")), known)


def _chosen(found: Rounds, key: str | None) -> Wave:
    if key is None:
        return found.released[-1]
    chosen = next((wave for wave in found.released if wave.key == key), None)
    if chosen is None:
        raise Malformed("wave", f"nothing was released of a wave '{key[:64]}' of this survey.")
    return chosen


def _told(session: Session, asked: Query, found: Rounds, wave: Wave, known: Names) -> Facts:
    one, before = wave_results.of(asked, wave), found.before(wave)
    _, total = report.scores(session, one)
    waves = wave_results.by_wave(session, asked, found.released)
    spread = report.distribution(session, one)
    drawn = {"distribution": charts.distribution(spread, known)} if spread[0]["counts"] else {}
    if len(waves) > 1 and any(item["nps"] is not None for item in waves):
        drawn["waves"] = trend_chart.waves(waves, known)
    return {
        "wave": wave, "before": before, "total": total, "waves": waves, "spread": spread[0], "figures": drawn,
        "change": wave_results.change(session, asked, before, wave),
        "units": unit_tree.tree(session, one),
        "segments": wave_results.segments(session, one, wave),
        "comments": unlinked.words(session, one),
    }  # fmt: skip
