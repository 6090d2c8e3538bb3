"""What protection costs an organisation, in simulations: whose own team is reported, and which waves are not at all.

Nothing here is a bound; docs/decisions/0010-waves-compared.md quotes the tables.
"""

import random
from collections import Counter
from uuid import UUID

import numpy as np

from benchmarks import series
from surveys.anonymity.differencing import Comparison, part
from surveys.anonymity.merging import ROOT, Merging, Place, Size, Tree

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
        for person in [p for p in staff if chance.random() < TURNOVER]:
            staff[UUID(int=chance.getrandbits(128))] = staff.pop(person)
        answered = {p: Place(t) for p, t in staff.items() if chance.random() < rate}
        merging = Merging(tree, _sizes(staff, answered), FLOOR)
        merging.merge_small()
        if compared:
            part(merging, [Comparison(answered, before, FLOOR) for before in earlier])
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


ROUNDS, RERUNS = 8, 200


def withheld(staff: int, rate: float, again: float, chance: random.Random, *, asked: float = 1) -> float:
    """The share of waves after the first of which not even the total is released, 0 to 1, with TURNOVER between them.

    Each of the `staff` does as in the wave before with probability `again`, and else answers with probability `rate`;
    each is `asked` with that probability, anew in each wave.
    """
    count = 0
    for _ in range(RERUNS):
        answers = {n: chance.random() < rate for n in range(staff)}
        earlier: list[dict[int, int]] = []
        for _ in range(ROUNDS):
            answered = {n: ROOT for n, answers_now in answers.items() if answers_now and chance.random() < asked}
            merging = Merging(Tree({}, ()), {ROOT: Size(staff, len(answered))}, FLOOR)
            if len(answered) >= FLOOR and part(merging, [Comparison(answered, before, FLOOR) for before in earlier]):
                earlier.append(dict.fromkeys(answered, 0))
            else:
                count += 1
            gone = {n for n in answers if chance.random() < TURNOVER}
            answers = {n: answers_now for n, answers_now in answers.items() if n not in gone}
            answers = {n: now if chance.random() < again else chance.random() < rate for n, now in answers.items()}
            first = max(answers, default=0) + 1
            answers |= {first + n: chance.random() < rate for n in range(len(gone))}
    return count / (ROUNDS - 1) / RERUNS


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
    """Print the tables; that of series is in docs/anonymity.md."""
    series.main()
    print("\nwaves compared in pairs alone:")
    print(f"{STAFF} people, departments of {PER_DEPARTMENT} teams, {TURNOVER:.0%} new between waves, k = {FLOOR}")
    print("team  answering  own team reported in wave 1, 2, 3, 4 (percent)")
    for team in (8, 12, 16, 24, 40):
        for rate in (0.6, 0.75, 0.9):
            chance = random.Random(1)
            runs = [simulate(team, rate, chance) for _ in range(RUNS)]
            means = [100 * sum(run[n] for run in runs) / RUNS for n in range(WAVES)]
            print(f"{team:4}  {rate:8.0%}   " + "  ".join(f"{mean:5.0f}" for mean in means))
    print("waves 2 to 8 of which nothing is released (percent), by how many do as in the wave before")
    print("staff  answering   half  four fifths  four fifths, a random half asked")
    for staff in (15, 25, 40, 60, 100, 150):
        for rate in (0.6, 0.75, 0.9):
            chance = random.Random(1)
            ways = ((0.5, 1), (0.8, 1), (0.8, 0.5))
            shares = [100 * withheld(staff, rate, again, chance, asked=asked) for again, asked in ways]
            print(f"{staff:5}  {rate:8.0%}  {shares[0]:5.0f}  {shares[1]:11.0f}  {shares[2]:11.0f}")
    print(f"one newcomer guessed from two totals (percent; {max(BASE):.0%} without them)")
    print("others  half keep their category  seven of ten  nine of ten")
    for others in (5, 10, 20, 40, 100):
        generator = np.random.default_rng(1)
        print(f"{others:6}  " + "  ".join(f"{100 * guessed(others, same, generator):8.0f}" for same in (0.5, 0.7, 0.9)))


if __name__ == "__main__":
    main()
