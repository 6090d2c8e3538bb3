"""Intervals against published cases, and what must hold for any counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation.estimate import adjusted, estimate
from tests.analytics.histograms import ELEVEN, counts
from tests.known import known

# Adjusted Wald with pseudo-counts 3/4, 3/2, 3/4: Rocks (2016), The American Statistician 70(4), 365-372;
# worked cases as MeasuringU (Sauro and Lewis, "Confidence intervals for Net Promoter Scores") computes them.
PUBLISHED = [
    ((162, 108, 54), 33.33, 24.95, 41.11),
    ((50, 30, 20), 30.0, 14.05, 44.20),
    ((5, 5, 40), -70.0, -83.92, -48.15),
    ((3, 2, 1), 33.33, -26.74, 71.19),
]


@pytest.mark.parametrize(("three", "nps", "low", "high"), PUBLISHED)
def test_published_intervals_are_reproduced(three: tuple[int, int, int], nps: float, low: float, high: float) -> None:
    found = estimate(counts(*three))
    assert tuple(round(known(value), 2) for value in (found.nps, found.low, found.high)) == (nps, low, high)


@pytest.mark.parametrize(
    ("three", "nps"), [((162, 108, 54), 33.333), ((24, 8, 8), 40), ((30, 12, 18), 20), ((5, 5, 40), -70)]
)
def test_published_points_are_reproduced(three: tuple[int, int, int], nps: float) -> None:
    assert estimate(counts(*three)).nps == pytest.approx(nps, abs=5e-4)


@pytest.mark.parametrize(
    ("three", "error"),
    # The Wald errors of the same sources: 100 x sqrt((p + d - (p - d)^2) / n).
    [((162, 108, 54), 4.141), ((50, 30, 20), 7.810), ((40, 30, 30), 8.307)],
)
def test_without_the_pseudo_counts_errors_are_the_published_ones(three: tuple[int, int, int], error: float) -> None:
    """Of a million such surveys together the three pseudo-counts are nothing; the error is a thousandth."""
    promoters, passives, detractors = (count * 1_000_000 for count in three)
    found = adjusted(promoters, passives, detractors)
    assert 100 * 1_000 * found.variance_of_mean**0.5 == pytest.approx(error, abs=5e-4)


@pytest.mark.parametrize(
    ("three", "nps"),
    [
        ((501, 317, 71), 48.369),  # The Carpentries, after instructor training, 2016 to 2018
        ((84, 33, 7), 62.097),  # The Carpentries, conference sessions 2020
        ((1436, 968, 342), 39.840),  # San Francisco airport, May 2017, unweighted
        ((1386, 351, 58), 73.983),  # R community survey 2019, English
    ],
)
def test_real_surveys_are_reproduced(three: tuple[int, int, int], nps: float) -> None:
    """Counts and NPS as an independent count of the published files gives them."""
    assert round(known(estimate(counts(*three)).nps), 3) == nps


def test_no_answers_give_no_figure() -> None:
    found = estimate([0] * 11)
    assert (found.nps, found.low, found.high, found.responses) == (None, None, None, 0)


def test_four_answers_give_a_point_without_an_interval() -> None:
    found = estimate(counts(3, 0, 1))
    assert (found.nps, found.low, found.high, found.indicative) == (50.0, None, None, True)


@pytest.mark.parametrize(("n", "indicative"), [(0, False), (1, True), (29, True), (30, False)])
def test_one_to_twenty_nine_answers_are_indicative(n: int, indicative: bool) -> None:
    assert estimate(counts(n, 0, 0)).indicative is indicative


@pytest.mark.parametrize("score", range(11))
def test_each_score_counts_on_its_side(score: int) -> None:
    found = estimate([int(s == score) for s in range(11)])
    assert found.nps == (100 if score >= 9 else 0 if score >= 7 else -100)


def test_a_tally_below_zero_counts_as_none() -> None:
    assert estimate([-1, *[0] * 9, 4]) == estimate([0, *[0] * 9, 4])


@given(ELEVEN, st.floats(0.80, 0.99))
def test_the_interval_lies_within_the_scale_and_holds_the_point(eleven: list[int], confidence: float) -> None:
    found = estimate(eleven, confidence)
    if found.responses >= 5:
        assert -100 <= known(found.low) <= known(found.nps) <= known(found.high) <= 100
        assert known(found.low) < known(found.high)


@given(ELEVEN)
def test_more_confidence_makes_the_interval_wider(eleven: list[int]) -> None:
    narrow, wide = estimate(eleven, 0.80), estimate(eleven, 0.99)
    if narrow.responses >= 5:
        assert known(wide.low) <= known(narrow.low)
        assert known(narrow.high) <= known(wide.high)


@given(ELEVEN)
def test_turning_the_scale_round_turns_the_interval_round(eleven: list[int]) -> None:
    """Exchanging promoters and detractors changes the signs only."""
    one = estimate(eleven)
    other = estimate(counts(known(one.detractors), known(one.passives), known(one.promoters)))
    if one.responses >= 5:
        assert (other.nps, other.low, other.high) == pytest.approx((-known(one.nps), -known(one.high), -known(one.low)))
