"""What a cell of a score column may say."""

import pytest

from surveys.answering.imports.scores import is_blank, score


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("10", 10), ("9.0", 9), ("9,00", 9), ("07", 7), ("Not at all likely - 0", 0),
        ("10 - Sehr wahrscheinlich", 10), ("11", None), ("-1", None), ("7.5", None), ("nine", None), ("1e1", None),
        ("٩", None), ("9 10", None), ("+9", None), ("Q1 - 9", None), ("likely - 11", None), ("100", None),
    ],
)  # fmt: skip
def test_only_whole_numbers_from_0_to_10_are_scores(text: str, value: int | None) -> None:
    assert score(text) == value


def test_blanks_are_words_for_nothing_and_the_codes_that_were_given() -> None:
    assert all(is_blank(text) for text in ("", "NA", "n/a", "#N/A", "NULL"))
    assert not any(is_blank(text) for text in ("0", "11", "none given"))
    assert all(is_blank(text, {"11", "x"}) for text in ("11", "11.0", "x"))
