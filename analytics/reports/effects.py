"""Initiatives: the answers each is about, and what changed with it, in figures and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from analytics.counts import query
from analytics.counts.query import Query
from analytics.estimation import effect
from analytics.estimation.effect import LEAST_PERIODS, Effect, Period
from analytics.reports import metrics, names, scores
from analytics.reports.metrics import Item
from analytics.reports.window import Side, Window, counts_in
from culture import initiatives
from culture.tables import Initiative
from surveys.facts import Malformed, Refused
from surveys.organisation import organisations
from surveys.organisation.organisations import day_of

DAYS = {"day": 1, "week": 7}
DRIFT_BELOW = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """The effect of an initiative: the figures, each period behind them, and what the figure is called (NPS, eNPS)."""

    figures: Item
    periods: list[Item]
    figure: str


def filters(session: Session, organisation_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of a scope, checked. Raises Malformed naming the parameter; a scope has no days and groups."""
    for name in sorted(given):
        if name not in (*query.FILTERS, "audience") and not name.startswith(query.SEGMENT):
            raise Malformed(name, f"a scope has filters only: {', '.join(query.FILTERS)}, audience and segment.<name>.")
    found = query.parse(session, organisation_id, query.pairs(given)).as_parameters()
    return {name: value for name, value in found.items() if name != "confidence"}


def found(
    session: Session, initiative: Initiative, *, before_days: int, after_days: int, period: str, confidence: float,
    within: str | None, now: datetime,
) -> Found:  # fmt: skip
    """What changed with an initiative between the days before and after its start, whole periods only.

    `within` is the unit a manager is bound to. Raises Refused with the reason where it cannot be told, Malformed
    for another period than day and week, and OutsideUnit.
    """
    if period not in DAYS:
        raise Malformed("period", f"one of {', '.join(DAYS)} is wanted; longer ones leave too few.")
    days, starts_on = DAYS[period], initiative.starts_on
    passed = (day_of(now, organisations.get(session, initiative.organisation_id).time_zone) - starts_on).days
    window = Window(starts_on, days, before_days // days, max(0, min(after_days, passed)) // days)
    last = max(starts_on, window.first(window.after) - timedelta(days=1))
    dates = (window.first(-window.before), last)
    scope = _asked(session, initiative.organisation_id, initiative.scope, dates, within)
    compared = initiative.comparison
    comparison = None if compared is None else _asked(session, scope.organisation_id, compared, dates, within)
    if comparison and scores.share_answers(session, scope, comparison):
        raise Refused("The comparison shares answers with the scope, so it is no comparison. Choose others.")
    sides = counts_in(session, scope, window), counts_in(session, comparison, window) if comparison else None
    result = effect.effect(_periods(window, *sides), confidence)
    if result is None:
        raise Refused(_too_few(window, _periods(window, *sides), period))
    warned = _warnings(initiative, result, period, last) + _others(session, initiative, scope, comparison)
    figure = names.figure(session, scope)
    figures = {
        "initiative": initiative.model_dump(exclude={"organisation_id"}, mode="json"),
        "design": "difference in differences" if comparison else "before and after",
        "period": period, **metrics.item(metrics.EFFECT, result), "wording": wording(initiative.name, result, figure),
        "warnings": warned,
    }  # fmt: skip
    return Found(figures, _items(window, *sides, confidence), figure)


def begun(session: Session, asked: Query, first: date, last: date) -> list[Initiative]:
    """The initiatives that began between two days for some of the answers a query counts."""
    near = initiatives.between(session, asked.organisation_id, first, last)
    return [one for one in near if first <= one.starts_on <= last and _touches(session, one, asked)]


def wording(name: str, result: Effect, figure: str) -> str:
    """The effect on `figure` (NPS or eNPS) in a sentence that claims no more than the design can carry; points."""
    span = f"({result.low:+.1f} to {result.high:+.1f}, {100 * result.confidence:g} % interval)"
    than = " than in the comparison" if result.compared else ""
    if result.verdict == "no clear change":
        return (
            f"No clear change: the {figure} moved by {result.effect:+.1f} points {span}"
            f"{' relative to the comparison' if result.compared else ''}. That is consistent with no effect of "
            f"'{name}', and with any effect inside the interval."
        )
    direction, level = ("more", "higher") if result.effect > 0 else ("less", "lower")
    moved = f"After the start the {figure} moved by {abs(result.effect):.1f} points {direction}{than} {span}."
    if result.compared:
        return f"{moved} This is the effect of '{name}' if both would otherwise have moved alike."
    return (
        f"After the start the {figure} was {abs(result.effect):.1f} points {level} {span}. "
        f"This is consistent with an effect of '{name}', and with anything else that changed at that time: there is "
        "no comparison."
    )


def _asked(
    session: Session, organisation_id: int, given: Mapping[str, Any], dates: tuple[date, date], within: str | None
) -> Query:
    asked = query.parse(session, organisation_id, query.pairs(given), within=within)
    return replace(asked, from_on=dates[0], to_on=dates[1], period="day")


def _periods(window: Window, scope: Side, comparison: Side | None) -> list[Period]:
    return [
        Period(index, scope.sides(index), comparison.sides(index) if comparison else None)
        for index in range(-window.before, window.after)
    ]


def _items(window: Window, scope: Side, comparison: Side | None, confidence: float) -> list[Item]:
    items = []
    for index in range(-window.before, window.after):
        item = {
            "side": "before" if index < 0 else "after",
            "starts_on": window.first(index).isoformat(),
            "ends_on": window.last(index).isoformat(),
            **scope.item(index, confidence),
        }
        if comparison is not None:
            item["comparison"] = comparison.item(index, confidence)
        items.append(item)
    return items


def _too_few(window: Window, periods: list[Period], period: str) -> str:
    sides = [len(effect.usable([p for p in periods if (p.index < 0) == before])) for before in (True, False)]
    both = " in scope and comparison" if periods and periods[0].comparison is not None else ""
    return (
        f"{sides[0]} whole {period}s before and {sides[1]} after the start on {window.starts_on} have answers{both}; "
        f"{LEAST_PERIODS} are needed on each side. Ask again later, or for more days with before_days and after_days."
    )


def _warnings(initiative: Initiative, result: Effect, period: str, last: date) -> list[str]:
    said = []
    if result.autocorrelated:
        said.append(
            f"Neighbouring {period}s resemble each other (lag-1 autocorrelation {result.autocorrelation:.2f}), so the "
            "interval is too narrow and the p-value too small."
        )
    if result.drift < DRIFT_BELOW:
        said.append("The figures were already moving before the start, so some of the change may have come anyway.")
    if initiative.ends_on and initiative.ends_on < last:
        said.append(f"It ended on {initiative.ends_on}; the days from then to {last} count as after the start too.")
    return said


def _others(session: Session, initiative: Initiative, scope: Query, comparison: Query | None) -> list[str]:
    """The other initiatives that began or ended in the window for some of the same answers."""
    first, last = scope.from_on or date.min, scope.to_on or date.max
    said = []
    for other in initiatives.between(session, initiative.organisation_id, first, last):
        for side, where in ((scope, "the same answers"), (comparison, "the comparison")):
            if side and other.key != initiative.key and _touches(session, other, side):
                said.append(f"'{other.name}' began or ended between {first} and {last} for some of {where}.")
    return said


def _touches(session: Session, initiative: Initiative, asked: Query) -> bool:
    try:
        touched = query.parse(session, asked.organisation_id, query.pairs(initiative.scope))
    except Malformed:
        return False  # a segment that no survey declares any more
    return scores.share_answers(session, asked, touched)
