"""`soundings sample-size` prints a number that a script can read."""

import pytest
from typer.testing import CliRunner

from app.cli import app
from surveys.facts import Malformed


def last_word(*given: str) -> str:
    found = CliRunner().invoke(app, ["sample-size", *given], catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout.split()[-1]


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        (("--margin", "5"), "1027"),
        (("--margin", "5", "--spread", "1"), "1534"),  # 1.96^2 / .05^2 - 3
        (("--margin", "10", "--confidence", "0.8"), "108"),  # 1.2816^2 x .67 / .1^2 - 3
        (("--change", "10"), "1049"),  # 2 x .67 x (1.96 + .8416)^2 / .1^2 - 3
        (("--change", "10", "--baseline", "2000"), "711"),
    ],
)
def test_the_last_word_is_the_number_of_answers(given: tuple[str, ...], answers: str) -> None:
    assert last_word(*given) == answers


def test_invitations_follow_from_the_response_rate() -> None:
    found = CliRunner().invoke(app, ["sample-size", "--margin", "5", "--response-rate", "25"])
    assert found.stdout.splitlines()[0].endswith(": 4108")


@pytest.mark.parametrize("given", [(), ("--margin", "5", "--change", "10"), ("--change", "10", "--baseline", "500")])
def test_what_cannot_be_answered_is_refused(given: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        last_word(*given)
