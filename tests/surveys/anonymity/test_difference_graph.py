"""Differences of two waves: the graph finds one of too few people exactly where trying every sum of cells does."""

import random
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.anonymity.difference_graph import Compared

K = 5


def isolating(now: dict[Any, str], before: dict[Any, str], floor: int) -> set[str]:
    return Compared(now, before, floor).isolating()


def cells(wave: dict[int, str]) -> list[set[int]]:
    return [{p for p, c in wave.items() if c == cell} for cell in sorted(set(wave.values()))]


def sums(cells: list[set[int]]) -> list[set[int]]:
    return [set().union(*some) for n in range(len(cells) + 1) for some in combinations(cells, n)]


def tried(now: dict[int, str], before: dict[int, str]) -> bool:
    """Whether some sum of cells of now less some sum of cells of before holds 1 to K - 1 people."""
    return any(0 < len(a ^ b) < K for a in sums(cells(now)) if a for b in sums(cells(before)))


def large(wave: dict[int, str]) -> dict[int, str]:
    """Without cells of fewer than K."""
    return {p: c for p, c in wave.items() if list(wave.values()).count(c) >= K}


@settings(max_examples=400, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    people=st.integers(5, 45),
    rate=st.sampled_from([0.7, 0.95, 1.0]),
    joined=st.integers(0, 7),
)
def test_it_finds_what_trying_every_sum_finds(seed: int, people: int, rate: float, joined: int) -> None:
    chance = random.Random(seed)
    count = chance.randint(1, 5)
    before = {p: f"c{p % count}" for p in range(people)}
    now = {p: c if chance.random() < rate else f"c{chance.randrange(count)}" for p, c in before.items()}
    now = {p: c for p, c in now.items() if chance.random() < rate}
    now |= {people + n: chance.choice(["c0", "new"]) for n in range(joined)}
    now, before = large(now), large(before)
    assert bool(isolating(now, before, K)) == tried(now, before)


@settings(max_examples=400, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    people=st.integers(10, 50),
    rate=st.sampled_from([0.8, 0.97, 1.0]),
    joined=st.sampled_from([0, 0, 3]),
)
def test_groups_counted_together_are_compared_as_if_they_had_been_one(
    seed: int, people: int, rate: float, joined: int
) -> None:
    chance = random.Random(seed)
    count = chance.randint(3, 7)
    before = {p: f"c{p % count}" for p in range(people)}
    now = {p: c if chance.random() < rate else f"c{chance.randrange(count)}" for p, c in before.items()}
    now |= {people + n: "new" for n in range(joined)}
    now, before = large(now), large(before)
    compared = Compared(now, before, K)
    while len(groups := sorted(set(now.values()))) > 1:
        found = compared.isolating()
        assert found <= set(groups)
        assert bool(found) == tried(now, before)
        one = min(found or groups)
        other = chance.choice([group for group in groups if group != one])
        into = chance.choice([one, other, one + other])
        compared.join(one, other, into)
        now = {p: into if group in (one, other) else group for p, group in now.items()}


def team(name: str, count: int, start: int = 0) -> dict[str, str]:
    return {f"{name}-{n}": name for n in range(start, start + count)}


def test_the_same_people_in_the_same_cells_isolate_nobody() -> None:
    assert isolating(team("a", 8) | team("b", 9), team("a", 8) | team("b", 9), K) == set()


def test_one_who_joined_is_isolated_by_their_cell() -> None:
    assert isolating(team("a", 9) | team("b", 9), team("a", 8) | team("b", 9), K) == {"a"}


def test_one_who_moved_is_isolated_by_either_cell_and_not_by_both_together() -> None:
    moved = {"a-0": "b"}
    found = isolating(team("a", 9) | team("b", 9) | moved, team("a", 9) | team("b", 9), K)
    assert found in ({"a"}, {"b"})
    together = dict.fromkeys(team("a", 9) | team("b", 9), "ab")
    assert isolating(together, team("a", 9) | team("b", 9), K) == set()


def test_five_who_joined_hide_each_other() -> None:
    assert isolating(team("a", 13) | team("b", 9), team("a", 8) | team("b", 9), K) == set()
