"""The worked examples of docs/anonymity-examples.md are what closing releases, figure by figure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import Session

from analytics.counts import query
from analytics.reports import scores as report
from app.storage.database import Database
from tests.factories import make_organisation
from tests.surveys.staff import Employee, hire, hold_wave, make_enps, make_units, team

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "anonymity-examples.md"


@dataclass(frozen=True)
class Example:
    """An organisation, who answered in each of its waves, and how its figures are grouped."""

    heading: str
    parents: Mapping[str, str | None]
    waves: Sequence[Sequence[Employee]]
    by: tuple[str, ...] = ("unit",)
    segments: tuple[str, ...] = ()


DEPARTMENT = {"sales": None, "north": "sales", "south": "sales", "fairs": "sales"}
TWO_SITES = team("ward", 8, contract="permanent") + team("ward", 6, 8, contract="hourly")
EXAMPLES = [
    Example(
        "A unit of 3 in a department of 40",
        DEPARTMENT,
        [team("north", 20) + team("south", 17) + team("fairs", 3)],
    ),
    Example(
        "A person with no unit",
        {"shop": None, "workshop": None},
        [team("shop", 14) + team("workshop", 9) + team(None, 1)],
    ),
    Example(
        "One unit left over when the others are summed",
        {"clinic": None, "day": "clinic", "night": "clinic", "lab": "clinic"},
        [team("day", 12) + team("night", 11) + team("lab", 4)],
    ),
    Example(
        "A segment with one person",
        {"ward": None},
        [[*TWO_SITES, Employee("ward-14", "ward", {"contract": "trainee"})]],
        by=("unit", "segment.contract"),
        segments=("contract",),
    ),
    Example(
        "One person joins, and nobody else comes or goes",
        {"bar": None, "kitchen": None},
        [team("bar", 6) + team("kitchen", 8), team("bar", 6) + team("kitchen", 9)],
        by=("wave", "unit"),
    ),
    Example(
        "One person moves between two waves",
        {"office": None, "blue": "office", "green": "office", "red": "office"},
        [
            team("blue", 9) + team("green", 10) + team("red", 12),
            team("blue", 9) + team("green", 9) + [Employee("green-9", "blue")] + team("red", 12),
        ],
        by=("wave", "unit"),
    ),
]


def released(session: Session, example: Example) -> str:
    """The tables of an example in Markdown: who answered, and what is released."""
    number = make_organisation(session).id
    make_units(session, number, example.parents)
    survey = make_enps(session, number, segments=list(example.segments))
    lines = ["| wave | unit | " + "".join(f"{name} | " for name in example.segments) + "answered |"]
    lines += ["|---" * (3 + len(example.segments)) + "|"]
    for n, staff in enumerate(example.waves, 1):
        hire(session, number, staff)
        scores = {one.ref: (7 * position) % 11 for position, one in enumerate(sorted(staff, key=lambda one: one.ref))}
        hold_wave(session, survey, f"wave-{n}", staff, scores)
        cells = Counter((one.unit, *(one.attributes.get(name) for name in example.segments)) for one in staff)
        lines += [f"| wave-{n} | {_words(cell)} | {count} |" for cell, count in sorted(cells.items(), key=str)]
    asked = query.parse(session, number, [("survey", "enps"), *(("by", name) for name in example.by)])
    items, total = report.scores(session, asked)
    names = [name.removeprefix("segment.") for name in example.by]
    lines += ["", "Released:", "", f"| {' | '.join(names)} | responses | promoters | passives | detractors | eNPS |"]
    lines += ["|---" * (len(names) + 5) + "|"]
    rows = [(list(item["group"].values()), item) for item in items if item["responses"]]
    whole = ["all together", *[""] * (len(names) - 1)]
    for group, item in [*rows, *([(whole, total)] if len(example.waves) == 1 else [])]:
        counts = " | ".join(str(item[name]) for name in ("responses", "promoters", "passives", "detractors"))
        lines.append(f"| {_words(group)} | {counts} | {item['nps']:.1f} |")
    return "\n".join(lines)


def _words(group: Sequence[str | None]) -> str:
    return " | ".join("–" if name is None else name for name in group)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.heading)
def test_what_is_written_is_what_is_released(database: Database, example: Example) -> None:
    with database.writing() as session:
        table = released(session, example)
    written = DOCUMENT.read_text(encoding="utf-8").split(f"## {example.heading}\n")[1].split("\n## ")[0]
    assert table in written, table
