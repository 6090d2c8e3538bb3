"""Tables of what the organisation does to improve: initiatives."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import JSON, NULLABLE_JSON, belongs, column, organisation_id
from surveys.tables.organisations import one_of

KINDS = ("inspire", "involve", "inform", "instruct", "incentive")


class Initiative(SQLModel, table=True):
    """Something the organisation does to improve. Set by an owner or analyst; read by analyst, manager, reader."""

    __tablename__ = "initiative"
    __table_args__ = (
        belongs(),
        one_of("kind", "kind", KINDS),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        {"comment": "Something the organisation does to improve."},
    )
    organisation_id: int = organisation_id()
    key: str = column("Slug, unique in the tenant.", primary_key=True, max_length=64)
    name: str = column("Name that people see.", max_length=200)
    kind: str = column("inspire, involve, inform, instruct or incentive.", max_length=16)
    scope: dict[str, Any] = column("The filters of a query: whose answers it is meant to change.", type_=JSON)
    comparison: dict[str, Any] | None = column(
        "The filters of a query: similar answers it does not touch, or null.", type_=NULLABLE_JSON, default=None
    )
    starts_on: date = column("First day it can show, in the tenant's zone.")
    ends_on: date | None = column("Last day of it, in the tenant's zone; null while it goes on.", default=None)
