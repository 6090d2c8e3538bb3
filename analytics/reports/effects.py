"""Initiatives: the answers each is about, and what changed with it."""

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
from analytics.reports.caveats import Caveat
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
class EffectReport:
    """What changed with an initiative: the figures, each period behind them, and what to know beside them.

    `figure` is what the figure is called (NPS, eNPS). Codes of `caveats`: `autocorrelated` (`period`,
    `autocorrelation`), `drift`, `ended` (`on`, `last`), and of another initiative that began or ended between `first`
    and `last` for some of them: `same answers`, `same comparison` (`name`).
    """

    figures: Item
    periods: list[Item]
    figure: str
    caveats: list[Caveat]


class TooFewPeriods(Refused):
    """Too few whole periods have answers; `before` and `after` count them, `compared` where both slices need them."""

    def __init__(self, *, before: int, after: int, starts_on: date, period: str, compared: bool) -> None:
        both = " in scope and comparison" if compared else ""
        super().__init__(
            f"{before} whole {period}s before and {after} after the start on {starts_on} have answers{both}; "
            f"{LEAST_PERIODS} are needed on each side. Ask again later, or for more days with before_days and "
            "after_days."
        )
        self.before, self.after, self.starts_on, self.period = before, after, starts_on, period


def filters(session: Session, organisation_id: int, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of a scope, checked. Raises Malformed naming the parameter; a scope has no days and groups."""
    for name in sorted(scope):
        if name not in (*query.FILTERS, "audience") and not name.startswith(query.SEGMENT):
            raise Malformed(name, f"a scope has filters only: {', '.join(query.FILTERS)}, audience and segment.<name>.")
    parameters = query.parse(session, organisation_id, query.pairs(scope)).as_parameters()
    return {name: value for name, value in parameters.items() if name != "confidence"}


def effect_of(
    session: Session, initiative: Initiative, *, before_days: int, after_days: int, period: str, confidence: float,
    within: str | None, now: datetime,
) -> EffectReport:  # fmt: skip
    """What changed with an initiative between the days before and after its start, whole periods only.

    `within` is the unit a manager is bound to. Raises TooFewPeriods, Refused where the two slices share
    answers, Malformed for another period than day and week, and OutsideUnit.
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
        raise _too_few(window, _periods(window, *sides), period)
    caveats = _caveats(initiative, result, period, last) + _others(session, initiative, scope, comparison)
    figures = {
        "initiative": initiative.model_dump(exclude={"organisation_id"}, mode="json"),
        "design": "difference in differences" if comparison else "before and after",
        "period": period, **metrics.item(metrics.EFFECT, result),
    }  # fmt: skip
    return EffectReport(figures, _items(window, *sides, confidence), names.figure(session, scope), caveats)


def begun(session: Session, asked: Query, first: date, last: date) -> list[Initiative]:
    """The initiatives that began between two days for some of the answers a query counts."""
    near = initiatives.between(session, asked.organisation_id, first, last)
    return [each for each in near if first <= each.starts_on <= last and _touches(session, each, asked)]


def _asked(
    session: Session, organisation_id: int, filters: Mapping[str, Any], dates: tuple[date, date], within: str | None
) -> Query:
    asked = query.parse(session, organisation_id, query.pairs(filters), within=within)
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


def _too_few(window: Window, periods: list[Period], period: str) -> TooFewPeriods:
    before, after = (len(effect.usable([p for p in periods if (p.index < 0) == side])) for side in (True, False))
    compared = bool(periods) and periods[0].comparison is not None
    return TooFewPeriods(before=before, after=after, starts_on=window.starts_on, period=period, compared=compared)


def _caveats(initiative: Initiative, result: Effect, period: str, last: date) -> list[Caveat]:
    caveats = []
    if result.autocorrelated:
        caveats.append(Caveat("autocorrelated", {"period": period, "autocorrelation": result.autocorrelation}))
    if result.drift < DRIFT_BELOW:
        caveats.append(Caveat("drift", {}))
    if initiative.ends_on and initiative.ends_on < last:
        caveats.append(Caveat("ended", {"on": initiative.ends_on, "last": last}))
    return caveats


def _others(session: Session, initiative: Initiative, scope: Query, comparison: Query | None) -> list[Caveat]:
    """The other initiatives that began or ended in the window for some of the same answers."""
    first, last = scope.from_on or date.min, scope.to_on or date.max
    caveats = []
    for other in initiatives.between(session, initiative.organisation_id, first, last):
        for side, code in ((scope, "same answers"), (comparison, "same comparison")):
            if side and other.key != initiative.key and _touches(session, other, side):
                caveats.append(Caveat(code, {"name": other.name, "first": first, "last": last}))
    return caveats


def _touches(session: Session, initiative: Initiative, asked: Query) -> bool:
    try:
        touched = query.parse(session, asked.organisation_id, query.pairs(initiative.scope))
    except Malformed:
        return False  # a segment that no survey declares any more
    return scores.share_answers(session, asked, touched)
