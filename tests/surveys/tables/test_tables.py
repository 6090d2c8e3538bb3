"""What holds for the keys of every table: the organisation comes first, so that nothing joins two of them."""

from collections.abc import Iterable

import pytest
import sqlalchemy as sa

from surveys.tables import metadata

TABLES = [table for table in metadata.sorted_tables if table.name != "organisation"]


def first(columns: Iterable[sa.Column[object]]) -> str:
    return next(iter(columns)).name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_organisation_leads_every_key(table: sa.Table) -> None:
    assert first(table.primary_key) == "organisation_id"
    keys: list[sa.schema.ColumnCollectionConstraint | sa.Index] = [*table.foreign_key_constraints]
    keys += [constraint for constraint in table.constraints if isinstance(constraint, sa.UniqueConstraint)]
    keys += [index for index in table.indexes if index.unique]
    for key in keys:
        assert first(key.columns) == "organisation_id"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_leads_to_its_organisation(table: sa.Table) -> None:
    seen, waiting = set(), {table}
    while waiting:
        one = waiting.pop()
        seen.add(one.name)
        waiting |= {key.referred_table for key in one.foreign_key_constraints if key.referred_table.name not in seen}
    assert "organisation" in seen
