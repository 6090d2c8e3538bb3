"""The library of survey templates: questions worded with care, in every language of the product."""

import tomllib
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from surveys.facts import Unknown

FOLDER = Path(__file__).parent / "templates"
# How people are addressed where a survey does not say: it matters in languages that know the difference (du, Sie).
ADDRESSES = {"customers": "formal", "staff": "informal"}


@dataclass(frozen=True, slots=True)
class Template:
    """A survey to start from. `questions` has the shape that `definitions.put` takes, the score first.

    They address people as `address` says, formal or informal.
    """

    key: str
    name: str
    audience: str
    mode: str
    address: str
    locales: tuple[str, ...]
    questions: list[dict[str, Any]]


def templates() -> list[Template]:
    """Every template, by key; the caller may change what it gets."""
    return [template(path.stem) for path in sorted(FOLDER.glob("*.toml"))]


def template(key: str, address: str | None = None) -> Template:
    """The template with this key, worded for an address, or for that of its audience. Raises Unknown."""
    path = FOLDER / f"{key}.toml"
    if path not in FOLDER.glob("*.toml"):
        raise Unknown("survey template", key)
    declared = deepcopy(_read(path))
    address = address or ADDRESSES[declared["audience"]]
    for question in declared["questions"]:
        differing = question.pop("informal")
        for locale, texts in differing.items() if address == "informal" else ():
            question["texts"][locale] |= texts
    locales = tuple(sorted(set.intersection(*(set(question["texts"]) for question in declared["questions"]))))
    return Template(key=key, address=address, locales=locales, **declared)


@cache
def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
