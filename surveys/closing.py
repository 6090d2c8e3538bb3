"""Closing an anonymous wave: the urn is emptied into cells that single nobody out, once and for good."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys import cells, differences, organisations, release, tallies, units, urn
from surveys.cells import Slice
from surveys.merging import Merging, Place, Size, Tree
from surveys.organisations import day_of
from surveys.tables import Ballot, Cell, Invitation, Survey, Wave
from surveys.tables.columns import core

_B, _C, _I = core(Ballot).c, core(Cell).c, core(Invitation).c


def close(session: Session, wave: Wave, now: datetime) -> None:
    """Count the urn of a wave and empty it. The caller has locked its invitations, then the wave.

    Cells of fewer than the wave's floor are merged, and so are those that a difference to an earlier wave would
    undo. Each ballot loses its own cell for the merged one; score and comment part, and are written under new random
    ids, in the order of those. Comments of cells below the comment floor are dropped. Tallies are made now, all on
    the day of closing. Where fewer than the floor answered in all, the ballots are deleted and nothing is counted.
    """
    wave.closed_at = now
    session.flush()
    fine = _fine(session, wave)
    sizes = _sizes(session, wave, fine)
    if wave.floor is None or sum(size.answered for size in sizes.values()) < wave.floor:
        urn.empty(session, wave)
        return
    merged = _merged(session, wave, fine, sizes)
    wave.counted_on = day_of(now, organisations.get(session, wave.organisation_id).time_zone)
    session.flush()
    _record_merging(session, wave, fine, merged)
    release.write(session, wave, merged)
    turnout = (
        (wave.organisation_id, merged[cell_id], wave.counted_on, sizes[place].invited, sizes[place].answered)
        for cell_id, place in fine.items()
        if place in sizes
    )
    tallies.count_turnout(session, turnout)
    urn.empty(session, wave)


def _fine(session: Session, wave: Wave) -> dict[UUID, Place]:
    """The cells of those invited, each with its place."""
    rows = session.execute(
        sa.select(_C.id, _C.unit_key, _C.segments).where(
            _C.organisation_id == wave.organisation_id, _C.survey_key == wave.survey_key, _C.wave_key == wave.key
        )
    )
    return {row.id: Place(row.unit_key, tuple(sorted(row.segments.items()))) for row in rows}


def _sizes(session: Session, wave: Wave, fine: Mapping[UUID, Place]) -> dict[Place, Size]:
    """How many of each cell were invited, and how many ballots it has.

    Ballots are counted and not who has answered: they are what is released, should a restored backup lack some.
    """
    invited = sa.select(_I.cell_id, sa.func.count()).where(*_of(wave)).group_by(_I.cell_id)
    cast = sa.select(_B.cell_id, sa.func.count()).where(*urn.of(wave)).group_by(_B.cell_id)
    ballots = {row[0]: row[1] for row in session.execute(cast)}
    return {fine[row[0]]: Size(row[1], ballots.get(row[0], 0)) for row in session.execute(invited)}


def _of(wave: Wave) -> tuple[sa.ColumnElement[bool], ...]:
    """The invitations that went out for a wave."""
    return (
        _I.organisation_id == wave.organisation_id,
        _I.survey_key == wave.survey_key,
        _I.wave_key == wave.key,
        _I.withheld_reason.is_(None),
    )


def _merged(session: Session, wave: Wave, fine: Mapping[UUID, Place], sizes: Mapping[Place, Size]) -> dict[UUID, UUID]:
    """For each cell of those invited the one it is counted in."""
    assert wave.floor is not None  # noqa: S101 - set when the wave opened
    merging = Merging(_tree(session, wave), sizes, wave.floor)
    merging.merge_small()
    part(merging, _answered(session, wave, fine), _earlier(session, wave), wave.floor)
    group_of = {place: group for group, places in merging.groups.items() for place in places}
    slices = {
        group: Slice(wave.survey_key, wave.key, wave.touchpoint_key, group.unit, segments=group.segments)
        for group in merging.groups
    }
    cells.ensure(session, wave.organisation_id, slices.values())
    return {cell_id: slices[group_of[place]].id for cell_id, place in fine.items() if place in group_of}


def part(
    merging: Merging, answered: Mapping[UUID, Place], earlier: Collection[Mapping[UUID, UUID]], floor: int
) -> None:
    """Merge further until no difference to an earlier wave holds 1 to `floor` - 1 people, or one group is left.

    `answered` gives the fine place of each person who answered, `earlier` per wave the cell that counted each.
    """
    group_of = {place: group for group, places in merging.groups.items() for place in places}
    now = {person: group_of[place] for person, place in answered.items()}
    compared = [differences.Compared(now, before, floor) for before in earlier]
    while len(merging.groups) > 1:
        involved = next((found for one in compared if (found := one.isolating())), None)
        if involved is None:
            return
        group = merging.smallest(involved)
        other, place = merging.coarsen(group)
        for one in compared:
            one.join(group, other, place)


def _tree(session: Session, wave: Wave) -> Tree:
    survey = session.get_one(Survey, (wave.organisation_id, wave.survey_key))
    return Tree(units.parents(session, wave.organisation_id), survey.segments)


def _answered(session: Session, wave: Wave, fine: Mapping[UUID, Place]) -> dict[UUID, Place]:
    """Who answered this wave, with their place. Somebody erased since is nobody's, and stands for themselves."""
    person = sa.func.coalesce(_I.contact_id, _I.id)
    rows = session.execute(sa.select(person, _I.cell_id).where(*_of(wave), _I.answered_on.is_not(None)))
    return {person: fine[cell_id] for person, cell_id in rows}


def _earlier(session: Session, wave: Wave) -> list[dict[UUID, UUID]]:
    """For each anonymous wave that was released: who answered it, with the cell that counted them.

    Of whichever survey: somebody could otherwise ask the same people the same question under another name.
    """
    person = sa.func.coalesce(_I.contact_id, _I.id)
    w = core(Wave).c
    rows = session.execute(
        sa.select(_I.wave_key, person, _C.merged_into)
        .join(core(Wave), (w.organisation_id == _I.organisation_id) & (w.key == _I.wave_key))
        .join(core(Cell), (_C.organisation_id == _I.organisation_id) & (_C.id == _I.cell_id))
        .where(_I.organisation_id == wave.organisation_id)
        .where(w.counted_on.is_not(None), w.key != wave.key, _I.answered_on.is_not(None))
    )
    found: dict[str, dict[UUID, UUID]] = {}
    for key, one, cell_id in rows:
        found.setdefault(key, {})[one] = cell_id
    return [found[key] for key in sorted(found)]


def _record_merging(session: Session, wave: Wave, fine: Mapping[UUID, Place], merged: Mapping[UUID, UUID]) -> None:
    table = core(Cell)
    session.execute(
        sa.update(table)
        .where(table.c.organisation_id == wave.organisation_id, table.c.id == sa.bindparam("cell"))
        .values(merged_into=sa.bindparam("into")),
        [{"cell": cell_id, "into": merged[cell_id]} for cell_id in sorted(fine) if cell_id in merged],
    )
