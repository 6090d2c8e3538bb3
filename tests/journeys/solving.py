"""An integer solver that has a database: whose answer is the same in every solution of the counts of many waves."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array, lil_array

Person = Hashable
Bins = Sequence[int]
SCORES: Bins = range(11)
GROUPS: Bins = (0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2)  # detractors, passives, promoters
INFEASIBLE = 2


@dataclass(frozen=True)
class Counted:
    """What is kept of a cell: who was asked, how many gave each answer, and who answered, where that is known."""

    asked: Collection[Person]
    counts: Sequence[int]
    answered: Collection[Person] | None = None

    def kept(self, bins: Bins) -> "Counted":
        """The same where answers of one bin are counted together: `bins` gives for each kind of answer its own."""
        counts = [0] * (max(bins) + 1)
        for answer, bin_ in enumerate(bins):
            counts[bin_] += self.counts[answer]
        return Counted(self.asked, counts, self.answered)


@dataclass(frozen=True)
class Solved:
    """Who gave the same answer in every solution, and which; who may have, where the time was too short."""

    certain: Mapping[Person, int]
    undecided: Collection[Person]
    departing: int = 0


class Attack:
    """Everybody gives one answer in all waves; of each cell so many gave each.

    Where it is known who answered, these gave the counted answers. Else so many of those asked did, or more: any of
    them may have been silent. Where people changed their minds no such answers are to be had, and those are taken that
    depart from the counts as little as may be.
    """

    def __init__(self, cells: Sequence[Counted], seconds: float, *, firm: bool = True) -> None:
        self._people = sorted({person for cell in cells for person in cell.asked}, key=str)
        self._bins = len(cells[0].counts)
        self._seconds, self._firm = seconds, firm
        number = {person: n for n, person in enumerate(self._people)}
        choices = len(self._people) * self._bins
        rows = len(cells) * self._bins
        self._width = choices + (0 if firm else 2 * rows)
        matrix, low, high = lil_array((len(self._people) + rows, self._width)), [], []
        for n in range(len(self._people)):
            matrix[[n], n * self._bins : (n + 1) * self._bins] = 1
        for row, (cell, bin_) in enumerate((cell, bin_) for cell in cells for bin_ in range(self._bins)):
            for person in cell.asked if cell.answered is None else cell.answered:
                matrix[len(self._people) + row, number[person] * self._bins + bin_] = 1
            if not firm:
                matrix[len(self._people) + row, choices + 2 * row] = 1
                matrix[len(self._people) + row, choices + 2 * row + 1] = -1
            low.append(cell.counts[bin_])
            high.append(len(cell.asked) if cell.answered is None else cell.counts[bin_])
        ones = [1] * len(self._people)
        self._counts = LinearConstraint(csr_array(matrix), ones + low, ones + high)
        self._departing = np.concatenate([np.zeros(choices), np.ones(self._width - choices)])

    def certain(self) -> Solved:
        """Solve until everybody gave two different answers, or no solution is left in which anybody else does."""
        limits = [self._counts]
        first = self._solution(self._departing, limits)
        if first.x is None:
            return Solved({}, self._people)
        departing = round(float(first.fun))
        if not self._firm:
            limits.append(LinearConstraint(self._departing[np.newaxis], 0, departing))
        answers, same, rest = self._answers(first), set(range(len(self._people))), first
        while same and rest.x is not None:
            staying = np.zeros(self._width)
            staying[[n * self._bins + answers[n] for n in same]] = 1
            somebody_else = LinearConstraint(staying[np.newaxis], 0, len(same) - 1)
            rest = self._solution(staying, [*limits, somebody_else], gap=0.5)
            if rest.x is not None:
                other = self._answers(rest)
                same = {n for n in same if other[n] == answers[n]}
        if same and rest.status != INFEASIBLE:
            return Solved({}, [self._people[n] for n in same], departing)
        return Solved({self._people[n]: int(answers[n]) for n in sorted(same)}, [], departing)

    def _solution(self, cost: np.ndarray, limits: list[LinearConstraint], gap: float = 0) -> OptimizeResult:
        upper = np.where(self._departing > 0, np.inf, 1.0)
        options = {"time_limit": self._seconds, "mip_rel_gap": gap}
        integers = np.where(self._departing > 0, 0, 1)
        return milp(cost, constraints=limits, integrality=integers, bounds=Bounds(0, upper), options=options)

    def _answers(self, solution: OptimizeResult) -> np.ndarray:
        choices = solution.x[: len(self._people) * self._bins]
        answers: np.ndarray = choices.reshape(-1, self._bins).argmax(axis=1)
        return answers
