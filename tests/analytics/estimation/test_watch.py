"""The watch against its formula worked by hand, and against many looks at nothing."""

from math import exp, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from analytics.estimation.compare import Pair, compare
from analytics.estimation.estimate import Estimate, estimate
from analytics.estimation.watch import always, watch
from tests.analytics.histograms import counts
from tests.known import known


def of(*three: int) -> Estimate:
    return estimate(counts(*three))


def test_the_p_value_is_the_reciprocal_of_the_mixed_likelihood_ratio() -> None:
    """200/120/80 then 400/300/300, in points: together 600/420/380, D = -20.

    V = 600.75/1403 + 380.75/1403 - (220/1403)^2 = .674984, v = 6749.84 (1/400 + 1/1000) = 23.6244;
    L = sqrt(23.6244/123.6244) exp(400 x 100 / (2 x 23.6244 x 123.6244)).
    """
    before, after = of(200, 120, 80), of(400, 300, 300)
    v = 23.6244
    likelihood_ratio = sqrt(v / (v + 100)) * exp(400 * 100 / (2 * v * (v + 100)))
    assert always(before, after) == pytest.approx(1 / likelihood_ratio, rel=1e-4)
    mixed, _ = quad(lambda change: norm.pdf(change, 0, 10) * norm.pdf(-20, change, sqrt(v)), -100, 100)
    assert likelihood_ratio == pytest.approx(mixed / norm.pdf(-20, 0, sqrt(v)), rel=1e-6)


def test_looking_often_takes_more_than_looking_once() -> None:
    (found,) = watch(compare([Pair(of(50, 30, 20), of(35, 30, 35))]))
    assert known(found.p_value) < 0.05 < known(found.p_value_always)
    assert found.verdict == "no clear change"
    assert known(found.low_always) < known(found.low) < known(found.high) < 0 < known(found.high_always)


def test_interval_and_verdict_agree() -> None:
    for three in ((330, 330, 340), (350, 330, 320), (300, 330, 370), (280, 330, 390), (360, 330, 310)):
        (found,) = watch(compare([Pair(of(400, 330, 270), of(*three))]))
        assert (found.verdict == "down") == (known(found.high_always) < 0)


def test_too_few_answers_on_a_side_give_no_verdict() -> None:
    (found,) = watch(compare([Pair(of(50, 30, 20), of(0, 0, 4))]))
    assert (found.p_value_always, found.low_always, found.verdict) == (None, None, "too few")


def test_one_clear_change_among_many_quiet_groups_needs_more_proof() -> None:
    quiet, changed = Pair(of(50, 30, 20), of(50, 30, 20)), Pair(of(400, 330, 270), of(320, 330, 350))
    alone, *_ = watch(compare([changed]))
    among, *_ = watch(compare([changed, *[quiet] * 999]))
    assert (alone.verdict, among.verdict) == ("down", "no clear change")
    assert among.q_value_always == pytest.approx(min(1, 1000 * known(alone.p_value_always)))


def test_a_year_of_daily_looks_at_nothing_seldom_finds_something() -> None:
    """200 years of 365 looks: the fixed test cries in about a third of them, the watch in at most 5 %."""
    rng = np.random.default_rng(7)
    cried = np.zeros(2)
    for before in rng.multinomial(300, (0.5, 0.3, 0.2), 200):
        days = np.cumsum(rng.multinomial(3, (0.5, 0.3, 0.2), 365), axis=0)[4::5]
        looks = [Pair(of(*map(int, before)), of(*map(int, after))) for after in days]
        found = watch(compare(looks))
        cried += [any(known(d.p_value_always) < 0.05 for d in found), any(known(d.p_value) < 0.05 for d in found)]
    watched, fixed = cried / 200
    assert watched <= 0.05
    assert fixed > 0.15
