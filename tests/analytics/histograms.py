"""Counts by score from 0 to 10: made from three, and any there can be."""

from hypothesis import strategies as st

from tests.analytics.rows import scored

ELEVEN = st.lists(st.integers(0, 400), min_size=11, max_size=11)


def counts(promoters: int, passives: int, detractors: int) -> list[int]:
    scores = scored(promoters, passives, detractors)
    return [scores.count(score) for score in range(11)]
