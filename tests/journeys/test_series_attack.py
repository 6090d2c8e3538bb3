"""Whoever takes the database after a dozen anonymous waves is certain of nobody's score; with the secret they are."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import pytest

from app.storage.database import Database
from tests.journeys.series import Habit, Played, play, stolen
from tests.journeys.solving import GROUPS, SCORES, Attack, Bins

SERIES = int(os.environ.get("ATTACK_SERIES", "0"))  # how many of each kind `make attack` plays; else a handful
STAFF, WAVES, TEAMS = 60, 12, 3
SECONDS = 20 if SERIES else 60
EVERYBODY, HALVES = Habit(), Habit(asked=0.5)
FORMS = {"scores": SCORES, "groups": GROUPS}
EVERY_WAY = list(product(FORMS, (False, True)))


@dataclass(frozen=True)
class Kind:
    """Whom the waves ask, in how many teams they are, how many waves there are, and the seed."""

    habit: Habit
    teams: int
    waves: int = WAVES
    seed: int = 0

    def __str__(self) -> str:
        """As it is printed."""
        redrawing = f", {self.habit.redrawing:.0%} redraw" if self.habit.redrawing else ""
        return f"{self.waves} waves, {self.teams} x {STAFF // self.teams}, {self.habit.asked:.0%} asked{redrawing}"


@dataclass(frozen=True)
class Shares:
    """Of the staff: those a solver is certain of, rightly; those it is, wrongly; those it had no time for."""

    right: float
    wrong: float
    undecided: float

    def __str__(self) -> str:
        """As it is printed."""
        return f"{self.right:4.0%} certain (wrongly {self.wrong:.0%}, undecided {self.undecided:.0%})"


def kinds(habits: list[Habit], teams: list[int], waves: list[int]) -> list[Kind]:
    """All of these with each seed, where `make attack` asks for them."""
    chosen = product(habits, teams, waves, range(SERIES))
    return [Kind(habit, number, rounds, seed) for habit, number, rounds, seed in chosen]


def attacked(database: Database, played: Played, bins: Bins, *, secret: bool, firm: bool = True) -> Shares:
    """What an attacker makes of the database; `secret` gives them who answered which wave."""
    cells = [cell.kept(bins) for cell in stolen(database, played.organisation_id, secret=secret)]
    solved = Attack(cells, SECONDS, firm=firm).certain()
    right = sum(bins[played.scores[str(person)]] == answer for person, answer in solved.certain.items())
    staff = len(played.scores)
    return Shares(right / staff, (len(solved.certain) - right) / staff, len(solved.undecided) / staff)


def shares(
    database: Database, kind: Kind, ways: Sequence[tuple[str, bool]] = EVERY_WAY
) -> dict[tuple[str, bool], Shares]:
    """One series, attacked where scores or groups are kept, without or with the secret; printed."""
    played = play(database, STAFF, kind.teams, kind.waves, habit=kind.habit, seed=kind.seed)
    known = {}
    for form, secret in EVERY_WAY if SERIES else ways:
        firm = not kind.habit.redrawing
        known[form, secret] = attacked(database, played, FORMS[form], secret=secret, firm=firm)
        with_ = "with" if secret else "without"
        print(f"{kind}, {played.released} released, {form} kept, {with_} the secret: {known[form, secret]}")
    return known


@pytest.mark.parametrize("kind", [Kind(EVERYBODY, TEAMS), *kinds([EVERYBODY], [1, TEAMS], [6, WAVES])], ids=str)
def test_without_the_secret_nobody_is_certain_and_with_it_many_are(database: Database, kind: Kind) -> None:
    """The attacker is able: did the database tell who answered, which the secret does, the first would fail."""
    known = shares(database, kind)
    assert all(known[form, False].right + known[form, False].undecided < 0.01 for form in FORMS)
    if kind.teams == TEAMS and kind.waves == WAVES:
        assert known["scores", True].right > 0.25
        assert known["scores", True].wrong == 0


@pytest.mark.parametrize("kind", [Kind(HALVES, 1), *kinds([HALVES], [1], [6, WAVES])], ids=str)
def test_nobody_is_certain_where_halves_are_asked_and_all_are_counted_together(database: Database, kind: Kind) -> None:
    known = shares(database, kind, [("scores", False)])["scores", False]
    assert known.right + known.undecided < 0.01


@pytest.mark.parametrize("kind", [Kind(HALVES, TEAMS, 6), *kinds([HALVES], [TEAMS], [WAVES])], ids=str)
def test_halves_of_small_teams_are_not_safe_even_without_the_secret(database: Database, kind: Kind) -> None:
    """As docs/anonymity.md says: who was asked differs for each of them, and few of those asked were silent."""
    known = shares(database, kind, [("scores", False)])["scores", False]
    assert known.right + known.undecided > 0


CHANGING = [Habit(redrawing=0.1), Habit(asked=0.5, redrawing=0.1)]


@pytest.mark.parametrize("kind", kinds(CHANGING, [1, TEAMS], [6, WAVES]) or [Kind(CHANGING[0], 1, 6)], ids=str)
def test_where_people_change_their_minds_nobody_is_certain_without_the_secret(database: Database, kind: Kind) -> None:
    known = shares(database, kind)
    if kind.habit.asked == 1:
        assert all(known[form, False].right + known[form, False].undecided < 0.01 for form in FORMS)
