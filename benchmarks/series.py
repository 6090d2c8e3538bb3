"""What a series of anonymous waves comes to: how many are released, in cells of how many, and of whom one is certain.

Played with the pieces of closing, without a database, and attacked with an integer solver for whom nobody ever changes
their mind. Nothing here is a bound; docs/anonymity.md quotes the table.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from surveys.anonymity.differencing import Comparison, part
from surveys.anonymity.merging import Merging, Place, Size, Tree
from surveys.anonymity.series import Series
from tests.journeys.series import OFTEN
from tests.journeys.solving import GROUPS, SCORES, Attack, Bins, Counted

FLOOR, WAVES, TEAM = 5, 12, 20
ANSWERING, TURNOVER = 0.75, 0.03
SEEDS, SECONDS = 3, 5


@dataclass(frozen=True)
class Habit:
    """How many do as in the wave before instead of anew, and the share who are asked, anew in each wave."""

    name: str
    again: float = 0
    asked: float = 1


HABITS = (Habit("anew each time"), Habit("four fifths as before", again=0.8), Habit("random half asked", asked=0.5))


class Organisation:
    """An organisation in teams of twenty, three in a hundred of whom are new in each wave."""

    def __init__(self, staff: int, habit: Habit, seed: int) -> None:
        self._chance, self._habit = random.Random(seed), habit
        self._teams = [f"t{n}" for n in range(max(1, staff // TEAM))]
        self._staff = {n: self._teams[n % len(self._teams)] for n in range(staff)}
        self._does = {n: self._chance.random() < ANSWERING for n in self._staff}
        self.scores = {n: self._score() for n in self._staff}
        self._before: list[dict[int, str]] = []
        self.cells: list[Counted] = []

    def hold_wave(self) -> bool:
        """Ask, answer and close; whether anything is released."""
        asked = {n: team for n, team in self._staff.items() if self._chance.random() < self._habit.asked}
        answered = {n: Place(team) for n, team in asked.items() if self._does[n]}
        groups = self._groups(asked, answered)
        if groups is not None:
            self._before.append({n: str(groups[place]) for n, place in answered.items()})
            self._count(asked, answered, groups)
        self._pass_time()
        return groups is not None

    def _groups(self, asked: Mapping[int, str], answered: Mapping[int, Place]) -> dict[Place, Place] | None:
        invited, there = Counter(asked.values()), Counter(place.unit for place in answered.values())
        sizes = {Place(team): Size(number, there[team]) for team, number in invited.items()}
        merging = Merging(Tree(dict.fromkeys(self._teams), ()), sizes, FLOOR)
        merging.merge_small()
        pairs = [Comparison(answered, before, FLOOR) for before in self._before]
        series = Series(answered, [(FLOOR, before) for before in self._before], FLOOR)
        if len(answered) < FLOOR or not part(merging, [*pairs, series]):
            return None
        return {place: group for group, places in merging.groups.items() for place in places}

    def _count(self, asked: Mapping[int, str], answered: Mapping[int, Place], groups: Mapping[Place, Place]) -> None:
        people: dict[Place, list[int]] = defaultdict(list)
        for n, team in asked.items():
            people[groups[Place(team)]].append(n)
        for members in people.values():
            there = [n for n in members if n in answered]
            counts = Counter(self.scores[n] for n in there)
            self.cells.append(Counted(members, [counts[score] for score in SCORES], there))

    def _pass_time(self) -> None:
        for n in [n for n in self._staff if self._chance.random() < TURNOVER]:
            fresh = len(self.scores)
            self._staff[fresh], self.scores[fresh] = self._staff.pop(n), self._score()
            self._does[fresh] = self._chance.random() < ANSWERING
        for n in self._staff:
            if self._chance.random() >= self._habit.again:
                self._does[n] = self._chance.random() < ANSWERING

    def _score(self) -> int:
        return self._chance.choices(SCORES, OFTEN)[0]


def certain(cells: Sequence[Counted], bins: Bins, *, secret: bool) -> tuple[int, int]:
    """How many people a solver is certain of, and how many it had no time for."""
    if not cells:
        return 0, 0
    read = [Counted(cell.asked, cell.counts, cell.answered if secret else None).kept(bins) for cell in cells]
    solved = Attack(read, SECONDS).certain()
    return len(solved.certain), len(solved.undecided)


def main() -> None:
    """Print the table."""
    print(f"{WAVES} waves, {ANSWERING:.0%} answering, {TURNOVER:.0%} new between waves, teams of {TEAM}, k = {FLOOR}")
    print("certain after them, of all who were ever asked (percent; + not decided in time)")
    print("staff  habit                   released  cells of  scores: without secret / with  groups: without / with")
    for staff in (25, 40, 60, 100, 200):
        for habit in HABITS:
            played = [Organisation(staff, habit, seed) for seed in range(SEEDS)]
            released = sum(each.hold_wave() for each in played for _ in range(WAVES)) / SEEDS
            sizes = [len(cell.answered or ()) for each in played for cell in each.cells]
            people = sum(len(each.scores) for each in played)
            shares = []
            for bins in (SCORES, GROUPS):
                for secret in (False, True):
                    known = [certain(each.cells, bins, secret=secret) for each in played]
                    sure, open_ = (100 * sum(column) / people for column in zip(*known, strict=True))
                    shares.append(f"{sure:.0f}" + (f" + {open_:.0f}" if open_ >= 0.5 else ""))
            reported = f"{min(sizes)}-{median(sizes):.0f}-{max(sizes)}" if sizes else "-"
            print(
                f"{staff:5}  {habit.name:22}  {released:8.1f}  {reported:8}  {shares[0]:>10} / {shares[1]:<15}  "
                f"{shares[2]:>8} / {shares[3]}",
                flush=True,
            )


if __name__ == "__main__":
    main()
