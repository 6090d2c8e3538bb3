"""Column types and declarations that every table shares."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, SQLModel

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NULLABLE_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant, always aware and in UTC; SQLite would give back naive datetimes."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive datetimes, store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give every instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def core(table: type[SQLModel]) -> sa.Table:
    """The table of a model, for statements that write many rows at once."""
    described = sa.inspect(table).local_table
    assert isinstance(described, sa.Table)  # noqa: S101 - every model here is a plain table
    return described


def column(meaning: str, *, type_: Any = None, **kwargs: Any) -> Any:
    """A documented column: `meaning` gives unit and range and goes into the database as its comment."""
    extra: dict[str, Any] = {"comment": meaning}
    if type_ is not None:
        kwargs["sa_type"] = type_
    extra.update(kwargs.pop("sa", {}))
    return Field(sa_column_kwargs=extra, **kwargs)


def organisation_id() -> Any:
    """The tenant, first in every key."""
    return column("Tenant the row belongs to; first in every key.", primary_key=True, type_=sa.BigInteger)


def archived_at() -> Any:
    """Since when a row is in the archive."""
    return column(
        "Instant from which it is no longer offered or asked, UTC; null while it is.", type_=UtcDateTime, default=None
    )


def refers(table: str, *columns: str, to: tuple[str, ...] = ("key",)) -> sa.ForeignKeyConstraint:
    """A reference inside one tenant: `columns` of this table to `to` of `table`."""
    return sa.ForeignKeyConstraint(
        ["organisation_id", *columns], [f"{table}.organisation_id", *(f"{table}.{c}" for c in to)]
    )


def belongs() -> sa.ForeignKeyConstraint:
    """A reference from a row to its tenant."""
    return sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"])
