"""Series: a combination of cells of many waves that leaves too few people is seen where trying them all sees one."""

import random
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from surveys.anonymity.series import Series, Together

K = 4
Wave = Mapping[Any, str]
FACTORS = (-1, 0, 1)


def isolating(now: Wave, before: Sequence[Wave], unknown: Collection[Any] = (), **changed: Any) -> set[str]:
    return Together(now, Series(now, [(K, wave) for wave in before], K, unknown), **changed).isolating()


def least(now: Wave, before: Sequence[Wave], unknown: Collection[Any] = ()) -> int | None:
    """The fewest who count in what a combination with a cell of now leaves; None where all leave nobody."""
    cells = [(n, cell) for n, wave in enumerate((now, *before)) for cell in sorted(set(wave.values()))]
    people = sorted({person for wave in (now, *before) for person in wave}, key=str)
    left = []
    for factors in product(FACTORS, repeat=len(cells)):
        factor = dict(zip(cells, factors, strict=True))
        if any(factor[0, cell] for cell in now.values()):
            parts = {
                person: sum(factor[n, wave[person]] for n, wave in enumerate((now, *before)) if person in wave)
                for person in people
            }
            if any(parts.values()):
                left.append(sum(bool(part) and person not in unknown for person, part in parts.items()))
    return min(left, default=None)


def shown(now: Wave, before: Sequence[Wave], unknown: Collection[Any] = ()) -> bool:
    """Whether there is a combination, with whatever factors, of fewer than K: all of whom are taken away in turn.

    The combinations that leave nobody but these are as many as ranks are lost by taking them away; there must be more
    than those of earlier waves alone.
    """
    waves = [*before, now]
    people = sorted({person for wave in waves for person in wave}, key=lambda person: (person in unknown, person))
    cells = [(n, cell) for n, wave in enumerate(waves) for cell in sorted(set(wave.values()))]
    old = sum(n < len(before) for n, _ in cells)
    matrix = np.array([[waves[n].get(person) == cell for n, cell in cells] for person in people], dtype=float)
    rank = np.linalg.matrix_rank
    counting = [n for n, person in enumerate(people) if person not in unknown]
    for few in combinations(counting, min(K - 1, len(counting))):
        rest = matrix[[n for n in counting if n not in few]]
        lost, lost_before = (rank(matrix[:, :end]) - (rank(rest[:, :end]) if len(rest) else 0) for end in (None, old))
        if lost > lost_before:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    people=st.integers(8, 14),
    shape=st.sampled_from([(1, 3), (1, 5), (1, 7), (2, 3)]),
    rate=st.sampled_from([0.5, 0.8]),
    dubious=st.sampled_from([0, 0.2]),
)
def test_it_sees_what_trying_every_combination_sees(
    seed: int, people: int, shape: tuple[int, int], rate: float, dubious: float
) -> None:
    chance = random.Random(seed)
    teams, count = shape
    waves = [
        {n: f"c{(n if chance.random() < 0.95 else chance.randrange(teams)) % teams}" for n in range(people)}
        for _ in range(count)
    ]
    waves = [{n: cell for n, cell in wave.items() if chance.random() < rate} for wave in waves]
    unknown = {n for n in range(people) if chance.random() < dubious}
    for number, wave in enumerate(waves[:-1]):
        if wave and isolating(wave, waves[:number], unknown):
            return
    seen = bool(isolating(waves[-1], waves[:-1], unknown))
    assert seen == shown(waves[-1], waves[:-1], unknown)
    assert seen or least(waves[-1], waves[:-1], unknown) not in range(K)


def part(*names: str, size: int = 6) -> dict[str, str]:
    return {f"{name}-{n}": "all" for name in names for n in range(size)}


def test_a_whole_less_both_its_parts_is_not_released() -> None:
    whole = part("a", "b") | {"target": "all"}
    assert isolating(part("b"), [whole, part("a")]) == {"all"}
    assert isolating(part("b"), [part("a", "b"), part("a")]) == set()


def test_a_wave_that_has_to_be_taken_twice_is_not_released_either() -> None:
    """Three waves of two parts each less twice the whole: with factors of one there is no such combination."""
    whole = part("a", "b", "c") | {"target": "all"}
    before = [whole, part("a", "b"), part("b", "c")]
    assert least(part("a", "c"), before) == 6
    assert isolating(part("a", "c"), before) == {"all"}
    assert isolating(part("a", "c"), [part("a", "b", "c"), *before[1:]]) == set()


def test_who_does_not_count_is_left_and_hides_nobody() -> None:
    before = [part("a", "b") | part("dummy") | {"target": "all"}, part("a")]
    assert isolating(part("b"), before) == set()
    assert isolating(part("b"), before, unknown=part("dummy")) == {"all"}
    assert isolating(part("b"), before, unknown=before[0]) == {"all"}


def test_what_earlier_waves_show_by_themselves_is_not_laid_at_the_door_of_a_later_one() -> None:
    before = [part("a", "b") | {"target": "all"}, part("a"), part("b")]
    assert isolating(part("x", "y"), before) == set()
    assert isolating(part("a"), before) == set()


def test_groups_counted_together_are_searched_again_and_only_these() -> None:
    now = {person: f"team {person[0]}" for person in part("a", "b", "c", "d")}
    before = [part("a", "b") | {"target": "all"}, dict.fromkeys(part("b"), "team b")]
    series = Together(now, Series(now, [(K, wave) for wave in before], K))
    assert series.isolating() == {"team a"}
    series.join("team a", "team c", "a and c")
    assert series.isolating() == set()


def test_of_many_cells_the_nearest_to_each_are_compared_with_it() -> None:
    """Eight teams over ten waves hang together through who moves, and are more than are compared at once."""
    chance = random.Random(2)
    waves = []
    for _ in range(11):
        wave = {n: f"t{n % 8}" for n in range(8 * 30) if chance.random() < 0.75}
        waves.append(wave | {n: f"t{chance.randrange(1, 8)}" for n in wave if n % 8 and chance.random() < 0.02})
    waves[0] |= dict.fromkeys(range(1, 8), "t0")
    assert isolating(waves[-1], waves[:-1]) == set()
    of_first = {n for n in range(8 * 30) if n % 8 == 0}
    first, second, target = {n for n in of_first if n % 16}, {n for n in of_first if n % 16 == 0}, 0
    shown = (first | second, first, second - {target})
    for number, people in zip((2, 5, -1), shown, strict=True):
        waves[number] = {n: team for n, team in waves[number].items() if n not in of_first} | dict.fromkeys(
            people, "t0"
        )
    assert isolating(waves[-1], waves[:-1]) == {"t0"}


def test_the_same_people_under_other_names_are_merged_alike() -> None:
    chance = random.Random(3)
    waves = [{n: f"c{n % 3}" for n in range(40) if chance.random() < 0.7} for _ in range(8)]
    renamed = {n: chance.random() for n in range(40)}
    other = [{renamed[n]: cell for n, cell in wave.items()} for wave in waves]
    assert isolating(waves[-1], waves[:-1]) == isolating(other[-1], other[:-1]) != set()


@pytest.mark.parametrize(("effort", "events"), [(10, ["series_not_exhausted"]), (10**6, [])])
def test_a_search_that_ends_too_early_says_so(effort: int, events: list[str]) -> None:
    chance = random.Random(1)
    waves = [{n: "all" for n in range(40) if chance.random() < 0.7} for _ in range(6)]
    with capture_logs() as logs:
        assert isolating(waves[-1], waves[:-1], effort=effort) == set()
    assert [line["event"] for line in logs] == events
