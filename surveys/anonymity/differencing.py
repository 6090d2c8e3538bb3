"""Comparing: what an anonymous wave is compared with as it closes, so that no difference singles anybody out."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import difference_graph, participation, pseudonyms, seals, series_people
from surveys.anonymity.merging import Merging, Place, Size
from surveys.anonymity.pseudonyms import Participant
from surveys.anonymity.seals import Seal, Secrets
from surveys.anonymity.series import Series, Together
from surveys.tables import Invitation, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

_I = core(Invitation).c


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a wave is compared with.

    `now` gives the fine place of each person in it, `before` the group that counted each before. A difference that
    holds anybody must hold `floor` people, not counting those `unknown`.
    """

    now: Mapping[Any, Place]
    before: Mapping[Any, Hashable]
    floor: int
    unknown: Collection[Any] = ()

    def against(self, group_of: Mapping[Place, Place]) -> difference_graph.Compared[Place]:
        """The comparison of these groups."""
        now = {person: group_of[place] for person, place in self.now.items()}
        return difference_graph.Compared(now, self.before, self.floor, self.unknown)


def comparisons(
    session: Session,
    wave: Wave,
    fine: Mapping[UUID, Place],
    sizes: Mapping[Place, Size],
    *,
    answered: Sequence[Participant],
    secrets: Secrets,
) -> list[Comparison | Series]:
    """All that a wave is compared with: earlier waves by who answered, participation by who was asked.

    With each earlier wave first, and last, since that takes longest, with all of them together.

    A wave in which nobody of this one answered is not: all of both are in any difference of the two. Nor is one whose
    secret is lost; whoever opened this one was asked about it.
    """
    assert wave.floor is not None  # noqa: S101 - set when the wave opened
    earlier = _earlier(session, wave, fine, answered, secrets)
    people, before = _shown(session, wave, sizes)
    unknown = {(place, n) for place, n in people if n < sizes[place].unknown_invited}
    shown = Comparison(people, before, min(wave.floor, participation.LEAST_INVITED), unknown)
    return [*earlier, shown, *series_people.series(session, wave, fine, answered, secrets)]


def of(wave: Wave) -> tuple[sa.ColumnElement[bool], ...]:
    """The invitations that went out for a wave."""
    return *of_wave(_I, wave), _I.withheld_reason.is_(None)


def part(merging: Merging, compared_with: Iterable[Comparison | Series]) -> bool:
    """Merge further until no difference to what was shown before holds too few people; False where one always does.

    Then one group is left.
    """
    group_of = {place: group for group, places in merging.groups.items() for place in places}
    compared: list[difference_graph.Compared[Place] | Together[Place]] = [
        each.against(group_of) for each in compared_with
    ]
    while involved := next((groups for graph in compared if (groups := graph.isolating())), None):
        if len(merging.groups) == 1:
            return False
        group = merging.smallest(involved)
        other, place = merging.coarsen(group)
        for graph in compared:
            graph.join(group, other, place)
    return True


def _earlier(
    session: Session, wave: Wave, fine: Mapping[UUID, Place], answered: Sequence[Participant], secrets: Secrets
) -> list[Comparison]:
    """A comparison with each anonymous wave that was released.

    The floor is the higher of the two waves': a lower one later does not take back what was promised before. The waves
    are those of whichever survey: somebody could otherwise ask the same people the same question under another name.
    """
    own = seals.of(wave, secrets)
    if own is None:
        return []
    recorded = pseudonyms.recorded(session, wave.organisation_id)
    compared = []
    for other in pseudonyms.released(session, wave.organisation_id):
        seal = seals.of(other, secrets)
        if other.key != wave.key and other.key in recorded and seal is not None:
            floor = max(other.floor or 0, wave.floor or 0)
            comparison = _with(seal, own, fine, answered, recorded[other.key], floor=floor)
            if comparison.now.keys() & comparison.before:
                compared.append(comparison)
    return compared


def _with(
    seal: Seal,
    own: Seal,
    fine: Mapping[UUID, Place],
    answered: Sequence[Participant],
    before: Sequence[Any],
    *,
    floor: int,
) -> Comparison:
    """A comparison with the wave of `seal`, which the people of `before` answered."""
    now: dict[Any, Place] = {}
    unknown: set[Any] = {row.person for row in before if not row.known}
    unmatched = 0
    for number, participant in enumerate(answered):
        person: Any = participant.under(seal, own)
        unmatched += person is None
        taken = person is None or person in now
        if taken:
            person = number  # somebody else than anybody before
        now[person] = fine[participant.cell_id]
        if participant.known and not taken:
            unknown.discard(person)
        else:
            unknown.add(person)
    # Each who was erased meanwhile and cannot be told may stand among those before as somebody who counts.
    return Comparison(now, {row.person: row.cell_id for row in before}, floor + unmatched, unknown)


def _shown(
    session: Session, wave: Wave, sizes: Mapping[Place, Size]
) -> tuple[dict[tuple[Place, int], Place], dict[tuple[Place, int], Place]]:
    """All who were asked, by place and number: where each is, and the group that participation showed.

    Released numbers of answers less those of other groups could otherwise show whether one person answered.
    """
    asked: Counter[str | None] = Counter()
    for place, size in sizes.items():
        asked[place.unit] += size.invited
    groups = participation.groups(session, wave, asked)
    people = {(place, n): place for place, size in sizes.items() for n in range(size.invited)} if groups else {}
    return people, {person: Place(groups[place.unit]) for person, place in people.items()}
