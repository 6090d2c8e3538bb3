"""What an attacker makes of a stolen database, knowing who answered when: orders to try, and things to look for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import numpy as np

from app.storage.database import Database
from tests.journeys.anonymous_wave import TEAMS, Person, Played
from tests.journeys.dump import Dump, Row
from tests.journeys.guessing import Guess, Side, found

ERROR = 1e-6  # the probability that any guess of a test looks good by chance
WRITTEN = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
POSTGRESQL_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stolen:
    """A dump, and what an attacker makes of it."""

    database: Database
    played: Played

    @property
    def people(self) -> list[Person]:
        return self.played.arrivals

    def cells(self) -> dict[str, str]:
        """The cell that counts each person, by ref."""
        merged = {str(row["id"]): str(row["merged_into"]) for row in self.played.dump.tables["cell"]}
        return {ref: merged[cell] for ref, cell in self.fine_cells().items()}

    def fine_cells(self) -> dict[str, str]:
        """The cell of each person's own unit and segments, by ref."""
        tables = self.played.dump.tables
        refs = {row["id"]: row["ref"] for row in tables["contact"]}
        return {refs[row["contact_id"]]: str(row["cell_id"]) for row in tables["invitation"]}

    def orders_of_invitations(self, dump: Dump) -> dict[str, list[Person]]:
        """The people in the orders in which their invitations can be read out of a dump."""
        by_ref = {one.ref: one for one in self.people}
        by_id = {row["id"]: by_ref[row["ref"]] for row in dump.tables["contact"]}
        orders = orders_of_rows(dump, "invitation")
        return {f"invitations {name}": [by_id[row["contact_id"]] for row in rows] for name, rows in orders.items()}

    def orders_of_people(self) -> dict[str, list[Person]]:
        """Orders that an attacker knows or finds in the dump."""
        by_ref = {one.ref: one for one in self.people}
        orders = {
            "they answered": self.people,
            "they are stored": [by_ref[row["ref"]] for row in self.played.dump.tables["contact"]],
            **self.orders_of_invitations(self.played.dump),
        }
        for teams in permutations(TEAMS):
            rank = {team: n for n, team in enumerate(teams)}
            ordered = sorted(self.people, key=lambda one: rank.get(one.unit or "", len(rank)))
            orders[f"their teams are, {', '.join(teams)}"] = ordered
        return orders

    def who_scored(self, dump: Dump, table: str) -> list[Guess]:
        """The guesses at scores that are better than chance."""
        cells = self.cells()
        people = Side(self.orders_of_people(), lambda one: cells[one.ref], lambda one: one.score)
        rows = Side(orders_of_rows(dump, table), lambda row: str(row["cell_id"]), lambda row: row["score"])
        return found(people, rows, ERROR)


def orders_of_rows(dump: Dump, table: str) -> dict[str, list[Row]]:
    """The orders in which the rows of a table can be read out of the dump."""
    rows = dump.tables[table]
    orders = {
        "as stored": rows,
        "as numbered": sorted(rows, key=lambda row: str(row["id"])),
        "by place in the files": sorted(rows, key=lambda row: dump.place(UUID(str(row["id"])))),
    }
    known = [name for name in ("xmin", "xmax", "cmin", "cmax") if name in rows[0]]
    return orders | {f"by {name}": sorted(rows, key=numbered(name)) for name in known}


def numbered(column: str) -> Callable[[Row], int]:
    """The number that a row has in this column."""
    return lambda row: int(row[column])


def author(row: Row) -> str:
    """Whose words these are: each person of the test says so."""
    return str(row["comment"]).removeprefix("words of ").split(":")[0]


def parts(comment: str) -> tuple[bytes, bytes]:
    """The beginning and the end of a comment, which may be stored apart."""
    return comment[:40].encode(), comment[-10:].encode()


def instants(rows: list[Row]) -> Iterator[datetime]:
    """Every instant in rows, as such or as text."""
    for value in (value for row in rows for value in row.values()):
        if isinstance(value, datetime):
            yield value
        elif isinstance(value, str):
            yield from (_read(text) for text in WRITTEN.findall(value.encode()))


def written(content: bytes, first: datetime, last: datetime) -> Iterator[Any]:
    """What can be read in these bytes as an instant between two: text, or PostgreSQL's count of microseconds."""
    yield from (text for text in WRITTEN.findall(content) if first <= _read(text) <= last)
    low, high = ((instant - POSTGRESQL_EPOCH) // timedelta(microseconds=1) for instant in (first, last))
    for start in range(min(8, len(content))):
        numbers = np.frombuffer(content, "<i8", (len(content) - start) // 8, start)
        yield from numbers[(numbers >= low) & (numbers <= high)]


def _read(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode()).replace(tzinfo=UTC)
