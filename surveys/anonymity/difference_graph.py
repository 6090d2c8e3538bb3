"""Differences: whether two waves, one taken from the other, would show an answer of fewer than k people.

Who answered in both waves drops out of a difference, to someone who supposes that nobody changed their mind; what
is left are the answers of those who answered in one of them only, or moved. So the people are the edges of a graph:
each joins the cell that counted them now to the one that counted them before, or to NOBODY. A sum of cells of now less
a sum of cells of before is a cut of that graph, and what the difference holds are the people that the cut severs.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

Group = TypeVar("Group", bound=Hashable)
Node = int
Edges = dict[Node, dict[Node, int]]
Step = tuple[Node, Node]
NOBODY: Node = 0


class Compared(Generic[Group]):
    """Two waves as such a graph, kept while groups of now are counted together.

    `now` and `before` give for each person who answered the group that counts them. Each group counts at least `floor`
    people already, so that what is looked for are differences that hold cells of both waves. Those `unknown` are in a
    difference, but do not count towards the floor: whoever made them up, or had them erased, knows what they said.

    Nodes that no small cut runs between are put together into blocks. That stays right when groups are joined, which
    only takes cuts away. Each connected part has a root, NOBODY where it is in it: each block of now is put together
    with the root once `floor` people or more are known to join them, or it lies on one side of a small cut.
    """

    def __init__(
        self, now: Mapping[Any, Group], before: Mapping[Any, Hashable], floor: int, unknown: Collection[Any] = ()
    ) -> None:
        # All who do not count weigh less together than one who does: a cut of these alone is still too small.
        self._unknown, self._weight = unknown, len(unknown) + 1
        self._floor = floor * self._weight
        self._block: dict[Group, Node] = {}
        self._edges = self._graph(now, before)
        self._groups: dict[Node, set[Group]] = {node: set() for node in self._edges}
        for group, node in self._block.items():
            self._groups[node].add(group)
        self._root: dict[Node, Node] = {NOBODY: NOBODY}
        for node in list(self._edges):
            if node in self._edges:
                self._contract_heavy(node)
        for node in sorted(self._edges, key=lambda node: (node != NOBODY, -len(self._groups[node]), node)):
            if node not in self._root or node == NOBODY:
                self._root.update(dict.fromkeys(self._part(node), node))
        self._waiting = deque(node for node in self._edges if self._groups[node] and self._root[node] != node)

    def isolating(self) -> set[Group]:
        """The groups of now on one side of a difference of too few people; empty where there is none any more."""
        while self._waiting:
            node = self._waiting[0]
            if node in self._edges and self._root[node] != node:
                side = self._small_side(node)
                if side is not None:
                    return {group for block in side for group in self._groups[block]}
                self._contract_heavy(self._contract(node, self._root[node]))
            self._waiting.popleft()
        return set()

    def join(self, group: Group, other: Group, into: Group) -> None:
        """Two groups of now are counted together from now on, named `into`. One that nobody answered is in no graph."""
        nodes = {self._block.pop(part) for part in (group, other) if part in self._block}
        for node in nodes:
            self._groups[node] -= {group, other}
        if nodes:
            joined = self._contract_heavy(self._put_together(*nodes))
            self._groups[joined].add(into)
            self._block[into] = joined

    def _graph(self, now: Mapping[Any, Group], before: Mapping[Any, Hashable]) -> Edges:
        people: Counter[tuple[Group | None, Hashable | None]] = Counter()
        for person in now.keys() | before.keys():
            people[now.get(person), before.get(person)] += 1 if person in self._unknown else self._weight
        cells: dict[Hashable, Node] = {}
        edges: Edges = {NOBODY: {}}
        # In an order that has nothing to do with people's ids, so that the same people are merged alike everywhere.
        for (group, cell), count in sorted(people.items(), key=lambda counted: str(counted[0])):
            fresh = len(self._block) + len(cells) + 1
            a = NOBODY if group is None else self._block.setdefault(group, fresh)
            fresh = len(self._block) + len(cells) + 1
            b = NOBODY if cell is None else cells.setdefault(cell, fresh)
            edges.setdefault(a, {})[b] = edges.setdefault(b, {})[a] = count
        return edges

    def _part(self, start: Node) -> Iterable[Node]:
        """The nodes connected with one, itself too."""
        reached = {start: None}
        waiting = [start]
        while waiting:
            fresh = [other for other in self._edges[waiting.pop()] if other not in reached]
            reached.update(dict.fromkeys(fresh))
            waiting += fresh
        return reached

    def _put_together(self, a: Node, b: Node | None = None) -> Node:
        """Two nodes as one. Where they lie in different parts, these become one part, and one root is none any more."""
        if b is None:
            return a
        kept, dropped = sorted((self._root[a], self._root[b]))
        if kept != dropped:
            self._root.update(dict.fromkeys(self._part(dropped), kept))
            self._waiting.append(dropped)
        return self._contract(a, b)

    def _contract(self, a: Node, b: Node) -> Node:
        """Two nodes as one, under the name of the root where it is one of them."""
        kept, gone = (b, a) if self._root.get(b) == b else (a, b)
        for other, count in self._edges.pop(gone).items():
            del self._edges[other][gone]
            if other != kept:
                together = self._edges[kept].get(other, 0) + count
                self._edges[kept][other] = self._edges[other][kept] = together
        self._block.update(dict.fromkeys(self._groups[gone], kept))
        self._groups[kept] |= self._groups.pop(gone)
        self._root.pop(gone, None)
        return kept

    def _contract_heavy(self, node: Node) -> Node:
        """Put together what `floor` people or more join with a node: no small cut runs between them."""
        while True:
            heavy = next((other for other, count in self._edges[node].items() if count >= self._floor), None)
            if heavy is None:
                return node
            node = self._contract(node, heavy)

    def _small_side(self, node: Node) -> set[Node] | None:
        """A block's side of a smallest cut between it and its root, if fewer than `floor` people are severed.

        Augmenting paths, shortest first (Edmonds and Karp 1972), until `floor` people have got through.
        """
        flow: dict[Step, int] = defaultdict(int)
        through = 0
        while through < self._floor:
            path, reached = self._path(node, flow)
            if not path:
                return reached
            carried = min(self._edges[a][b] - flow[a, b] for a, b in path)
            for a, b in path:
                flow[a, b] += carried
                flow[b, a] -= carried
            through += carried
        return None

    def _path(self, start: Node, flow: Mapping[Step, int]) -> tuple[list[Step], set[Node]]:
        """A shortest way to the root with room left; else no way, and the nodes that can be reached."""
        root = self._root[start]
        came_from: dict[Node, Node] = {}
        reached, waiting = {start}, deque([start])
        while waiting and root not in reached:
            node = waiting.popleft()
            for other, count in self._edges[node].items():
                if other not in reached and count > flow[node, other]:
                    reached.add(other)
                    came_from[other] = node
                    waiting.append(other)
        path: list[Step] = []
        if root in reached:
            while root != start:
                path.append((came_from[root], root))
                root = came_from[root]
        return path, reached
