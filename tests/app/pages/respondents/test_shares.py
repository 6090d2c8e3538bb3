"""Shares in whole percent add up to 100, and stay as near to the exact ones as that allows."""

import re

from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation.estimate import estimate
from analytics.reports import scores
from app.languages import LANGUAGES
from app.pages.respondents.shares import shares, whole_percents
from tests.analytics.histograms import counts

COUNTS = st.lists(st.integers(0, 10_000), min_size=3, max_size=3).filter(any)


def test_what_rounding_one_by_one_would_make_99_or_101_adds_up() -> None:
    # 33.33 each: the left-over percent goes to the first of the equal ones.
    assert whole_percents([7, 7, 7]) == [34, 33, 33]
    # 42.5, 42.5 and 15 would be 43 + 43 + 15, or 42 + 42 + 15.
    assert whole_percents([17, 17, 6]) == [43, 42, 15]
    # 66.67, 16.67 and 16.67 would be 67 + 17 + 17: the largest count keeps the part of a percent.
    assert whole_percents([4, 1, 1]) == [67, 17, 16]
    # 53.85, 30.77 and 15.38 add up by themselves.
    assert whole_percents([28, 16, 8]) == [54, 31, 15]


@given(COUNTS)
def test_they_add_up_to_100_and_are_less_than_a_percent_off(three: list[int]) -> None:
    found = whole_percents(three)
    assert sum(found) == 100
    assert all(abs(whole - 100 * count / sum(three)) < 1 for whole, count in zip(found, three, strict=True))
    assert all(whole == 0 for whole, count in zip(found, three, strict=True) if count == 0)


def test_the_words_add_up_in_every_language_and_the_bar_is_exact() -> None:
    item = scores.estimate_item(estimate(counts(4, 1, 1)))
    for language in LANGUAGES:
        found = shares(item, language)
        said = [int(re.sub(r"\D", "", share.words)) for share in found]
        assert (said, [share.category for share in found]) == ([67, 17, 16], ["promoters", "passives", "detractors"])
    assert [round(share.percent, 2) for share in found] == [66.67, 16.67, 16.67]
    assert [round(share.starts_at, 2) for share in found] == [0, 66.67, 83.33]


def test_where_nearly_all_agree_or_nobody_answered_there_are_no_shares() -> None:
    assert shares(scores.estimate_item(estimate(counts(12, 0, 0), anonymous=True)), "en") == []
    assert shares(scores.estimate_item(estimate(counts(0, 0, 0))), "en") == []
