"""The library of survey templates: questions worded with care, in every language of the product."""

import tomllib
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from surveys.facts import Unknown

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Template:
    """A survey to start from. `questions` has the shape that `definitions.put` takes, the score first."""

    key: str
    name: str
    audience: str
    mode: str
    locales: tuple[str, ...]
    questions: list[dict[str, Any]]


def templates() -> list[Template]:
    """Every template, by key; the caller may change what it gets."""
    return [deepcopy(_read(path)) for path in sorted(FOLDER.glob("*.toml"))]


def template(key: str) -> Template:
    """The template with this key. Raises Unknown."""
    for known in templates():
        if known.key == key:
            return known
    raise Unknown("survey template", key)


@cache
def _read(path: Path) -> Template:
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    locales = tuple(sorted(set.intersection(*(set(q["texts"]) for q in fields["questions"]))))
    return Template(key=path.stem, locales=locales, **fields)
