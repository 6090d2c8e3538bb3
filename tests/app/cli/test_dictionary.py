"""The data dictionary is complete and says what the tables are now."""

from pathlib import Path

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from app.cli import dictionary
from surveys.tables import metadata
from surveys.tables.columns import column

WRITTEN = Path(__file__).resolve().parents[3] / "docs" / "data-dictionary.md"


class Elsewhere(SQLModel, registry=registry()):
    """Keeps the tables of these tests apart from the product's."""


def test_the_dictionary_in_docs_is_the_one_that_the_tables_give() -> None:
    made = dictionary.text(dictionary.every_table())
    assert WRITTEN.read_text() == made, "docs/data-dictionary.md is not current; run: make docs"


def test_every_table_of_the_schema_is_in_it() -> None:
    headings = {line.removeprefix("## ") for line in WRITTEN.read_text().splitlines() if line.startswith("## ")}
    assert headings == set(metadata.tables)


def test_every_table_says_what_a_row_is_in_the_database_too() -> None:
    assert [table.name for table in metadata.tables.values() if not table.comment] == []


def test_a_table_without_a_meaning_is_refused() -> None:
    class Untold(Elsewhere, table=True):
        __tablename__ = "untold"
        id: int = column("Number.", primary_key=True)

    with pytest.raises(dictionary.MeaningMissing, match="untold does not say"):
        dictionary.text([Untold])


def test_a_column_without_a_meaning_is_refused() -> None:
    class HalfTold(Elsewhere, table=True):
        """Something."""

        __tablename__ = "half_told"
        id: int = column("Number.", primary_key=True)
        score: int = Field()

    with pytest.raises(dictionary.MeaningMissing, match=r"half_told\.score does not say"):
        dictionary.text([HalfTold])
