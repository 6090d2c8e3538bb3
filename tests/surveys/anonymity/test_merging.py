"""Merging goes by how many a cell holds: smallest first, to the nearest place where there is anyone else."""

import random
import time
from collections import Counter
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.anonymity.differencing import Comparison, part
from surveys.anonymity.merging import ROOT, Merging, Place, Size, Tree

SECONDS = 10.0  # it takes about one; looking at every cell for every merger took many minutes
UNITS = {"north": None, "hotel": "north", "bar": "hotel", "desk": "hotel", "rooms": "hotel", "south": None}
TREE = Tree(UNITS, ["contract", "age"])


def merged(sizes: dict[Place, int], floor: int = 5) -> dict[Place, set[Place]]:
    merging = Merging(TREE, {place: Size(count + 1, count) for place, count in sizes.items()}, floor)
    merging.merge_small()
    return {group: set(places) for group, places in merging.groups.items()}


def in_unit(unit: str | None, **segments: str) -> Place:
    return Place(unit, tuple(sorted(segments.items())))


def test_large_cells_stay_as_they_are() -> None:
    sizes = {in_unit("bar"): 5, in_unit("desk"): 9, in_unit(None): 6}
    assert merged(sizes) == {place: {place} for place in sizes}


def test_a_small_cell_is_counted_with_its_smallest_sibling_under_the_name_of_both() -> None:
    sizes = {in_unit("bar"): 3, in_unit("desk"): 9, in_unit("rooms"): 8, in_unit("south"): 5}
    found = merged(sizes)
    assert found[in_unit("hotel")] == {in_unit("bar"), in_unit("rooms")}
    assert set(found) == {in_unit("hotel"), in_unit("desk"), in_unit("south")}


def test_a_second_small_cell_joins_those_that_are_counted_together() -> None:
    sizes = {in_unit("bar"): 3, in_unit("desk"): 4, in_unit("rooms"): 20}
    assert merged(sizes) == {
        in_unit("hotel"): {in_unit("bar"), in_unit("desk")},
        in_unit("rooms"): {in_unit("rooms")},
    }


def test_who_belongs_to_the_unit_above_is_there_to_be_joined() -> None:
    sizes = {in_unit("bar"): 2, in_unit("hotel"): 6, in_unit("rooms"): 7}
    assert merged(sizes)[in_unit("hotel")] == {in_unit("bar"), in_unit("hotel")}


def test_the_segment_declared_last_is_given_up_first_and_the_unit_after_all_segments() -> None:
    sizes = {
        in_unit("bar", contract="a", age="1"): 3,
        in_unit("bar", contract="a", age="2"): 5,
        in_unit("bar", contract="b", age="1"): 5,
        in_unit("desk", contract="a", age="1"): 5,
    }
    assert set(merged(sizes)) == {
        in_unit("bar", contract="a"),
        in_unit("bar", contract="b", age="1"),
        in_unit("desk", contract="a", age="1"),
    }


def test_the_rest_of_a_unit_is_nearer_than_the_units_below_it() -> None:
    sizes = {in_unit("hotel", contract="a"): 3, in_unit("hotel", contract="b"): 6, in_unit("bar"): 5}
    assert set(merged(sizes)) == {in_unit("hotel"), in_unit("bar")}


def test_a_unit_alone_in_its_branch_is_counted_further_up() -> None:
    assert merged({in_unit("bar"): 3, in_unit("south"): 12}) == {ROOT: {in_unit("bar"), in_unit("south")}}


def test_a_cell_that_nobody_answered_stands_alone_only_where_ten_were_asked() -> None:
    sizes = {in_unit("bar"): Size(9, 0), in_unit("desk"): Size(10, 0), in_unit("rooms"): Size(9, 8)}
    merging = Merging(TREE, sizes, 5)
    merging.merge_small()
    assert merging.groups == {
        in_unit("hotel"): {in_unit("bar"), in_unit("desk")},
        in_unit("rooms"): {in_unit("rooms")},
    }
    alone = Merging(TREE, {in_unit("desk"): Size(10, 0), in_unit("rooms"): Size(9, 8)}, 5)
    alone.merge_small()
    assert set(alone.groups) == {in_unit("desk"), in_unit("rooms")}


def test_people_who_are_not_known_make_no_cell_large_enough() -> None:
    """Whether they answered, or all kept silent: neither nine nor one of ten may be told apart."""
    for small in (Size(10, 10, 9, 9), Size(10, 0, 1), Size(14, 9, 5, 5)):
        merging = Merging(TREE, {in_unit("desk"): small, in_unit("rooms"): Size(9, 8)}, 5)
        merging.merge_small()
        (group,) = merging.groups
        assert merging.size(group) == small + Size(9, 8)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_there_is_nobody_is_lost_and_no_cell_stays_small(seed: int) -> None:
    chance = random.Random(seed)
    places = [
        in_unit(unit, **({"contract": chance.choice("ab")} if chance.random() < 0.6 else {}))
        for unit in [None, *UNITS]
        for _ in range(2)
    ]
    sizes = {place: Size(20, chance.choice([0, 1, 2, 4, 5, 8, 15])) for place in places}
    merging = Merging(TREE, sizes, 5)
    merging.merge_small()
    counted = [place for group in merging.groups.values() for place in group]
    assert sorted(map(str, counted)) == sorted(map(str, sizes))
    for group, parts in merging.groups.items():
        assert all(group in TREE.path(part) for part in parts), "counted on a place that is not above it"
        answered = sum(sizes[part].answered for part in parts)
        assert merging.size(group).answered == answered
        assert answered >= 5 or answered == 0 or len(merging.groups) == 1


def test_twenty_thousand_people_in_thousands_of_cells_are_merged_in_seconds() -> None:
    chance = random.Random(1)
    parents: dict[str, str | None] = {f"d{n}": None for n in range(40)} | {f"t{n}": f"d{n % 40}" for n in range(1_600)}
    places = [
        Place(f"t{chance.randrange(1_600)}", (("age", chance.choice("123")), ("site", chance.choice("nsew"))))
        for _ in range(20_000)
    ]
    answered = {UUID(int=n): place for n, place in enumerate(places)}
    sizes = {place: Size(count, count) for place, count in Counter(places).items()}
    earlier = {
        person: UUID(int=int((place.unit or "")[1:]) if chance.random() < 0.97 else 0)
        for person, place in answered.items()
        if chance.random() < 0.9
    }
    begun = time.monotonic()
    merging = Merging(Tree(parents, ["site", "age"]), sizes, 5)
    merging.merge_small()
    part(merging, [Comparison(answered, earlier, 5)])
    assert time.monotonic() - begun < SECONDS
    assert sum(merging.size(group).answered for group in merging.groups) == 20_000
