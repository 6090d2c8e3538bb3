"""Raking: weights that give those who answered the make-up of those who were asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Group = tuple[str | None, ...]
Margin = Mapping[str | None, float]

MOST_TIMES_MEAN = 5.0
LEAST = 0.01  # where margins contradict each other, fitting would drive a weight to nothing
ROUNDS = 100
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Raked:
    """The weight of one answer of each group, 1 on average over the answers.

    `trimmed` are the answers whose weight was cut; `silent` the values, per dimension, that nobody answered for.
    """

    weights: Mapping[Group, float]
    trimmed: int
    silent: Sequence[tuple[int, str | None]]


def rake(answered: Mapping[Group, int], margins: Sequence[Margin]) -> Raked:
    """Weights by iterative proportional fitting (Deming and Stephan 1940), cut at 5 times their mean.

    `answered` counts answers per group, `margins` the invited per value of each dimension of the group. A value
    that nobody answered for cannot be represented: it is named, and its margin spread over the others. What is
    cut off is spread over the rest, so the margins are then met only nearly.
    """
    groups = {group: n for group, n in answered.items() if n > 0}
    silent = [
        (i, value) for i, margin in enumerate(margins)
        for value, invited in margin.items() if invited > 0 and all(group[i] != value for group in groups)
    ]  # fmt: skip
    targets = [_targets(groups, i, margin) for i, margin in enumerate(margins)]
    weights = dict.fromkeys(groups, 1.0)
    for _ in range(ROUNDS):
        before = dict(weights)
        for i, target in enumerate(targets):
            _fit(weights, groups, i, target)
        if all(abs(weights[group] - before[group]) < CLOSE for group in groups):
            break
    total = sum(groups.values())
    floored = {group: max(LEAST, weight) for group, weight in weights.items()}
    mean = sum(floored[group] * n for group, n in groups.items()) / total if total else 1.0
    weights = {group: weight / mean for group, weight in floored.items()}
    cut = _trim(weights, groups)
    return Raked(weights, sum(groups[group] for group in cut), silent)


def _targets(groups: Mapping[Group, int], i: int, margin: Margin) -> dict[str | None, float]:
    """What the weighted answers of each value are to add up to. A value nobody was invited for keeps its share."""
    seen: dict[str | None, float] = defaultdict(float)
    for group, n in groups.items():
        seen[group[i]] += n
    total = sum(seen.values())
    uninvited = sum(n for value, n in seen.items() if not margin.get(value))
    invited = sum(margin.get(value) or 0 for value in seen)
    return {
        value: (margin.get(value) or 0) / invited * (total - uninvited) if margin.get(value) else n
        for value, n in seen.items()
    }


def _fit(weights: dict[Group, float], groups: Mapping[Group, int], i: int, target: Margin) -> None:
    added: dict[str | None, float] = defaultdict(float)
    for group, n in groups.items():
        weights[group] = max(weights[group], CLOSE)
        added[group[i]] += weights[group] * n
    for group in groups:
        weights[group] *= target[group[i]] / added[group[i]]


def _trim(weights: dict[Group, float], groups: Mapping[Group, int]) -> set[Group]:
    """Cut weights above 5 times the mean, which is 1, and spread what was cut over the rest; which were cut."""
    cut: set[Group] = set()
    total = sum(groups.values())
    while over := {group for group in groups if weights[group] > MOST_TIMES_MEAN + CLOSE}:
        cut |= over
        for group in cut:
            weights[group] = MOST_TIMES_MEAN
        rest = sum(weights[group] * n for group, n in groups.items() if group not in cut)
        left = total - MOST_TIMES_MEAN * sum(groups[group] for group in cut)
        for group in groups:
            if group not in cut:
                weights[group] *= left / rest
    return cut
