"""Units of a wave: each with what lies below it, and which were counted together when the wave closed."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from analytics.counts import frame
from analytics.counts.counted import Counted, Counts, counted, sums, total
from analytics.counts.query import Query
from analytics.reports import scores
from analytics.reports.metrics import Item
from surveys.organisation import units
from surveys.tables import Cell

Unit = str | None


@dataclass(frozen=True, slots=True)
class Together:
    """For each cell that counts answers: the unit it is named after, and the units whose people it counts."""

    named: Mapping[object, Unit]
    parts: Mapping[object, set[Unit]]

    def at(self, unit: Unit) -> set[Unit]:
        """The units whose people are counted under this one's name."""
        return {part for cell, parts in self.parts.items() if self.named[cell] == unit for part in parts}

    def beside(self, own: Collection[Unit]) -> set[Unit]:
        """The units outside `own` that are counted in the same cells."""
        return {part for parts in self.parts.values() if not parts.isdisjoint(own) for part in parts} - set(own)

    def away(self, own: Collection[Unit]) -> set[Unit]:
        """Those of `own` with people who are counted under the name of a unit outside."""
        return {part for cell, parts in self.parts.items() if self.named[cell] not in own for part in parts} & set(own)


def together(session: Session, organisation_id: int, wave: str) -> Together:
    """Which units were counted together in a wave. It holds no number."""
    into = aliased(Cell)
    rows = session.execute(
        sa.select(col(Cell.unit_key), col(Cell.merged_into), col(into.unit_key).label("name"))
        .join(into, (col(into.organisation_id) == col(Cell.organisation_id)) & (col(into.id) == col(Cell.merged_into)))
        .where(col(Cell.organisation_id) == organisation_id, col(Cell.wave_key) == wave)
        .distinct()
    ).all()
    parts = defaultdict(set)
    for unit, cell, _ in rows:
        parts[cell].add(unit)
    return Together({cell: name for _, cell, name in rows}, parts)


def tree(session: Session, asked: Query) -> list[Item]:
    """The units of one wave from the top, each before what lies below it.

    An item is `{unit, depth, ...score, own, parts, beside, without}`: the score of the unit and all below it, and as
    `own` the score of those who are counted under its own name, of the units `parts`, where that is another one.
    `beside` names the units that one without figures is counted together with, `without` those of it, or below it,
    whose people are counted elsewhere. The unit is None for those counted above all units.
    """
    (wave,) = asked.waves
    asked = replace(asked, by=("unit",))
    drawn = _Drawn(
        counted(session, asked), sums(frame.turnout(session, asked), asked.by, frame.TURNOUT),
        together(session, asked.organisation_id, wave),
    )  # fmt: skip
    children = defaultdict(list)
    for unit, parent in units.parents(session, asked.organisation_id).items():
        children[parent].append(unit)
    items = [item for top in asked.units or sorted(children[None]) for item in _below(top, 0, children, drawn)]
    return items if asked.units else [*items, *drawn.item(None, {None}, 0)]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What is counted per unit, how many were invited, and who is counted with whom."""

    answers: Counted
    turnouts: Mapping[tuple[Unit, ...], Counts]
    together: Together

    def score(self, own: Collection[Unit]) -> Item:
        groups = [(unit,) for unit in own]
        turnout = total((self.turnouts[group] for group in groups if group in self.turnouts), scores.NOBODY)
        return scores.score_item(self.answers.of_all(groups), turnout)

    def item(self, unit: Unit, own: set[Unit], depth: int) -> Iterator[Item]:
        if {(each,) for each in own}.isdisjoint(self.answers.groups | self.turnouts.keys()):
            return
        whole, alone, parts = self.score(own), self.score({unit}), self.together.at(unit)
        apart = parts != {unit} and alone["responses"] not in (0, whole["responses"])
        answered = whole["responses"] > 0
        yield {
            "unit": unit, "depth": depth, **whole, "own": alone if apart else None, "parts": _ordered(parts),
            "beside": _ordered(() if answered else self.together.beside(own)),
            "without": _ordered(self.together.away(own) if answered else ()),
        }  # fmt: skip


def _below(unit: Unit, depth: int, children: Mapping[Unit, list[str]], drawn: _Drawn) -> Iterator[Item]:
    rows = [item for child in sorted(children.get(unit, ())) for item in _below(child, depth + 1, children, drawn)]
    yield from drawn.item(unit, {unit} | {row["unit"] for row in rows}, depth)
    yield from rows


def _ordered(units: Collection[Unit]) -> list[Unit]:
    return sorted(units, key=lambda unit: (unit is None, unit or ""))
