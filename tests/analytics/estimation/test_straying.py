"""How far months stray: against an integral computed in another way, and against months with a known straying."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, t

from analytics.estimation.straying import Sides, share_of_variance, straying
from benchmarks import draws


def test_the_limit_is_that_of_the_posterior() -> None:
    """Eight months of 200: scores 40 and 60. Together 1000/400/200, so V = .500466 and v = 25.0233 points squared.

    The restricted likelihood is that of the seven contrasts of the months, which are normal around 0 whatever the
    level is, so it is taken from their covariance here and not from weights.
    """
    months: list[Sides] = [(115, 50, 35)] * 4 + [(135, 50, 15)] * 4
    contrasts = np.linalg.qr(np.column_stack([np.ones(8), np.eye(8)[:, :7]]))[0][:, 1:].T
    seen = contrasts @ np.array([40] * 4 + [60] * 4)

    def density(points: float) -> float:
        likelihood = multivariate_normal(np.zeros(7), (25.0233 + points**2) * np.eye(7)).pdf(seen)
        return float(likelihood * t(3, scale=4 / 1.6377).pdf(points))

    whole, _ = quad(density, 0, 40)
    below, _ = quad(density, 0, straying(months).points)
    assert below / whole == pytest.approx(0.9, abs=0.002)
    assert not straying(months).assumed


def test_months_that_differ_no_more_than_chance_would_stray_little() -> None:
    assert straying([(1000, 600, 400)] * 12).points < 1


def test_without_months_what_is_usual_is_assumed() -> None:
    # A half-t with 3 degrees of freedom that lies below 4 in 80 % lies below 4 x 2.3534 / 1.6377 in 90 %.
    assert straying([]).points == pytest.approx(4 * 2.3534 / 1.6377, abs=0.02)
    few: list[Sides] = [(100, 60, 40)] * 5 + [(2, 1, 1)] * 9
    assert [straying(few).assumed, straying([*few, (100, 60, 40)]).assumed] == [True, False]


def test_a_few_answers_a_month_are_no_proof_of_straying() -> None:
    """Months of ten that lie 40 points apart, as chance has it, do not stray by 20 points."""
    assert straying([(7, 2, 1), (3, 4, 3)] * 4).points < 8


def test_the_limit_lies_above_the_true_straying_in_most_cases() -> None:
    rng = np.random.default_rng(2)
    above = [straying(_months(rng, 4.0)).points >= 4.0 for _ in range(400)]
    assert 0.45 <= np.mean(above) <= 0.85


def _months(rng: np.random.Generator, points: float) -> list[Sides]:
    drawn = [rng.multinomial(500, draws.moved(lower)) for lower in rng.normal(0, points, 12)]
    return [(int(three[0]), int(three[1]), int(three[2])) for three in drawn]


def test_the_variance_of_months_falls_with_their_number_where_they_are_of_one_size() -> None:
    assert share_of_variance([50, 50, 50, 50]) == pytest.approx(1 / 4)
    assert share_of_variance([90, 10]) == pytest.approx(0.82)
    assert share_of_variance([]) == 0


def test_what_lies_between_two_stretches_is_no_straying() -> None:
    low: list[Sides] = [(100, 60, 40)] * 8
    high: list[Sides] = [(160, 30, 10)] * 8
    assert straying(low, high).points < 3 < straying(low + high).points
