"""What protection costs an organisation: how many people's own team is reported, wave after wave, in a simulation.

Nothing here is a bound; docs/decisions/0010-waves-compared.md quotes the table.
"""

import random
from collections import Counter
from uuid import UUID

import numpy as np

from surveys.comparing import part
from surveys.merging import Merging, Place, Size, Tree

FLOOR = 5
STAFF, PER_DEPARTMENT, WAVES, RUNS = 480, 5, 4, 5
TURNOVER = 0.03


def simulate(team: int, rate: float, chance: random.Random, *, compared: bool = True) -> list[float]:
    """Per wave: the share of those who answered whose own team stands alone in the release, 0 to 1."""
    teams = [f"t{n}" for n in range(STAFF // team)]
    parents: dict[str, str | None] = {f"d{n}": None for n in range(len(teams) // PER_DEPARTMENT + 1)}
    parents |= {t: f"d{n // PER_DEPARTMENT}" for n, t in enumerate(teams)}
    tree = Tree(parents, ())
    staff = {UUID(int=n): teams[n % len(teams)] for n in range(STAFF)}
    earlier: list[dict[UUID, UUID]] = []
    shares = []
    for _ in range(WAVES):
        for one in [p for p in staff if chance.random() < TURNOVER]:
            staff[UUID(int=chance.getrandbits(128))] = staff.pop(one)
        answered = {p: Place(t) for p, t in staff.items() if chance.random() < rate}
        merging = Merging(tree, _sizes(staff, answered), FLOOR)
        merging.merge_small()
        if compared:
            part(merging, [(answered, before, FLOOR) for before in earlier])
        group_of = {place: group for group, places in merging.groups.items() for place in places}
        ids = {group: UUID(int=n) for n, group in enumerate(merging.groups)}
        earlier.append({p: ids[group_of[place]] for p, place in answered.items()})
        alone = [p for p, place in answered.items() if merging.groups[group_of[place]] == {place}]
        shares.append(len(alone) / len(answered))
    return shares


def _sizes(staff: dict[UUID, str], answered: dict[UUID, Place]) -> dict[Place, Size]:
    teams = list(staff.values())
    there = list(answered.values())
    return {Place(t): Size(teams.count(t), there.count(Place(t))) for t in set(teams)}


BASE = (0.25, 0.45, 0.30)  # detractors, passives, promoters
DRAWS = 200_000


def guessed(others: int, same: float, chance: np.random.Generator) -> float:
    """How often the best guess at a newcomer's category is right, from two totals that differ by them alone, 0 to 1.

    Of the `others` each keeps their category with probability `same` and else draws anew; the guess is Bayes' own,
    with the likelihoods counted over DRAWS draws.
    """
    changed = chance.binomial(others, 1 - same, DRAWS)
    noise = chance.multinomial(changed, BASE) - chance.multinomial(changed, BASE)
    seen = Counter(map(tuple, noise[:, :2].tolist()))
    right: dict[tuple[int, int], float] = {}
    for category, (d, p) in zip(BASE, ((1, 0), (0, 1), (0, 0)), strict=True):
        for (a, b), count in seen.items():
            right[a + d, b + p] = max(right.get((a + d, b + p), 0.0), category * count / DRAWS)
    return sum(right.values())


def main() -> None:
    """Print the tables."""
    print(f"{STAFF} people, departments of {PER_DEPARTMENT} teams, {TURNOVER:.0%} new between waves, k = {FLOOR}")
    print("team  answering  own team reported in wave 1, 2, 3, 4 (percent)")
    for team in (8, 12, 16, 24, 40):
        for rate in (0.6, 0.75, 0.9):
            chance = random.Random(1)
            runs = [simulate(team, rate, chance) for _ in range(RUNS)]
            means = [100 * sum(run[n] for run in runs) / RUNS for n in range(WAVES)]
            print(f"{team:4}  {rate:8.0%}   " + "  ".join(f"{mean:5.0f}" for mean in means))
    print(f"one newcomer guessed from two totals (percent; {max(BASE):.0%} without them)")
    print("others  half keep their category  seven of ten  nine of ten")
    for others in (5, 10, 20, 40, 100):
        generator = np.random.default_rng(1)
        print(f"{others:6}  " + "  ".join(f"{100 * guessed(others, same, generator):8.0f}" for same in (0.5, 0.7, 0.9)))


if __name__ == "__main__":
    main()
