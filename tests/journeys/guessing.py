"""Guessing who gave which answer: rows in some order laid beside people in some order, and how far chance gets."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, factorial
from typing import Any, TypeVar

Number = TypeVar("Number", int, float)
LAGS = range(-2, 3)
Cards = Mapping[Hashable, Sequence[Hashable]]


@dataclass(frozen=True)
class Guess:
    """One way of guessing: how often it is right, and how likely as much or more is where the order tells nothing."""

    way: str
    hits: int
    chance: float


@dataclass(frozen=True)
class Side:
    """People or rows in several orders; `cell` groups them, `value` is what a right guess must have equal."""

    orders: Mapping[str, Sequence[Any]]
    cell: Callable[[Any], Hashable]
    value: Callable[[Any], Hashable]

    def cards(self, name: str, *, backwards: bool = False) -> Cards:
        """The values of each cell in one of the orders."""
        found: dict[Hashable, list[Hashable]] = defaultdict(list)
        for one in reversed(self.orders[name]) if backwards else self.orders[name]:
            found[self.cell(one)].append(self.value(one))
        return found


def guesses(people: Side, rows: Side) -> Iterator[Guess]:
    """Each order of people with each of rows, forwards, backwards and a few places off; in all cells and in each."""
    theirs = {who: people.cards(who) for who in people.orders}
    stored = {
        row + " backwards" * backwards: rows.cards(row, backwards=backwards)
        for row, backwards in product(rows.orders, (False, True))
    }
    one, other = next(iter(theirs.values())), next(iter(stored.values()))
    likely = {cell: at_least({cell: one[cell]}, other) for cell in one}
    likely_in_all = at_least(one, other)
    for (who, own), (row, laid), lag in product(theirs.items(), stored.items(), LAGS):
        way = f"{row}, {lag} off, as {who}"
        hits = {cell: _hits(cards, laid.get(cell, ()), lag) for cell, cards in own.items()}
        yield Guess(way, sum(hits.values()), likely_in_all[sum(hits.values())])
        yield from (Guess(f"{way}, in {cell}", hits[cell], likely[cell][hits[cell]]) for cell in hits)


def found(people: Side, rows: Side, error: float) -> list[Guess]:
    """The guesses that are better than chance; where no order says anything there is one with probability `error`."""
    made = list(guesses(people, rows))
    return [guess for guess in made if guess.chance < error / len(made)]


def at_least(one: Cards, other: Cards) -> list[float]:
    """The probability of so many hits or more, 0 upward, where every order within each cell is as likely as any."""
    exactly = [1.0]
    for cell, cards in one.items():
        own = _exactly(Counter(cards), Counter(other.get(cell, ())))
        exactly = _times(exactly, own)
    tails = [0.0]
    for chance in reversed(exactly):
        tails.append(tails[-1] + chance)
    return tails[:0:-1] + [0.0] * 2


def _exactly(one: Mapping[Hashable, int], other: Mapping[Hashable, int]) -> list[float]:
    """The probability of 0, 1, ... hits when one pack of cards is shuffled and laid beside another of the same size.

    Exact, by rook polynomials (Riordan 1958, An Introduction to Combinatorial Analysis, chapters 7 and 8): cards of one
    value are a rectangle of the board.
    """
    size = sum(one.values())
    assert size == sum(other.values()), "each person of a cell has a row and each row a person"
    rooks = [1]
    for value, a in one.items():
        b = other.get(value, 0)
        block = [comb(a, k) * comb(b, k) * factorial(k) for k in range(min(a, b) + 1)]
        rooks = _times(rooks, block)
    rooks += [0] * (size + 1 - len(rooks))
    ways = [
        sum((-1) ** (k - n) * comb(k, n) * rooks[k] * factorial(size - k) for k in range(n, size + 1))
        for n in range(size + 1)
    ]
    return [way / factorial(size) for way in ways]


def _times(one: Sequence[Number], other: Sequence[Number]) -> list[Number]:
    """The coefficients of the product of two polynomials."""
    product_ = [one[0] * 0] * (len(one) + len(other) - 1)
    for (i, a), (j, b) in product(enumerate(one), enumerate(other)):
        product_[i + j] += a * b
    return product_


def _hits(theirs: Sequence[Hashable], stored: Sequence[Hashable], lag: int) -> int:
    return sum(theirs[(place + lag) % len(theirs)] == card for place, card in enumerate(stored))
