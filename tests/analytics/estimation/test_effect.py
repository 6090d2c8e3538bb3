"""The effect of an initiative: hand calculations, what it refuses, and how often it is a false alarm."""

from math import sqrt

import pytest

from analytics.estimation.effect import Period, Three, effect
from benchmarks.effect_coverage import Setting, share_called


def weeks(before: list[Three], after: list[Three], comparison: Three | None = None) -> list[Period]:
    return [Period(i, c, comparison) for i, c in enumerate([*before, *after], -len(before))]


def test_without_a_comparison_it_is_the_difference_of_all_answers() -> None:
    found = effect(weeks([(5, 3, 2)] * 6, [(14, 4, 2)] * 6))
    assert found is not None
    # 30/18/12 against 84/24/12; every week alike, so phi is 1, and t of 10 degrees of freedom is 2.2281.
    before = ((30.75 + 12.75) / 63 - (18 / 63) ** 2) / 60
    after = ((84.75 + 12.75) / 123 - (72 / 123) ** 2) / 120
    assert found.effect == pytest.approx(60 - 30)
    assert found.phi == 1
    assert found.high - found.effect == pytest.approx(2.2281 * 100 * sqrt(before + after), rel=1e-4)
    assert (found.verdict, found.n, found.periods_before, found.periods_after) == ("up", 180, 6, 6)


def test_weeks_that_stray_widen_the_interval() -> None:
    quiet = effect(weeks([(50, 30, 20)] * 6, [(60, 30, 10)] * 6))
    stormy = effect(weeks([(70, 30, 0), (30, 30, 40)] * 3, [(80, 20, 0), (40, 40, 20)] * 3))
    assert quiet is not None
    assert stormy is not None
    assert (quiet.effect, stormy.effect) == pytest.approx((20, 20))
    assert stormy.phi > 10
    assert (quiet.verdict, stormy.verdict) == ("up", "no clear change")


def test_what_moved_everywhere_is_not_the_effect() -> None:
    periods = [Period(i, (50, 30, 20), (40, 40, 20)) for i in range(-8, 0)]
    periods += [Period(i, (70, 20, 10), (60, 30, 10)) for i in range(8)]
    found = effect(periods)
    assert found is not None
    assert found.effect == pytest.approx((60 - 30) - (50 - 20))
    assert (found.verdict, found.n, found.n_comparison) == ("no clear change", 1600, 1600)


def test_below_five_usable_periods_a_side_there_is_none() -> None:
    assert effect(weeks([(5, 3, 2)] * 4, [(5, 3, 2)] * 9)) is None
    assert effect(weeks([(5, 3, 2)] * 4 + [(0, 0, 0)], [(5, 3, 2)] * 9)) is None
    assert effect(weeks([(5, 3, 2)] * 9, [(5, 3, 2)] * 9, (0, 0, 0))) is None


def test_weeks_that_resemble_each_other_and_a_drift_before_the_start_are_told() -> None:
    waves = [(50 + 2 * n, 30, 20 - 2 * n) for n in (-8, -6, -3, 0, 3, 6, 8, 6, 3, 0, -3, -6)]
    found = effect(weeks(waves, waves))
    assert found is not None
    assert found.autocorrelated
    assert found.autocorrelation > 0.5
    rising = effect(weeks([(30 + 3 * n, 40, 30 - 3 * n) for n in range(10)], [(60, 40, 0)] * 6))
    assert rising is not None
    assert rising.drift < 0.001
    level = effect(weeks([(50, 30, 20)] * 10, [(60, 40, 0)] * 6))
    assert level is not None
    assert level.drift > 0.9


def test_unanimous_weeks_are_no_certainty() -> None:
    found = effect(weeks([(3, 0, 0)] * 5, [(3, 0, 0)] * 5))
    assert found is not None
    assert found.effect == 0
    assert found.low < -5 < 5 < found.high


def test_a_quiet_initiative_is_rarely_called_a_success() -> None:
    setting = Setting(13, 60, compared=True)
    assert share_called(setting, 0, runs=400) < 0.06
    assert share_called(Setting(13, 60, compared=False), 0, runs=400) < 0.06
    assert share_called(Setting(13, 60, compared=False), 15, runs=200) > 0.85
