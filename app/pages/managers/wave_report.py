"""The report of an anonymous survey: waves in the place of days, units with those counted together, and comments."""

from typing import Any

from sqlmodel import Session

from analytics.charts import score_charts, trend_chart
from analytics.counts.query import Query
from analytics.reports import names, scores, unit_tree, wave_results
from analytics.reports.metrics import Item
from analytics.reports.names import Names
from analytics.reports.wave_results import Rounds
from app.pages.managers.sections import (
    actions,
    baselines,
    choices,
    comments,
    headlines,
    participation,
    trends,
    wave_baselines,
    wave_tables,
)
from app.pages.managers.sections.headlines import Headline
from app.pages.managers.visits import Visit
from app.phrases import charts, groups, waves
from surveys.anonymity import roll
from surveys.facts import Malformed
from surveys.tables import Wave

OWN = ("wave", "baseline")
REFUSED = ("from", "to")
# From so many people on, asking them all again seldom leads to a wave that cannot be released (decision 10).
MANY = 100

Context = dict[str, Any]


def context(session: Session, visit: Visit) -> Context:
    """What the page shows of the wave chosen, or of the one released last. Raises Malformed for another wave."""
    asked = visit.asked(session, *OWN, refused=REFUSED)
    rounds = wave_results.rounds(session, asked.organisation_id, asked.surveys[0])
    known = names.names(session, asked, groups.naming(visit.speech))
    notes = [waves.too_few(visit.speech, wave, roll.of(session, wave)) for wave in rounds.few]
    notes += [waves.alike(visit.speech, wave) for wave in rounds.alike]
    notes += [waves.awaiting(visit.speech, wave) for wave in rounds.awaiting]
    around: Context = {
        "open": participation.sections(session, visit, rounds.open, known), "notes": notes,
        "nothing": _nothing(visit, rounds, notes), "fields": [], "figures": {}, "headline": None,
    }  # fmt: skip
    if not rounds.released:
        return around
    wave = _chosen(session, visit, asked, rounds)
    offered = baselines.offered(session, visit.caller, visit.key)
    fields = [choices.wave(visit, rounds.released, wave), *choices.baseline(visit, offered)]
    fields += choices.filters(visit, known, *OWN)
    comparison = wave_baselines.compare(session, visit, offered, known)
    sections = _sections(session, visit, asked, rounds=rounds, wave=wave, known=known)
    figures = sections["figures"] | comparison.figures
    freeze = None if comparison.frozen else actions.freeze(visit, wave_results.of(asked, wave))
    return around | sections | {"fields": fields, "comparison": comparison, "freeze": freeze, "figures": figures}


def _nothing(visit: Visit, rounds: Rounds, notes: list[str]) -> list[str]:
    """What is said where no wave has been released."""
    if rounds.released or rounds.open:
        return []
    if notes:
        return [visit.speech.gettext("No wave has been released yet.")]
    return [visit.speech.gettext("This survey has not been asked yet.")]


def _chosen(session: Session, visit: Visit, asked: Query, rounds: Rounds) -> Wave:
    """The wave asked for, or the one released last. Raises Malformed for one of which nothing was released."""
    key = visit.single("wave")
    if key is None:
        return rounds.released[-1]
    wave = session.get(Wave, (asked.organisation_id, key))
    if wave is None or wave not in rounds.released:
        raise Malformed("wave", f"nothing was released of a wave '{key[:64]}' of this survey.")
    return wave


def _sections(session: Session, visit: Visit, asked: Query, *, rounds: Rounds, wave: Wave, known: Names) -> Context:
    speech, texts = visit.speech, charts.texts(visit.speech)
    own, before = wave_results.of(asked, wave), rounds.before(wave)
    _, total = scores.scores(session, own)
    by_wave = wave_results.by_wave(session, asked, rounds.released)
    (spread,) = scores.distribution(session, own)
    units = unit_tree.tree(session, own)
    drawn = {"distribution": score_charts.distribution([spread], known, texts)} if not spread["suppressed"] else {}
    if len(by_wave) > 1 and any(item["nps"] is not None for item in by_wave):
        drawn["waves"] = trend_chart.waves(by_wave, known, texts)
    change = wave_results.change(session, asked, before, wave)
    segments = wave_results.segments(session, own, wave)
    rates = bool(total["invited"])
    return {
        "place": _place(visit, known, asked), "total": total,
        "headline": _headline(visit, total, wave, waves.change(speech, change, wave, before)),
        "hidden": [] if total["responses"] else waves.hidden(speech, known, wave, total, units[0] if units else None),
        "promise": speech.gettext(
            "The survey is anonymous: an answer is counted in a group of at least %(floor)s, and nobody is shown who "
            "gave it, or who answered.", floor=wave.floor,
        ),
        "people": waves.people(speech, wave, people) if (people := roll.of(session, wave)) else [],
        "waves": wave_tables.by_wave(visit, by_wave, rates=rates),
        "units": wave_tables.by_unit(visit, known, wave, units, rates=rates) if len(units) > 1 else None,
        "units_reading": _units_reading(visit, wave),
        "segments": [wave_tables.by_segment(visit, known, name, items, rates=rates) for name, items in
                     segments.items()],
        "spread": trends.spread(visit, spread) if total["responses"] else None,
        "comments": comments.of_wave(session, visit, own, wave),
        "alike_next": waves.alike_next(speech) if _alike_next(rounds.released[-1], by_wave[-1], asked) else None,
        "figures": drawn,
    }  # fmt: skip


def _units_reading(visit: Visit, wave: Wave) -> list[str]:
    return [
        visit.speech.gettext("A unit counts with all that lies below it."),
        visit.speech.gettext(
            "Where its figures would give away fewer than %(floor)s people, by themselves or beside those of an "
            "earlier wave, a unit is reported together with others, and figures of its own do not exist.",
            floor=wave.floor,
        ),
    ]


def _headline(visit: Visit, total: Item, wave: Wave, verdict: str) -> Headline | None:
    if not total["responses"]:
        return None
    counted_on = wave.counted_on or wave.closes_at.date()
    caption = visit.speech.gettext(
        "wave “%(wave)s”, counted on %(day)s", wave=wave.key, day=headlines.in_words(visit.speech, counted_on)
    )
    return headlines.of_score(visit.speech, visit.figure, caption, total, [verdict])


def _place(visit: Visit, known: Names, asked: Query) -> str | None:
    """The units that are looked at, where it is not the whole organisation."""
    return waves.units(visit.speech, known, asked.units) if asked.units else None


def _alike_next(last: Wave, item: Item, asked: Query) -> bool:
    """Whether the next wave may be too much like the last to be released; said of the whole organisation only."""
    whole = not asked.units and last.sample is None and not last.always_release_total
    return whole and item["invited"] < MANY
