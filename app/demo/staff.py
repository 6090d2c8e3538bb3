"""The staff of the demo: people, units, scores and words, all made up and the same at every start."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from string import ascii_uppercase
from typing import Any

FILE = Path(__file__).parent / "staff.toml"
# How likely each score is within its category.
SCORES = {"promoters": (10, 9), "passives": (8, 8, 7), "detractors": (6, 6, 5, 5, 4, 3, 2, 0)}
COMMENT_PERCENT = 18


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff; `example.org` addresses reach nobody (RFC 2606)."""

    ref: str
    name: str
    locale: str
    unit: str

    def contact(self) -> dict[str, Any]:
        """What is imported of them."""
        own = {"ref": self.ref, "name": self.name, "locale": self.locale, "unit": self.unit}
        return own | {"email": f"{self.ref}@example.org", "audience": "staff"}


@dataclass(frozen=True, slots=True)
class Said:
    """What one person answers in a wave."""

    ref: str
    score: int
    comment: str | None


def units() -> list[Mapping[str, Any]]:
    """Key, name and perhaps the parent of each unit, a parent before what is below it."""
    listed: list[Mapping[str, Any]] = _made_up()["units"]
    return listed


def people() -> list[Person]:
    """Everybody, unit by unit."""
    names = [(name, locale) for locale, listed in _made_up()["names"].items() for name in listed]
    # 7 has no divisor in common with the 20 names, so each unit speaks every language.
    named = ((*names[7 * n % len(names)], letter) for letter, n in product(ascii_uppercase, range(len(names))))
    places = [unit["key"] for unit in units() for _ in range(unit.get("people", 0))]
    return [
        Person(f"staff-{n:03}", f"{name} {letter}. Demo", locale, place)
        for n, (place, (name, locale, letter)) in enumerate(zip(places, named, strict=False), 1)
    ]


def answers() -> dict[str, list[Said]]:
    """What is answered in each wave, in the order of people; nobody writes the same words as another."""
    words = {(kind, locale): iter(said) for kind, by in _made_up()["comments"].items() for locale, said in by.items()}
    chance = Random("the staff of the demo")  # noqa: S311 - the same at every start
    return {wave: list(_answers(wave, share, chance, words)) for wave, share in _made_up()["waves"].items()}


def _answers(wave: str, percent: int, chance: Random, words: Mapping[tuple[str, str], Iterator[str]]) -> Iterator[Said]:
    leanings = {unit["key"]: unit[wave] for unit in units() if "people" in unit}
    for person in people():
        if 100 * chance.random() >= percent:
            continue
        promoters, detractors = leanings[person.unit]
        (kind,) = chance.choices(tuple(SCORES), (promoters, 100 - promoters - detractors, detractors))
        (score,) = chance.choices(SCORES[kind])
        writes = 100 * chance.random() < COMMENT_PERCENT
        yield Said(person.ref, score, next(words[kind, person.locale], None) if writes else None)


@cache
def _made_up() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
