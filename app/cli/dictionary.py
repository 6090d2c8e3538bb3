"""The data dictionary as people read it: `make docs` writes docs/data-dictionary.md from the tables."""

import inspect
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel
from sqlmodel.main import default_registry

import culture.tables  # noqa: F401 - its table belongs to the dictionary too
from surveys.tables.columns import UtcDateTime, core

HEAD = """# The data dictionary

Made from the tables by `make docs`; a test fails where it is not current, or where a table or column says nothing about
itself. The same words stand in the database as comments (PostgreSQL).

Every row belongs to one organisation (the tenant), and `organisation_id` comes first in every key. An instant is kept
in UTC; a day is a calendar day in the organisation's time zone. A key chosen by people is a slug: small letters,
digits, dots, underscores and hyphens.
"""
# The first type that fits is the word; a subclass stands before its parent.
WORDS: tuple[tuple[type[Any], str], ...] = (
    (UtcDateTime, "instant"),
    (sa.Date, "day"),
    (sa.Uuid, "UUID"),
    (sa.JSON, "JSON"),
    (sa.Boolean, "true or false"),
    (sa.BigInteger, "integer, 8 bytes"),
    (sa.SmallInteger, "integer, 2 bytes"),
    (sa.Integer, "integer"),
    (sa.Float, "number"),
)


def text(models: Iterable[type[SQLModel]]) -> str:
    """The dictionary of `models` as Markdown, tables by name. Raises MeaningMissing."""
    ordered = sorted(models, key=lambda model: core(model).name)
    return "\n".join([HEAD, *(line for model in ordered for line in _table(model))])


def every_table() -> list[type[SQLModel]]:
    """The models of all tables that are declared."""
    return [mapper.class_ for mapper in default_registry.mappers]


class MeaningMissing(Exception):
    """A table or column does not say what it means."""


def _table(model: type[SQLModel]) -> Iterator[str]:
    table = core(model)
    yield f"## {table.name}\n"
    yield _meaning(table.name, inspect.cleandoc(model.__dict__.get("__doc__") or "")) + "\n"
    yield "| column | meaning | type | null | key |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        meaning = _meaning(f"{table.name}.{column.name}", column.comment or "").replace("|", "\\|")
        null = "null" if column.nullable else ""
        yield f"| `{column.name}` | {meaning} | {_type(column)} | {null} | {_key(column)} |"
    yield ""
    if rules := sorted(_rules(table)):
        yield f"Rules: {'; '.join(rules)}.\n"


def _meaning(name: str, words: str) -> str:
    if not words.strip():
        raise MeaningMissing(f"{name} does not say what it means")
    return words.strip()


def _type(column: sa.Column[object]) -> str:
    kind = column.type
    if isinstance(kind, sa.LargeBinary):
        return f"{kind.length} bytes"
    word = next((name for type_, name in WORDS if isinstance(kind, type_)), None)
    if word:
        return word
    length = getattr(kind, "length", None)
    return f"text, up to {length}" if length else "text"


def _key(column: sa.Column[object]) -> str:
    words = ["primary"] if column.primary_key else []
    # Every reference begins with the organisation; the column after it says where it leads.
    for key in sorted(column.table.foreign_key_constraints, key=lambda key: key.referred_table.name):
        own = [c.name for c in key.columns]
        if column.name == own[-1]:
            words.append(f"of {key.referred_table.name}")
    return ", ".join(words)


def _rules(table: sa.Table) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, sa.CheckConstraint):
            yield f"`{constraint.sqltext}`"
        elif isinstance(constraint, sa.UniqueConstraint):
            yield f"unique: {', '.join(f'`{c.name}`' for c in constraint.columns)}"


if __name__ == "__main__":
    sys.stdout.write(text(every_table()))
