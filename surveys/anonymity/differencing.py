"""Comparing: what an anonymous wave is compared with as it closes, so that no difference singles anybody out."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import difference_graph, participation
from surveys.anonymity.merging import Merging, Place, Size
from surveys.anonymity.pseudonyms import PERSON
from surveys.tables import Cell, Invitation, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

Comparison = tuple[Mapping[Any, Place], Mapping[Any, Hashable], int]
_C, _I = core(Cell).c, core(Invitation).c


def comparisons(
    session: Session, wave: Wave, fine: Mapping[UUID, Place], sizes: Mapping[Place, Size]
) -> list[Comparison]:
    """All that a wave is compared with: earlier waves by who answered, participation by who was invited.

    A wave in which nobody of this one answered is not: all of both are in any difference of the two.
    """
    assert wave.floor is not None  # noqa: S101 - set when the wave opened
    answered = _answered(session, wave, fine)
    earlier = [(answered, before, floor) for before, floor in _earlier(session, wave) if answered.keys() & before]
    return [*earlier, (*_shown(session, wave, sizes), min(wave.floor, participation.LEAST_INVITED))]


def of(wave: Wave) -> tuple[sa.ColumnElement[bool], ...]:
    """The invitations that went out for a wave."""
    return *of_wave(_I, wave), _I.withheld_reason.is_(None)


def part(merging: Merging, compared_with: Iterable[Comparison]) -> bool:
    """Merge further until no difference to what was shown before holds too few people; False where one always does.

    Then one group is left. Each comparison gives the fine place of each person in it, the group that counted each
    before, and the fewest people that a difference may hold.
    """
    group_of = {place: group for group, places in merging.groups.items() for place in places}
    compared = [
        difference_graph.Compared({person: group_of[place] for person, place in places.items()}, before, floor)
        for places, before, floor in compared_with
    ]
    while involved := next((groups for graph in compared if (groups := graph.isolating())), None):
        if len(merging.groups) == 1:
            return False
        group = merging.smallest(involved)
        other, place = merging.coarsen(group)
        for graph in compared:
            graph.join(group, other, place)
    return True


def _answered(session: Session, wave: Wave, fine: Mapping[UUID, Place]) -> dict[UUID, Place]:
    """Who answered this wave, with their place."""
    rows = session.execute(sa.select(PERSON, _I.cell_id).where(*of(wave), _I.answered_on.is_not(None)))
    return {person: fine[cell_id] for person, cell_id in rows}


def _earlier(session: Session, wave: Wave) -> list[tuple[dict[UUID, UUID], int]]:
    """For each anonymous wave that was released: who answered it, with the cell that counted them, and the floor.

    That is the higher of the two waves': a lower one later does not take back what was promised before.

    Of whichever survey: somebody could otherwise ask the same people the same question under another name.
    """
    w = core(Wave).c
    rows = session.execute(
        sa.select(_I.wave_key, w.floor, PERSON, _C.merged_into)
        .join(core(Wave), (w.organisation_id == _I.organisation_id) & (w.key == _I.wave_key))
        .join(core(Cell), (_C.organisation_id == _I.organisation_id) & (_C.id == _I.cell_id))
        .where(_I.organisation_id == wave.organisation_id)
        .where(w.counted_on.is_not(None), w.key != wave.key, _I.answered_on.is_not(None))
    )
    answered: dict[str, dict[UUID, UUID]] = {}
    floors: dict[str, int] = {}
    for key, floor, person, cell_id in rows:
        answered.setdefault(key, {})[person] = cell_id
        floors[key] = max(floor, wave.floor or floor)
    return [(answered[key], floors[key]) for key in sorted(answered)]


def _shown(
    session: Session, wave: Wave, sizes: Mapping[Place, Size]
) -> tuple[dict[tuple[Place, int], Place], dict[tuple[Place, int], Place]]:
    """All who were invited, by place and number: where each is, and the group that participation showed.

    Released numbers of answers less those of other groups could otherwise show whether one person answered.
    """
    asked: Counter[str | None] = Counter()
    for place, size in sizes.items():
        asked[place.unit] += size.invited
    groups = participation.groups(session, wave, asked)
    people = {(place, n): place for place, size in sizes.items() for n in range(size.invited)} if groups else {}
    return people, {person: Place(groups[place.unit]) for person, place in people.items()}
