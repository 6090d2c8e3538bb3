"""A question is read in the right language, worded for the score, with names and nothing else filled in."""

import pytest

from surveys.questionnaire.wordings import side, word

TEXTS = {
    "en": {"text": "Why {touchpoint}?", "promoter": "What is best?", "detractor": "What is worst?"},
    "de-AT": {"text": "Warum?"},
}


def text(*locales: str, score: int | None = None, touchpoint: str | None = "Phone") -> str:
    return word(TEXTS, locales, organisation="Fjord", touchpoint=touchpoint, score=score).text


def test_the_score_chooses_the_wording_and_the_plain_one_stands_in() -> None:
    assert text("en", score=9) == "What is best?"
    assert text("en", score=6) == "What is worst?"
    assert text("en", score=7) == "Why Phone?"
    assert [side(n) for n in range(11)] == ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2


@pytest.mark.parametrize(
    ("wanted", "told"), [(["de"], "Warum?"), (["de_CH"], "Warum?"), (["fi", "de"], "Warum?"), (["fi"], "Why Phone?")]
)
def test_the_nearest_language_is_told_and_english_before_none(wanted: list[str], told: str) -> None:
    assert text(*wanted) == told


def test_names_are_filled_in_once_and_brackets_go_with_an_absent_one() -> None:
    texts = {"en": {"text": "Your call ({touchpoint}), {organisation} {score} {0}?"}}
    told = word(texts, [], organisation="{touchpoint}", touchpoint=None)
    assert told.text == "Your call, {touchpoint} {score} {0}?"
    assert word(texts, [], organisation="F", touchpoint="Phone").text == "Your call (Phone), F {score} {0}?"
