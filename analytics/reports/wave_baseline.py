"""Waves against a baseline: which are on either side, and whether the same people were counted together in them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col

from analytics.counts import frame
from analytics.counts.disclosure import Group
from analytics.counts.query import Query
from analytics.reports import baselines
from analytics.reports.baselines import Change
from analytics.reports.metrics import Item
from surveys.tables import Baseline, Cell, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

Unit = str | None
Place = tuple[Unit, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Waves:
    """A change against a baseline of an anonymous survey: the waves then and now, in the order they count.

    An item of `items` is that of baseline.change with `{alike, parts, without}`: whether the same cells were counted
    together in all the waves that have the group, the units of those who are counted in it, and the units of those who
    are of it and counted elsewhere.
    """

    then: Sequence[Wave]
    now: Sequence[Wave]
    items: Sequence[Item]


def change(session: Session, frozen: Baseline, within: str | None) -> Waves:
    """The waves since a baseline, added up, against it. Raises what baseline.change does."""
    since = baselines.change(session, frozen.organisation_id, frozen.key, [], within)
    then, now = _then(session, since), _now(session, since)
    mixtures = [_mixture(session, since.current, wave) for wave in (*then, *now)]
    return Waves(then, now, [item | _together(tuple(item["group"].values()), mixtures) for item in since.items])


def _then(session: Session, since: Change) -> list[Wave]:
    frozen = since.baseline
    known = col(Wave.closed_at) <= frozen.frozen_at
    surveys, waves = frozen.query.get("survey"), frozen.query.get("wave")
    return _released(session, frozen.organisation_id, surveys, waves, since.days, known)


def _now(session: Session, since: Change) -> list[Wave]:
    asked = since.current
    days = asked.from_on or date.min, asked.to_on or date.max
    return _released(session, asked.organisation_id, asked.surveys, asked.waves, days)


def _released(
    session: Session, organisation_id: int, surveys: Iterable[str] | None, keys: Iterable[str] | None,
    days: tuple[date, date], *further: sa.ColumnElement[bool],
) -> list[Wave]:  # fmt: skip
    rows = sa.select(Wave).where(
        col(Wave.organisation_id) == organisation_id, col(Wave.counted_on).between(*days), *further
    )
    rows = rows.where(col(Wave.survey_key).in_(surveys)) if surveys else rows
    rows = rows.where(col(Wave.key).in_(keys)) if keys else rows
    return list(session.execute(rows.order_by(col(Wave.counted_on), col(Wave.closed_at), col(Wave.key))).scalars())


@dataclass(slots=True)
class _Mixture:
    """Who is counted in a group of one wave: those of it, those who joined them, and not those who left for others.

    It holds no number.
    """

    stayed: set[Place] = field(default_factory=set)
    joined: set[Place] = field(default_factory=set)
    left: set[Place] = field(default_factory=set)


def _mixture(session: Session, asked: Query, wave: Wave) -> dict[Group, _Mixture]:
    """For each group of a query with people of a wave, who was counted with whom in it."""
    c = core(Cell).c
    cells = frame.cells(session, replace(asked, waves=(wave.key,), surveys=(wave.survey_key,)))
    groups: dict[object, Group] = {row[0]: tuple(row[1:]) for row in session.execute(cells)}
    merged = sa.select(c.id, c.merged_into, c.unit_key, c.segments)
    mixtures: dict[Group, _Mixture] = defaultdict(_Mixture)
    for row in session.execute(merged.where(*of_wave(c, wave), c.merged_into.is_not(None))):
        own, counted = groups.get(row.id), groups.get(row.merged_into)
        place = row.unit_key, tuple(sorted(row.segments.items()))
        if counted is not None:
            (mixtures[counted].stayed if own == counted else mixtures[counted].joined).add(place)
        if own is not None and own != counted:
            mixtures[own].left.add(place)
    return mixtures


def _together(group: Group, mixtures: Iterable[dict[Group, _Mixture]]) -> Item:
    own = [mixture[group] for mixture in mixtures if group in mixture]
    return {
        "alike": all((mixture.joined, mixture.left) == (own[0].joined, own[0].left) for mixture in own),
        "parts": _units(place for mixture in own for place in mixture.stayed | mixture.joined),
        "without": _units(place for mixture in own for place in mixture.left),
    }


def _units(places: Iterable[Place]) -> list[Unit]:
    return sorted({unit for unit, _ in places}, key=lambda unit: (unit is None, unit or ""))
