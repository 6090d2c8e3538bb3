"""Baselines: counts frozen once, and what is so now against them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from analytics.counts import months, query
from analytics.counts.counted import NONE, Counted, counted, in_order
from analytics.counts.disclosure import Disclosure, Group
from analytics.counts.months import Months
from analytics.counts.query import Query
from analytics.estimation.compare import Between
from analytics.estimation.estimate import split
from analytics.estimation.straying import Sides
from analytics.reports import scores
from analytics.reports.metrics import Item
from surveys.facts import Malformed, OutsideUnit, Refused, Unknown
from surveys.keys import check_key
from surveys.organisation import organisations, units
from surveys.organisation.organisations import day_of
from surveys.tables import Baseline, Wave
from surveys.tables.bulk import insert_if_new

CHANGEABLE = ("from", "to", "confidence")
Days = tuple[date, date]


def freeze(session: Session, asked: Query, key: str, note: str | None, now: datetime) -> tuple[Baseline, bool]:
    """Keep the counts of a query under a key, for good; the flag says whether it is new.

    The same query under the same key is the same baseline. Raises Refused where the key holds another one,
    and where no answer matches: a baseline cannot be changed afterwards.
    """
    check_key("key", key)
    stored = session.get(Baseline, (asked.organisation_id, key))
    made = stored is None
    if stored is None:
        answers = counted(session, asked)
        if not any(map(sum, answers.counts.values())):
            raise Refused("No answer matches this query, so there is nothing to freeze.")
        row = _row(session, asked, key, note, answers) | {"frozen_at": now}
        made = insert_if_new(session, Baseline, row)
        stored = session.get_one(Baseline, (asked.organisation_id, key))
    if stored.query != asked.as_parameters() or note not in (None, stored.note):
        raise Refused(f"The baseline '{key}' is frozen with another query or note. Choose another key.")
    return stored, made


def get(session: Session, organisation_id: int, key: str, within: str | None = None) -> Baseline:
    """The baseline with this key. Raises Unknown, and OutsideUnit where a manager's unit does not hold it."""
    baseline = session.get(Baseline, (organisation_id, key))
    if baseline is None:
        raise Unknown("baseline", key)
    if within is not None and not _inside(baseline, units.below(session, organisation_id, [within])):
        raise OutsideUnit(", ".join(baseline.query.get("unit", ["the whole organisation"])), within)
    return baseline


def listed(
    session: Session, organisation_id: int, *, after: str | None, limit: int, within: str | None = None
) -> list[Baseline]:
    """At most `limit` baselines behind the key `after`, in the order of their keys."""
    rows = sa.select(Baseline).where(col(Baseline.organisation_id) == organisation_id).order_by(col(Baseline.key))
    if after is not None:
        rows = rows.where(col(Baseline.key) > after)
    if within is None:
        return list(session.execute(rows.limit(limit)).scalars())
    own = units.below(session, organisation_id, [within])
    return [baseline for baseline in session.execute(rows).scalars() if _inside(baseline, own)][:limit]


def latest(session: Session, organisation_id: int, within: str | None = None) -> Baseline:
    """The baseline frozen last. Raises Unknown where there is none."""
    rows = sa.select(Baseline).where(col(Baseline.organisation_id) == organisation_id)
    own = None if within is None else units.below(session, organisation_id, [within])
    newest_first = session.execute(rows.order_by(col(Baseline.frozen_at).desc(), col(Baseline.key))).scalars()
    newest: Baseline | None = next((b for b in newest_first if own is None or _inside(b, own)), None)
    if newest is None:
        raise Unknown("baseline")
    return newest


def item(baseline: Baseline) -> Item:
    """A baseline as reports show it: its estimate, its groups, what was frozen and when."""
    frozen = _frozen(baseline)
    return {
        "key": baseline.key,
        "note": baseline.note,
        "query": baseline.query,
        "frozen_at": baseline.frozen_at,
        "estimate": scores.estimate_item(frozen.of_all()),
        "groups": [
            {"group": kept["group"], **scores.estimate_item(frozen.of(tuple(kept["group"].values())))}
            for kept in baseline.groups
        ],
    }


@dataclass(frozen=True, slots=True)
class Change:
    """Now against a baseline: the baseline and the days it counted, the query of now, and an item per group."""

    baseline: Baseline
    days: Days
    current: Query
    items: list[Item]


