"""Closing an anonymous wave: the urn is emptied into cells that single nobody out, once and for good."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import differencing, participation, pseudonyms, release, seals, urn
from surveys.anonymity.differencing import Comparison
from surveys.anonymity.merging import Merging, Place, Size, Tree
from surveys.anonymity.pseudonyms import Participant
from surveys.anonymity.seals import Secrets
from surveys.anonymity.series import Series
from surveys.anonymity.statements import statements
from surveys.organisation import organisations, units
from surveys.organisation.organisations import day_of
from surveys.responses import cells, tallies, turnouts
from surveys.responses.cells import Slice
from surveys.tables import Cell, Invitation, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

_C, _I, _W = core(Cell).c, core(Invitation).c, core(Wave).c
_OWN_WAVE = (_W.organisation_id == _I.organisation_id) & (_W.key == _I.wave_key)


def close(session: Session, wave: Wave, now: datetime, secrets: Secrets) -> None:
    """Count the urn of a wave, empty it, and sign the counts. The caller has locked its invitations, then the wave.

    Cells in which fewer known people than the wave's floor answered are merged, and so are those that a difference to
    an earlier wave, or to participation, would undo. Each ballot loses its own cell for the merged one; score and
    comment part, and are written under new random ids, in the order of those. Comments of cells below the comment floor
    are dropped. Tallies are made now, all on the day of closing. Where fewer known people than the floor answered in
    all, or no merging is enough, the ballots are deleted and nothing is counted. Where the wave's secret is lost nobody
    can tell who answered: it is released without being compared with earlier waves, nor will later ones be with it.
    """
    wave.closed_at = now
    wave.answered_count = sum(urn.sizes(session, wave).values())
    participation.count(session, wave, now)
    fine = _fine(session, wave)
    seal = seals.of(wave, secrets)
    answered = None if seal is None else pseudonyms.answered(session, wave, seal)
    sizes = _sizes(session, wave, fine, answered)
    wave.known_answered_count = sum(size.known_answered for size in sizes.values())
    earlier = differencing.comparisons(session, wave, fine, sizes, answered=answered or (), secrets=secrets)
    if (merging := _merging(session, wave, sizes, earlier)) is not None:
        wave.counted_on = day_of(now, organisations.get(session, wave.organisation_id).time_zone)
        session.flush()
        merged = _merged(session, wave, fine, merging)
        _record_merging(session, wave, fine, merged)
        release.write(session, wave, merged, _known(fine, sizes, merged))
        if seal is not None and answered is not None:
            pseudonyms.record(session, wave, seal, answered, merged)
        _count_turnout(session, wave, fine, sizes, merged)
    urn.empty(session, wave)
    statements.write(session, wave, secrets)


def _count_turnout(
    session: Session, wave: Wave, fine: Mapping[UUID, Place], sizes: Mapping[Place, Size], merged: Mapping[UUID, UUID]
) -> None:
    """How many of each merged cell were invited, could not be reached, and answered."""
    day = wave.counted_on
    assert day is not None  # noqa: S101 - the caller's
    ballots = {cell_id: sizes[place].answered for cell_id, place in fine.items() if place in sizes}
    tallies.count_turnout(
        session,
        [
            (
                wave.organisation_id,
                merged[cell_id],
                day,
                max(invited, ballots[cell_id]),
                ballots[cell_id],
                undelivered,
            )
            for cell_id, invited, undelivered in _mailed(session, wave)
        ],
    )


def _fine(session: Session, wave: Wave) -> dict[UUID, Place]:
    """The cells of those invited, each with its place."""
    rows = session.execute(sa.select(_C.id, _C.unit_key, _C.segments).where(*of_wave(_C, wave)))
    return {row.id: Place(row.unit_key, tuple(sorted(row.segments.items()))) for row in rows}


def _sizes(
    session: Session, wave: Wave, fine: Mapping[UUID, Place], participants: Iterable[Participant] | None
) -> dict[Place, Size]:
    """How many of each cell were invited, and how many ballots it has; of both, how many are not of known people.

    Ballots are counted and not who has answered: they are what is released, should a restored backup lack some. Where
    nobody can tell who answered, as many as possible may be unknown people's.
    """
    known = _I.known & _I.contact_id.is_not(None)
    unknown = sa.func.count().filter(~known)
    rows = sa.select(_I.cell_id, sa.func.count(), unknown).where(*differencing.of(wave)).group_by(_I.cell_id)
    ballots, sizes = urn.sizes(session, wave), dict[Place, Size]()
    counted = None if participants is None else Counter(one.cell_id for one in participants if one.known)
    for cell_id, invited, unknown_invited in session.execute(rows):
        answered = ballots.get(cell_id, 0)
        certain = answered - unknown_invited if counted is None else counted[cell_id]
        sizes[fine[cell_id]] = Size(invited, answered, unknown_invited, answered - max(0, min(certain, answered)))
    return sizes


def _known(fine: Mapping[UUID, Place], sizes: Mapping[Place, Size], merged: Mapping[UUID, UUID]) -> Mapping[UUID, int]:
    """How many known people answered in each merged cell."""
    known: Counter[UUID] = Counter()
    for cell_id, place in fine.items():
        if place in sizes and cell_id in merged:
            known[merged[cell_id]] += sizes[place].known_answered
    return known


def _mailed(session: Session, wave: Wave) -> list[tuple[UUID, int, int]]:
    """For each cell of those asked how many were invited, and how many of those could not be reached."""
    invited, undelivered = (sa.func.count().filter(rule) for rule in (turnouts.invited(), turnouts.undelivered()))
    rows = sa.select(_I.cell_id, invited, undelivered).join_from(core(Invitation), core(Wave), _OWN_WAVE)
    mailed = session.execute(rows.where(*differencing.of(wave)).group_by(_I.cell_id))
    return [(row[0], row[1], row[2]) for row in mailed]


def _merging(
    session: Session, wave: Wave, sizes: Mapping[Place, Size], earlier: Sequence[Comparison | Series]
) -> Merging | None:
    """What is counted together; None where nothing can be released."""
    if wave.floor is None or sum(size.known_answered for size in sizes.values()) < wave.floor:
        return None
    assert wave.segments is not None  # noqa: S101 - set when the wave opened
    merging = Merging(Tree(units.parents(session, wave.organisation_id), wave.segments), sizes, wave.floor)
    merging.merge_small()
    apart = differencing.part(merging, earlier)
    return merging if apart or wave.always_release_total else None


def _merged(session: Session, wave: Wave, fine: Mapping[UUID, Place], merging: Merging) -> dict[UUID, UUID]:
    """For each cell of those invited the one it is counted in."""
    group_of = {place: group for group, places in merging.groups.items() for place in places}
    slices = {
        group: Slice(wave.survey_key, wave.key, wave.touchpoint_key, group.unit, segments=group.segments)
        for group in merging.groups
    }
    cells.ensure(session, wave.organisation_id, slices.values())
    return {cell_id: slices[group_of[place]].id for cell_id, place in fine.items() if place in group_of}


def _record_merging(session: Session, wave: Wave, fine: Mapping[UUID, Place], merged: Mapping[UUID, UUID]) -> None:
    table = core(Cell)
    session.execute(
        sa.update(table)
        .where(table.c.organisation_id == wave.organisation_id, table.c.id == sa.bindparam("cell"))
        .values(merged_into=sa.bindparam("into")),
        [{"cell": cell_id, "into": merged[cell_id]} for cell_id in sorted(fine) if cell_id in merged],
    )
