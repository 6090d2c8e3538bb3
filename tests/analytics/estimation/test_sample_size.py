"""Sample sizes against a published case and what the tests then find."""

import numpy as np
import pytest

from analytics.estimation import sample_size
from analytics.estimation.compare import Pair, difference
from analytics.estimation.estimate import estimate
from benchmarks import draws
from tests.known import known


def test_the_published_case_is_reproduced() -> None:
    """Five points at 95 % with a spread of .67: 1.96^2 x .67 / .05^2 - 3 = 1,027 (MeasuringU)."""
    assert sample_size.for_margin(5) == 1027


def test_so_many_answers_do_give_the_margin() -> None:
    n = sample_size.for_margin(8, spread=0.61)
    found = estimate(draws.eleven(np.array([round(0.5 * n), round(0.3 * n), n - round(0.5 * n) - round(0.3 * n)])))
    assert (known(found.high) - known(found.low)) / 2 == pytest.approx(8, abs=0.1)


@pytest.mark.parametrize("baseline", [None, 2_000])
def test_so_many_answers_do_find_the_change(baseline: int | None) -> None:
    """V of 50/30/20 is .61 and of 45/30/25 .66. 4,000 runs have a standard error of .6 %."""
    n = sample_size.for_change(10, spread=0.635, baseline=baseline)
    assert n is not None
    rng = np.random.default_rng(11)
    before = draws.estimates(rng, baseline or n, draws.USUAL, 4_000)
    after = draws.estimates(rng, n, draws.moved(10), 4_000)
    found = sum(known(difference(Pair(a, b)).p_value) < 0.05 for a, b in zip(before, after, strict=True)) / 4_000
    assert found == pytest.approx(0.8, abs=0.025)


def test_a_small_baseline_cannot_show_a_small_change() -> None:
    assert sample_size.for_change(10, baseline=500) is None
