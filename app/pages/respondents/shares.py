"""Shares: promoters, passives and detractors in whole percent that add up to 100."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.estimation.estimate import CATEGORIES
from analytics.reports.metrics import Item
from app import languages


@dataclass(frozen=True, slots=True)
class Share:
    """The part of the answers in one of the three categories.

    `percent` and `starts_at` are exact, for drawing to scale; `words` are whole percent as a language writes them.
    """

    category: str
    percent: float
    starts_at: float
    words: str


def shares(total: Item, language: str) -> list[Share]:
    """Promoters, passives and detractors of a score item from left to right; none where they are not shown."""
    counts = [total[category] for category in CATEGORIES]
    n = total["responses"]
    if None in counts or not n:
        return []
    return [
        Share(
            category, 100 * count / n, 100 * sum(counts[:place]) / n, languages.percent_in_words(whole, language)
        )
        for place, (category, count, whole) in enumerate(zip(CATEGORIES, counts, whole_percents(counts), strict=True))
    ]  # fmt: skip


def whole_percents(counts: Sequence[int]) -> list[int]:
    """The shares of counts that are not all zero in whole percent, adding up to 100.

    By largest remainder (Hamilton's method): all are rounded down, and what is left of the 100 goes to those that lost
    most, the larger count first where they lost alike.
    """
    n = sum(counts)
    parts = [divmod(100 * count, n) for count in counts]
    percents = [whole for whole, _ in parts]
    most_lost = sorted(range(len(counts)), key=lambda place: (-parts[place][1], -counts[place], place))
    for place in most_lost[: 100 - sum(percents)]:
        percents[place] += 1
    return percents
