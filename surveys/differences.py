"""Differences: whether two waves, one taken from the other, would show an answer of fewer than k people.

Who answered in both waves drops out of a difference, to someone who supposes that nobody changed their mind; what
is left are the answers of those who answered in one of them only, or moved. So the people are the edges of a graph:
each joins the cell that counted them now to the one that counted them before, or to NOBODY. A sum of cells of now less
a sum of cells of before is a cut of that graph, and what the difference holds are the people that the cut severs.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class _Node:
    """A cell of one of the two waves, or NOBODY."""

    wave: str
    group: Hashable


NOBODY = _Node("neither", None)
Edges = dict[_Node, dict[_Node, int]]


def isolating(now: Mapping[Any, Group], before: Mapping[Any, Hashable], floor: int) -> set[Group]:
    """Groups of now that a difference of 1 to `floor` - 1 people involves; empty where no such difference exists.

    `now` and `before` give for each person who answered the group that counts them. Each group counts at least
    `floor` people already, so that what is looked for are differences that hold cells of both waves.
    """
    edges = _edges(now, before)
    blocks = _contracted(edges, floor)
    for part in _parts(blocks.edges):
        terminals = [node for node in part if any(one.wave != "before" for one in blocks.members[node])]
        for other in terminals[1:]:
            side = _small_cut(blocks.edges, terminals[0], other, floor)
            if side is not None:
                return _fewer(side, part, blocks)
    return set()


def _edges(now: Mapping[Any, Hashable], before: Mapping[Any, Hashable]) -> Edges:
    people = Counter(
        (
            _Node("now", now[person]) if person in now else NOBODY,
            _Node("before", before[person]) if person in before else NOBODY,
        )
        for person in now.keys() | before.keys()
    )
    edges: Edges = defaultdict(dict)
    # In an order that has nothing to do with people's ids, so that the same people are merged alike everywhere.
    for (a, b), count in sorted(people.items(), key=lambda one: str(one[0])):
        edges[a][b] = edges[b][a] = count
    return edges


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The graph with nodes put together: each block named by one of its members."""

    edges: Edges
    members: Mapping[_Node, set[_Node]]


def _contracted(edges: Edges, floor: int) -> _Blocks:
    """Put together what `floor` people or more join: no small cut runs between them."""
    members = {node: {node} for node in edges}
    left = {node: dict(joined) for node, joined in edges.items()}
    waiting = deque(left)
    while waiting:
        kept = waiting.popleft()
        if kept not in left:
            continue
        heavy = next((other for other, count in left[kept].items() if count >= floor), None)
        if heavy is None:
            continue
        members[kept] |= members.pop(heavy)
        for other, count in left.pop(heavy).items():
            del left[other][heavy]
            if other != kept:
                left[kept][other] = left[other][kept] = left[kept].get(other, 0) + count
                waiting.append(other)
        waiting.append(kept)
    return _Blocks(left, members)


def _parts(edges: Edges) -> Iterable[list[_Node]]:
    """The connected parts of the graph."""
    unseen = dict.fromkeys(edges)
    while unseen:
        found = [next(iter(unseen))]
        del unseen[found[0]]
        for node in found:
            for other in edges[node]:
                if other in unseen:
                    del unseen[other]
                    found.append(other)
        yield found


def _small_cut(edges: Edges, source: _Node, sink: _Node, floor: int) -> set[_Node] | None:
    """The source's side of a smallest cut between two blocks, if fewer than `floor` people are severed.

    Augmenting paths, shortest first (Edmonds and Karp 1972), given up once `floor` people have found their way.
    """
    room = {node: dict(joined) for node, joined in edges.items()}
    through = 0
    while True:
        path, reached = _path(room, source, sink)
        if path is None:
            return reached
        carried = min(room[a][b] for a, b in path)
        for a, b in path:
            room[a][b] -= carried
            room[b][a] += carried
        through += carried
        if through >= floor:
            return None


def _path(room: Edges, source: _Node, sink: _Node) -> tuple[list[tuple[_Node, _Node]] | None, set[_Node]]:
    came_from: dict[_Node, _Node] = {}
    reached, waiting = {source}, deque([source])
    while waiting and sink not in reached:
        node = waiting.popleft()
        for other, left in room[node].items():
            if left > 0 and other not in reached:
                reached.add(other)
                came_from[other] = node
                waiting.append(other)
    if sink not in reached:
        return None, reached
    path = []
    node = sink
    while node != source:
        path.append((came_from[node], node))
        node = came_from[node]
    return path, reached


def _fewer(side: set[_Node], part: list[_Node], blocks: _Blocks) -> set[Group]:
    """The groups of now on the side of a cut that has fewer of them, leaving NOBODY's side where it can."""
    sides = []
    for nodes in (side, set(part) - side):
        members = {one for node in nodes for one in blocks.members[node]}
        sides.append((NOBODY in members, {one.group for one in members if one.wave == "now"}))
    without = [(nobody, len(groups), groups) for nobody, groups in sides if groups]
    return min(without, key=lambda one: one[:2])[2]  # type: ignore[return-value]