def change(
    session: Session, organisation_id: int, key: str, parameters: Iterable[tuple[str, str]], within: str | None = None
) -> Change:
    """The baseline's own question asked again, of the days after it unless the parameters name `from` or `to`.

    One of waves of anonymous surveys is asked again of the waves after them. Raises Refused where the days of now
    overlap those of the baseline: the same answers would be on both sides.
    """
    frozen = get(session, organisation_id, key, within)
    waves = _waves(session, frozen)
    first, last = days = _days(session, frozen, waves)
    current = _current(session, frozen, list(parameters), waves=waves, last=last, within=within)
    if (current.from_on or date.min) <= last and (current.to_on or date.max) >= first:
        raise Refused(
            f"The days asked about overlap those of the baseline ({first} to {last}), so the same answers would "
            f"be on both sides. Ask from {last + timedelta(days=1)} on."
        )
    strays = _straying(frozen, current, months.counted(session, current))
    items = scores.differences(current, _frozen(frozen, current), counted(session, current), strays, watched=True)
    return Change(frozen, days, current, items)


def _frozen(baseline: Baseline, asked: Query | None = None) -> Counted:
    """What was frozen, with the groupings in the order of `asked`, or else in the order they were frozen in."""

    def group_of(kept: dict[str, Any]) -> tuple[str | None, ...]:
        return tuple(kept["group"][name] for name in (asked.by if asked else kept["group"]))

    anonymous = frozenset(group_of(kept) for kept in baseline.groups if kept.get("anonymous"))
    # One that was frozen before there were waves without scores has eleven counts.
    counts = {group_of(kept): (*kept["counts"], *NONE)[: len(NONE)] for kept in baseline.groups}
    confidence = asked.confidence if asked else baseline.query["confidence"]
    return Counted(counts, confidence, Disclosure(anonymous))


def _straying(frozen: Baseline, asked: Query, now: Mapping[Group, Months]) -> dict[Group, Between]:
    """What months that stray add to each group's change, as the months frozen with the baseline tell it.

    A baseline frozen before months were kept is taken for a single month.
    """
    strays = {}
    for kept in frozen.groups:
        group = tuple(kept["group"][name] for name in asked.by)
        then: list[Sides] = [tuple(sides) for sides in kept.get("months", [split(kept["counts"])])]
        strays[group] = months.between(then, now.get(group, {}).values(), then)
    return strays


def _current(
    session: Session, frozen: Baseline, parameters: list[tuple[str, str]], *, waves: Sequence[Wave], last: date,
    within: str | None,
) -> Query:  # fmt: skip
    """The query of now; `waves` are those the baseline names, `last` is the last day it counted."""
    names = {name for name, _ in parameters}
    for name in sorted(names - set(CHANGEABLE)):
        raise Malformed(name, f"the baseline's own filters are asked again; only {', '.join(CHANGEABLE)} may be set.")
    own = {name: value for name, value in frozen.query.items() if name not in {"from", "to", *names}}
    if waves:
        own = {"survey": sorted({wave.survey_key for wave in waves})} | own
        del own["wave"]
    if not names & {"from", "to"}:
        own["from"] = (last + timedelta(days=1)).isoformat()
    return query.parse(session, frozen.organisation_id, [*query.pairs(own), *parameters], within=within)


def _days(session: Session, frozen: Baseline, waves: Sequence[Wave]) -> Days:
    """First and last day a baseline of these waves counted; an open end is the day it was frozen."""
    first, last = (frozen.query.get(name) for name in ("from", "to"))
    zone = organisations.get(session, frozen.organisation_id).time_zone
    first_on = date.fromisoformat(first) if first else date.min
    last_on = date.fromisoformat(last) if last else day_of(frozen.frozen_at, zone)
    within = [wave.counted_on for wave in waves if wave.counted_on and first_on <= wave.counted_on <= last_on]
    return (min(within), max(within)) if within else (first_on, last_on)


def _waves(session: Session, frozen: Baseline) -> list[Wave]:
    """The waves a baseline names, where all are of anonymous surveys: they stand for the days they count on.

    Asked of the same waves again, a baseline would have nothing to be compared with.
    """
    named = frozen.query.get("wave", [])
    if not named:
        return []
    rows = sa.select(Wave).where(
        col(Wave.organisation_id) == frozen.organisation_id, col(Wave.key).in_(named), col(Wave.counted_on).is_not(None)
    )
    counted_waves = list(session.execute(rows).scalars())
    return counted_waves if len(counted_waves) == len(named) else []


def _inside(baseline: Baseline, own: set[str]) -> bool:
    asked = set(baseline.query.get("unit", ()))
    return bool(asked) and asked <= own


def _row(session: Session, asked: Query, key: str, note: str | None, answers: Counted) -> dict[str, Any]:
    by_month = months.counted(session, asked)
    return {
        "organisation_id": asked.organisation_id,
        "key": key,
        "note": note or "",
        "query": asked.as_parameters(),
        "groups": [
            {
                "group": scores.named(asked, group),
                "counts": list(answers.counts[group]),
                "anonymous": group in answers.disclosure.anonymous,
                "months": [list(sides) for _, sides in sorted(by_month.get(group, {}).items())],
            }
            for group in in_order(answers.counts)
        ],
    }
