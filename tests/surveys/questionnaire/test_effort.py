"""How long a survey takes is said in whole minutes, from the kinds of its questions."""

import pytest

from surveys.questionnaire import effort


@pytest.mark.parametrize(
    ("kinds", "minutes"),
    [
        (["score"], 0),
        (["score", "text"], 0),  # 25 seconds
        (["score", "text", "text", "scale", "choice"], 0),  # 55
        (["score", "text", "text", "scale", "choice", "choices"], 1),  # 60
        (["score"] + ["scale"] * 11 + ["text"] * 3, 2),  # 120
    ],
)
def test_a_closed_question_takes_five_seconds_and_an_open_one_twenty(kinds: list[str], minutes: int) -> None:
    assert effort.minutes(kinds) == minutes
