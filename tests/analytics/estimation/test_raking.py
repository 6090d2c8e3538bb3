"""Raking: margins that are met, weights that are cut, and groups that nobody answered for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation.raking import Group, Margin, rake


def test_one_dimension_is_post_stratification() -> None:
    found = rake({("north",): 40, ("south",): 40}, [{"north": 100, "south": 300}])
    assert found.weights == pytest.approx({("north",): 0.5, ("south",): 1.5})
    assert (found.trimmed, found.silent) == (0, [])


def test_two_dimensions_meet_both_margins() -> None:
    answered: dict[Group, int] = {("n", "a"): 10, ("n", "b"): 30, ("s", "a"): 40, ("s", "b"): 20}
    margins: list[Margin] = [{"n": 200, "s": 200}, {"a": 300, "b": 100}]
    weights = rake(answered, margins).weights
    for i, margin in enumerate(margins):
        for value, invited in margin.items():
            added = sum(weights[g] * n for g, n in answered.items() if g[i] == value)
            assert added / 100 == pytest.approx(invited / 400, abs=1e-6)


def test_a_lonely_answer_does_not_speak_for_hundreds() -> None:
    found = rake({("north",): 99, ("south",): 1}, [{"north": 500, "south": 500}])
    assert found.weights == pytest.approx({("north",): 95 / 99, ("south",): 5})
    assert found.trimmed == 1


def test_who_nobody_answered_for_is_named_and_left_to_the_others() -> None:
    found = rake({("north",): 10, ("south",): 10}, [{"north": 100, "south": 100, "west": 50, None: 5}])
    assert found.silent == [(0, "west"), (0, None)]
    assert found.weights == pytest.approx({("north",): 1, ("south",): 1})


def test_answers_of_a_value_that_nobody_was_invited_for_keep_their_share() -> None:
    found = rake({("north",): 10, ("south",): 20, ("new",): 10}, [{"north": 100, "south": 100}])
    assert found.weights == pytest.approx({("north",): 1.5, ("south",): 0.75, ("new",): 1})


def test_nothing_answered_and_nothing_to_weight_by() -> None:
    assert rake({}, [{"north": 10}]).weights == {}
    assert rake({(): 7}, []).weights == {(): 1}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.integers(1, 500), min_size=1, max_size=9
    ),
    st.lists(st.integers(0, 5000), min_size=6, max_size=6),
)
def test_weights_are_positive_at_most_five_and_one_on_average(answered: dict[Group, int], invited: list[int]) -> None:
    found = rake(answered, [dict(zip("abc", invited[:3], strict=True)), dict(zip("xyz", invited[3:], strict=True))])
    assert all(0 < w <= 5 + 1e-6 for w in found.weights.values())
    total = sum(answered.values())
    assert sum(found.weights[g] * n for g, n in answered.items()) == pytest.approx(total)
