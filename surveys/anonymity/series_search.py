"""Combinations: whether cells of many waves, added with whatever factors, leave the answers of fewer than k people.

Every combination of cells gives each person a factor: the sum of those of their cells. Whoever supposes that nobody
changed their mind is left with the people whose factor is not zero. So people are rows, cells are columns, and what is
looked for are vectors of the span of the columns (words) that few people have a part in.

From an information set, as many people as there are independent cells, the span has exactly one word for each person
of the set in which nobody else of the set has a part. A word of few people is one of these for a large share of all
sets: Prange 1962, "The use of information sets in decoding cyclic codes", IRE Transactions on Information Theory 8.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, comb, log
from random import Random

Word = list[int]
# Factors are counted modulo a prime. A person whose factor it divides would be overlooked: on the side of caution.
PRIME = 2**29 - 3
MISSED = 1e-6


@dataclass
class Effort:
    """How much may still be computed, in factors; whether it was too little."""

    left: int
    exhausted: bool = False

    def spend(self, factors: int) -> bool:
        """Whether there was as much left."""
        self.left -= factors
        self.exhausted |= self.left < 0
        return self.left >= 0


@dataclass(frozen=True)
class Cells:
    """Some cells of some waves: those of now last; `floors` says how many people each promised to hide among.

    `people` counts those on each path: the positions of their cells, and whether they count towards the floor.
    """

    floors: Sequence[int]
    now: Collection[int]
    people: Mapping[tuple[tuple[int, ...], bool], int]
    _rows: list[tuple[tuple[int, ...], int]] = field(init=False)

    def __post_init__(self) -> None:
        counted: Counter[tuple[int, ...]] = Counter()
        for (path, counts), number in self.people.items():
            counted[path] += number if counts else 0
        object.__setattr__(self, "_rows", sorted(counted.items()))

    def isolating(self, effort: Effort) -> set[int]:
        """Cells of now in a combination that leaves too few people, though not nobody; empty where none was seen.

        None is there where it was proven, by three sets that have nobody in common for a floor of five. Else one that
        is there is missed with a chance of MISSED, or `effort` was too little.
        """
        weights = [number for _, number in self._rows]
        words = self._light(self._words(effort), weights, effort)
        counting = [row for row, number in enumerate(weights) if 0 < number < max(self.floors)]
        chance, tried, needed = Random(len(words)), 0, 1  # noqa: S311 - reproducible on purpose
        while words and tried < needed and not effort.exhausted:
            chance.shuffle(counting)
            sets = 0
            for rank, reduced in _sets(words, counting, effort):
                if cells := self._too_few(reduced, weights):
                    return cells
                sets, tried = sets + 1, tried + 1
                needed = _needed(len(counting), rank, max(self.floors))
            if (max(self.floors) - 1) // max(sets, 1) <= 1:
                break
        return set()

    def _words(self, effort: Effort) -> list[Word]:
        """Independent columns, those of earlier waves first; behind the people's factors stand those of the cells."""
        width, size = len(self._rows), len(self.floors)
        words: list[Word] = [[0] * (width + size) for _ in range(size)]
        for row, (path, _) in enumerate(self._rows):
            for cell in path:
                words[cell][row] = 1
        for cell, word in enumerate(words):
            word[width + cell] = 1
        kept: dict[int, Word] = {}
        for word in words:
            for row, pivot in kept.items():
                if word[row] and effort.spend(len(word)):
                    _subtract(word, pivot, row)
            lead = next((row for row in range(width) if word[row]), None)
            if lead is not None:
                kept[lead] = _scaled(word, lead)
        return list(kept.values())

    def _light(self, words: list[Word], weights: Sequence[int], effort: Effort) -> list[Word]:
        """The words in which nobody has a part of whom there are enough alike."""
        for row, number in enumerate(weights):
            if number >= max(self.floors) and (lead := next((word for word in words if word[row]), None)):
                words = [word for word in words if word is not lead]
                pivot = _scaled(lead, row)
                for word in words:
                    if word[row] and effort.spend(len(word)):
                        _subtract(word, pivot, row)
        return words

    def _too_few(self, words: Iterable[Word], weights: Sequence[int]) -> set[int]:
        width = len(weights)
        for word in words:
            cells = [cell for cell, factor in enumerate(word[width:]) if factor]
            if now := {cell for cell in cells if cell in self.now}:
                left = sum(number for number, factor in zip(weights, word, strict=False) if factor)
                if left < max(self.floors[cell] for cell in cells):
                    return now
        return set()


def _sets(words: Sequence[Word], rows: Sequence[int], effort: Effort) -> Iterator[tuple[int, list[Word]]]:
    """Information sets that have no row in common, in the order of `rows`: how many rows, and the words from each."""
    reduced, taken = _reduced(words, rows, effort)
    rank, used = len(taken), set[int]()
    while len(taken) == rank and not effort.exhausted:
        yield rank, reduced
        used |= taken
        if rank == 0:
            return
        reduced, taken = _reduced(words, (row for row in rows if row not in used), effort)


def _reduced(words: Sequence[Word], rows: Iterable[int], effort: Effort) -> tuple[list[Word], set[int]]:
    """The words made anew so that each row of a set is in one of them only; and the set, the first rows that do."""
    made, taken = [list(word) for word in words], set[int]()
    free = list(range(len(made)))
    for row in rows:
        lead = next((n for n in free if made[n][row]), None)
        if lead is None:
            continue
        free.remove(lead)
        taken.add(row)
        made[lead] = _scaled(made[lead], row)
        for n, word in enumerate(made):
            if n != lead and word[row] and effort.spend(len(word)):
                _subtract(word, made[lead], row)
        if not free or effort.exhausted:
            break
    return made, taken


def _scaled(word: Word, row: int) -> Word:
    inverse = pow(word[row], -1, PRIME)
    return word if inverse == 1 else [factor * inverse % PRIME for factor in word]


def _subtract(word: Word, pivot: Word, row: int) -> None:
    times = word[row]
    word[:] = [(a - times * b) % PRIME if b else a for a, b in zip(word, pivot, strict=True)]


def _needed(rows: int, rank: int, floor: int) -> int:
    """How many sets it takes to miss a word of fewer than `floor` rows with a chance of MISSED."""
    sizes = range(1, min(floor, rows - rank + 2))
    shares = [few * comb(rows - few, rank - 1) / comb(rows, rank) for few in sizes if rank]
    least = min(shares, default=1.0)
    return 1 if least >= 1 else ceil(log(MISSED) / log(1 - least)) if least > 0 else 10**9
