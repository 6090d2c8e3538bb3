"""Series: a wave that closes, compared with all earlier ones together, as far as the search reaches."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from surveys.anonymity.series_search import Cells, Effort

Group = TypeVar("Group", bound=Hashable)
Column = int
REACH, NEAREST = 60, 30  # cells compared at once: all where these are few, else the nearest to each group
EFFORT = 30_000_000  # factors computed for a wave in all: some three seconds


@dataclass(frozen=True, slots=True)
class Series:
    """What a wave is compared with together.

    `now` gives the fine place of each person in it; `before` for each earlier wave, the first first, its floor and the
    group that counted each person. Those `unknown` do not count towards a floor. `wave` is for the log.
    """

    now: Mapping[Any, Any]
    before: Sequence[tuple[int, Mapping[Any, Hashable]]]
    floor: int
    unknown: Collection[Any] = ()
    wave: str = ""

    def against(self, group_of: Mapping[Any, Group]) -> "Together[Group]":
        """The comparison of these groups."""
        return Together({person: group_of[place] for person, place in self.now.items()}, self)


class Together(Generic[Group]):
    """All waves of a series, kept while groups of now are counted together.

    A group is compared with all cells that hang together with it through people; where these are more than REACH, with
    the NEAREST: those that share most people with it, then those that share some with these. Where no combination of
    these leaves too few people the group is clear, until one of them is counted with another that is not among them.
    """

    def __init__(self, now: Mapping[Any, Group], series: Series, effort: int = EFFORT) -> None:
        self._effort, self._floor, self._wave = Effort(effort), series.floor, series.wave
        self._floors: list[int] = []
        cells: dict[Any, list[Column]] = defaultdict(list)
        for floor, before in series.before:
            numbered = {cell: len(self._floors) + n for n, cell in enumerate(sorted(set(before.values()), key=str))}
            self._floors += [floor] * len(numbered)
            for person, cell in before.items():
                cells[person].append(numbered[cell])
        paths = Counter(
            (now.get(person), tuple(cells.get(person, ())), person not in series.unknown)
            for person in cells.keys() | now.keys()
        )
        # In an order that has nothing to do with people's ids, so that the same people are merged alike everywhere.
        ordered = sorted(paths.items(), key=str)
        self._own = [group for (group, _, _), _ in ordered]
        self._kinds = [(columns, counts, number) for (_, columns, counts), number in ordered]
        self._of: dict[Group | Column, list[int]] = defaultdict(list)
        for kind, ((group, columns, _), _) in enumerate(ordered):
            for node in _nodes(columns, group):
                self._of[node].append(kind)
        self._clear: dict[Group, set[Group]] = {}

    def isolating(self) -> set[Group]:
        """The groups of now in a combination that leaves too few people; empty where none is seen any more."""
        sizes: Counter[Group | None] = Counter()
        for own, (_, _, number) in zip(self._own, self._kinds, strict=True):
            sizes[own] += number
        for group in sorted((own for own in sizes if own is not None), key=lambda own: (sizes[own], str(own))):
            if group in self._clear or self._effort.exhausted:
                continue
            columns, groups, whole = self._near(group)
            if isolating := self._isolating(columns, groups):
                return isolating
            self._clear.update({clear: set(groups) for clear in (groups if whole else [group])})
        if self._effort.exhausted:
            structlog.get_logger().warning("series_not_exhausted", wave=self._wave)
        return set()

    def join(self, group: Group, other: Group, into: Group) -> None:
        """Two groups of now are counted together from now on, named `into`. One that nobody answered is in no path."""
        kinds = [kind for part in (group, other) for kind in self._of.pop(part, ())]
        for kind in kinds:
            self._own[kind] = into
        self._of[into] = sorted({*kinds, *self._of.get(into, ())})
        self._clear = {
            own: {into if each in (group, other) else each for each in compared}
            for own, compared in self._clear.items()
            if own not in (group, other) and (group in compared) == (other in compared)
        }

    def _near(self, group: Group) -> tuple[list[Column], list[Group], bool]:
        """The cells a group is compared with, those of earlier waves and of now; whether these are all there are."""
        near: dict[Group | Column, None] = {group: None}
        ring: list[Group | Column] = [group]
        while ring and len(near) < REACH:
            shared: Counter[Group | Column] = Counter()
            for kind in {kind for node in ring for kind in self._of[node]}:
                columns, _, number = self._kinds[kind]
                shared.update(dict.fromkeys(_nodes(columns, self._own[kind]), number))
                self._effort.spend(len(columns))
            fresh = sorted((node for node in shared if node not in near), key=lambda node: (-shared[node], str(node)))
            ring = fresh[: REACH - len(near)]
            near.update(dict.fromkeys(ring))
        nearest = list(near)[: NEAREST if ring else REACH]
        groups = sorted((node for node in nearest if not isinstance(node, int)), key=str)
        return sorted(node for node in nearest if isinstance(node, int)), groups, not ring

    def _isolating(self, columns: Sequence[Column], groups: Sequence[Group]) -> set[Group]:
        place: dict[Any, int] = {node: n for n, node in enumerate((*columns, *groups))}
        people: Counter[tuple[tuple[int, ...], bool]] = Counter()
        for kind in {kind for node in place for kind in self._of[node]}:
            old, counts, number = self._kinds[kind]
            path = tuple(place[node] for node in (*old, self._own[kind]) if node in place)
            people[path, counts] += number
        floors = [self._floors[column] for column in columns] + [self._floor] * len(groups)
        now = range(len(columns), len(place))
        return {groups[cell - len(columns)] for cell in Cells(floors, now, people).isolating(self._effort)}


def _nodes(columns: Sequence[Column], group: Group | None) -> list[Group | Column]:
    """All cells of a path."""
    return [*columns] if group is None else [*columns, group]
