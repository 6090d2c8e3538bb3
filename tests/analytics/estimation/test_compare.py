"""Differences of two NPS against a published case and a calculation, and their correction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation.compare import Pair, benjamini_hochberg, compare, difference
from analytics.estimation.estimate import Estimate, estimate
from tests.analytics.histograms import ELEVEN, counts
from tests.known import known

Three = tuple[int, int, int]


def of(*three: int) -> Estimate:
    return estimate(counts(*three))


def test_a_published_difference_is_reproduced() -> None:
    """50/30/20 then 40/30/30: -20 points, p about .08 (without pseudo-counts the standard error is 11.40).

    With them, n = 103 on each side: shares .4927/.2015 and .3956/.2985, V = .6094 and .6847, so the standard
    error is sqrt((.6094 + .6847) / 103) = .11209, z = -.19417 / .11209 = -1.7323 and p = .0832.
    """
    (found,) = compare([Pair(of(50, 30, 20), of(40, 30, 30))])
    assert found.change == pytest.approx(-20)
    assert found.p_value == pytest.approx(0.0832, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((-41.39, 2.55), abs=0.01)
    assert found.verdict == "no clear change"


def test_the_published_error_of_a_difference_is_reproduced() -> None:
    """50/30/20 then 40/30/30: SE 11.40 = sqrt(7.810^2 + 8.307^2), so p = 2 Phi(-20 / 11.40) = .079.

    Of ten thousand such surveys on each side the error is a hundredth, and the pseudo-counts are nothing.
    """
    (found,) = compare([Pair(of(500_000, 300_000, 200_000), of(400_000, 300_000, 300_000))])
    assert 100 * (known(found.high) - known(found.low)) / 2 / 1.959964 == pytest.approx(11.40, abs=0.005)


def test_a_large_change_is_called_up_and_its_reverse_down() -> None:
    up, down = compare([Pair(of(20, 40, 40), of(60, 30, 10)), Pair(of(60, 30, 10), of(20, 40, 40))])
    assert (up.verdict, down.verdict) == ("up", "down")
    assert (up.change, up.low, up.high) == pytest.approx((-known(down.change), -known(down.high), -known(down.low)))


def test_too_few_answers_on_a_side_give_no_verdict() -> None:
    (found,) = compare([Pair(of(4, 0, 0), of(0, 0, 100))])
    assert (found.change, found.low, found.p_value, found.verdict) == (-200, None, None, "too few")


def test_nothing_on_a_side_gives_no_change() -> None:
    (found,) = compare([Pair(of(0, 0, 0), of(50, 30, 20))])
    assert (found.change, found.verdict) == (None, "too few")


def test_q_values_follow_benjamini_and_hochberg() -> None:
    """The first example of their paper (1995, section 3.2): at .05 the four smallest of fifteen are found."""
    found = (.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459)  # fmt: skip
    q = benjamini_hochberg([*found, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])
    assert [known(value) < 0.05 for value in q] == [True] * 4 + [False] * 11
    assert q[:2] == pytest.approx([0.0015, 0.003])


def test_those_without_a_p_value_are_not_counted_as_compared() -> None:
    assert benjamini_hochberg([None, 0.04, None]) == [None, 0.04, None]


def test_one_clear_change_among_many_quiet_groups_needs_more_proof() -> None:
    quiet = Pair(of(50, 30, 20), of(50, 30, 20))
    borderline = Pair(of(50, 30, 20), of(37, 30, 33))
    assert compare([borderline])[0].verdict == "down"
    assert compare([borderline, *[quiet] * 9])[0].verdict == "no clear change"


@pytest.mark.parametrize("share", [(0.5, 0.3, 0.2), (0.77, 0.19, 0.04), (0.34, 0.33, 0.33), (0.1, 0.2, 0.7)])
@pytest.mark.parametrize("few", [10, 30, 60])
def test_a_few_skewed_answers_against_many_do_not_cry_wolf(few: int, share: tuple[float, float, float]) -> None:
    """At .05, and at the .0025 that one of twenty compared groups has to reach."""
    rng = np.random.default_rng(5)
    many = of(*(round(3_000 * part) for part in share))
    drawn = [difference(Pair(many, of(*map(int, three)))).p_value or 1 for three in rng.multinomial(few, share, 8_000)]
    assert sum(p < 0.05 for p in drawn) / len(drawn) <= 0.055
    assert sum(p < 0.0025 for p in drawn) / len(drawn) <= 0.004


THREE = st.tuples(*[st.integers(0, 300)] * 3).filter(lambda three: sum(three) >= 10)


@given(st.lists(st.tuples(THREE, THREE), min_size=1, max_size=12))
def test_an_interval_holds_zero_just_where_the_verdict_is_no_clear_change(pairs: list[tuple[Three, Three]]) -> None:
    for d in compare([Pair(of(*before), of(*after)) for before, after in pairs]):
        assert (known(d.low) <= 0 <= known(d.high)) == (d.verdict == "no clear change") or d.change == 0


@given(st.lists(st.floats(0, 1), max_size=30))
def test_q_values_are_never_below_their_p_values_and_keep_their_order(p: list[float]) -> None:
    q = [known(value) for value in benjamini_hochberg(p)]
    assert all(one <= other <= 1 for one, other in zip(p, q, strict=True))
    assert [value for _, value in sorted(zip(p, q, strict=True))] == sorted(q)


@given(ELEVEN, ELEVEN)
def test_the_interval_holds_the_change_and_agrees_with_the_verdict(a: list[int], b: list[int]) -> None:
    (found,) = compare([Pair(estimate(a), estimate(b))])
    if found.p_value is not None:
        assert -200 <= known(found.low) <= known(found.change) <= known(found.high) <= 200
        if found.verdict in ("up", "down"):
            assert not known(found.low) < 0 < known(found.high)
