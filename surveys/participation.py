"""Participation: how many of those asked in a wave have answered, told only of groups that hide each one in them."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from surveys import units
from surveys.merging import Merging, Place, Size, Tree
from surveys.tables import Cell, Invitation, Wave
from surveys.tables.columns import core

LEAST_INVITED = 10


@dataclass(frozen=True, slots=True)
class Group:
    """So many were asked, and so many of them have answered; `unit` is None for those counted above all units."""

    unit: str | None
    invited: int
    answered: int


def participation(session: Session, wave: Wave, within: str | None = None) -> list[Group]:
    """The groups of a wave by unit, each of ten invited or more, in the order of their units.

    A unit of fewer is counted with others in the unit above, by the rules of closing, so that no sum of groups less
    another tells of fewer than ten. Where fewer than ten were asked in all there is no group. `within` leaves those
    that lie in a unit or below it. Who answered is not told.
    """
    asked, answered = _counts(session, wave)
    told = groups(session, wave.organisation_id, asked)
    found = [_group(place.unit, parts, asked, answered) for place, parts in told.items()]
    own = None if within is None else units.below(session, wave.organisation_id, [within])
    shown = [group for group in found if own is None or group.unit in own]
    return sorted(shown, key=lambda group: (group.unit is None, group.unit or ""))


def groups(
    session: Session, organisation_id: int, asked: Mapping[str | None, int]
) -> Mapping[Place, Collection[Place]]:
    """The units counted together in each group, where `asked` gives how many were invited per unit."""
    if sum(asked.values()) < LEAST_INVITED:
        return {}
    tree = Tree(units.parents(session, organisation_id), ())
    merging = Merging(tree, {Place(unit): Size(n, n) for unit, n in asked.items()}, LEAST_INVITED)
    merging.merge_small()
    return merging.groups


def _group(
    unit: str | None, parts: Collection[Place], asked: Counter[str | None], answered: Counter[str | None]
) -> Group:
    return Group(unit, sum(asked[part.unit] for part in parts), sum(answered[part.unit] for part in parts))


def _counts(session: Session, wave: Wave) -> tuple[Counter[str | None], Counter[str | None]]:
    """Invited and answered per unit."""
    i, c = core(Invitation).c, core(Cell).c
    answered = i.answered_on.is_not(None) | i.answered_at.is_not(None)
    rows = session.execute(
        sa.select(c.unit_key, sa.func.count(), sa.func.count().filter(answered))
        .join_from(core(Invitation), core(Cell), (c.organisation_id == i.organisation_id) & (c.id == i.cell_id))
        .where(i.organisation_id == wave.organisation_id, i.survey_key == wave.survey_key, i.wave_key == wave.key)
        .where(i.withheld_reason.is_(None))
        .group_by(c.unit_key)
    ).all()
    return Counter({unit: n for unit, n, _ in rows}), Counter({unit: n for unit, _, n in rows})
