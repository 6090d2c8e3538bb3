"""Merging: which small cells of an anonymous wave are counted together, decided by how many there are and no more."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands: its unit, or None above all units, and the (name, value) pairs of the segments it keeps."""

    unit: str | None = None
    segments: Pairs = ()


@dataclass(frozen=True, slots=True)
class Size:
    """How many of a cell were invited, and how many of those answered; how many of each are not known people."""

    invited: int
    answered: int
    unknown_invited: int = 0
    unknown_answered: int = 0

    @property
    def known_invited(self) -> int:
        """How many known people were invited."""
        return self.invited - self.unknown_invited

    @property
    def known_answered(self) -> int:
        """How many known people answered: these alone fill a floor."""
        return self.answered - self.unknown_answered

    def __add__(self, other: "Size") -> "Size":
        """Both together."""
        return Size(
            self.invited + other.invited,
            self.answered + other.answered,
            self.unknown_invited + other.unknown_invited,
            self.unknown_answered + other.unknown_answered,
        )


ROOT = Place()


class Tree:
    """What lies above a place: first without the segment declared last, then in the unit above, at last the root.

    `parents` gives each unit the one above it or None, `declared` the survey's segments, the most important first.
    """

    def __init__(self, parents: Mapping[str, str | None], declared: Sequence[str]) -> None:
        self._parents = parents
        self._rank = {name: n for n, name in enumerate(declared)}
        self._paths: dict[Place, list[Place]] = {}

    def above(self, place: Place) -> Place:
        """The next coarser place; the root for the root."""
        if place.segments:
            last = max(place.segments, key=lambda pair: (self._rank.get(pair[0], len(self._rank)), pair))
            return Place(place.unit, tuple(pair for pair in place.segments if pair != last))
        return Place(self._parents.get(place.unit)) if place.unit is not None else ROOT

    def path(self, place: Place) -> list[Place]:
        """The place and all above it, up to the root."""
        if place not in self._paths:
            self._paths[place] = [place] if place == ROOT else [place, *self.path(self.above(place))]
        return self._paths[place]


class Merging:
    """A partition of a wave's cells into groups, each named by a place; groups only ever grow together.

    A group is small with fewer answers of known people than the floor. One whom nobody answered may stand alone where
    at least ALONE known people were invited: that is all one learns of it.
    """

    ALONE = 10

    def __init__(self, tree: Tree, sizes: Mapping[Place, Size], floor: int) -> None:
        self._tree, self._floor = tree, floor
        self._sizes = dict(sizes)
        self._groups: dict[Place, set[Place]] = {place: {place} for place in sizes}
        self._next: dict[Place, set[Place]] = defaultdict(set)
        self._within: Counter[Place] = Counter()
        for place in sizes:
            path = tree.path(place)
            self._within.update(path)
            for below, above in pairwise(path):
                self._next[above].add(below)

    @property
    def groups(self) -> Mapping[Place, Collection[Place]]:
        """The groups, each with the cells counted in it."""
        return self._groups

    def size(self, group: Place) -> Size:
        """How many its cells hold."""
        return self._sizes[group]

    def merge_small(self) -> None:
        """Merge the smallest small group, again and again, until none is small or one group is left."""
        small = [self._rank(group) for group in self._groups if self._is_small(group)]
        heapify(small)
        while len(self._groups) > 1 and small:
            rank = heappop(small)
            group = rank[-1]
            if group not in self._groups or rank != self._rank(group):
                continue  # it has grown since
            _, grown = self.coarsen(group)
            if self._is_small(grown):
                heappush(small, self._rank(grown))

    def coarsen(self, group: Place) -> tuple[Place, Place]:
        """Count a group with others, as near as possible: on the next coarser place where there is anyone else.

        Who is counted on that place is joined; where nobody is, the smallest of the groups next below it comes along.
        Gives the group it was joined with, and the place both are counted on. Raises ValueError where it is the last.
        """
        moved, size = self._take(group)
        for place in self._tree.path(group):
            below = [place] if place in self._groups else self._next_below(place)
            if below:
                other = self.smallest(below)
                more, further = self._take(other)
                self._groups[place] = moved | more
                self._sizes[place] = size + further
                self._within.update(self._tree.path(place))
                return other, place
        raise ValueError("there is no other group to count this one with")

    def smallest(self, groups: Iterable[Place]) -> Place:
        """The one with the fewest answers of known people, then the fewest of all, the fewest invited, by name."""
        return min(map(self._rank, groups))[-1]

    def _take(self, group: Place) -> tuple[set[Place], Size]:
        self._within.subtract(self._tree.path(group))
        return self._groups.pop(group), self._sizes.pop(group)

    def _rank(self, group: Place) -> tuple[int, int, int, str, Pairs, Place]:
        size = self._sizes[group]
        return size.known_answered, size.answered, size.invited, group.unit or "", group.segments, group

    def _is_small(self, group: Place) -> bool:
        size = self._sizes[group]
        return size.known_answered < self._floor and (size.answered > 0 or size.known_invited < self.ALONE)

    def _next_below(self, place: Place) -> list[Place]:
        """The groups below a place that are nearest: those of its own unit first, then by the steps up to it."""
        return self._nearest(place, own=True) or self._nearest(place, own=False)

    def _nearest(self, place: Place, *, own: bool) -> list[Place]:
        level, nearest = [place], list[Place]()
        while level and not nearest:
            level = [
                below
                for above in level
                for below in self._next[above]
                if self._within[below] and (below.unit == place.unit or not own)
            ]
            nearest = [group for group in level if group in self._groups]
        return nearest
