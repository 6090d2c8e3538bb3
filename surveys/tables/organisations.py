"""Tables of the organisation itself: tenants, units, touchpoints, API keys, remembered requests."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import JSON, UtcDateTime, archived_at, belongs, column, organisation_id, refers

AUDIENCES = ("customers", "staff")
ROLES = ("owner", "analyst", "sender", "manager", "reader")


def one_of(name: str, column_name: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    """A CHECK that a column holds one of `values`; strings are used instead of native enums."""
    listed = ", ".join(f"'{v}'" for v in values)
    return sa.CheckConstraint(f"{column_name} IN ({listed})", name=name)


class Organisation(SQLModel, table=True):
    """One tenant. Made by an administrator on the command line; read by its own keys only."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint("id BETWEEN 1 AND 4294967295", name="four_bytes"),
        {"comment": "One tenant."},
    )
    id: int = column(
        "Number of the tenant, 1 to 2^32-1, part of every link.",
        primary_key=True,
        type_=sa.BigInteger,
        sa={"autoincrement": False},
    )
    key: str = column("Slug, unique in the installation.", unique=True, max_length=64)
    name: str = column("Name that respondents see.", max_length=200)
    locale: str = column("Language tag used where a contact has none.", max_length=35)
    time_zone: str = column("IANA zone; days of this tenant are calendar days there.", max_length=64)
    created_at: datetime = column("Instant of creation, UTC.", type_=UtcDateTime)


class Unit(SQLModel, table=True):
    """A team or department, in a tree. Set by an owner; read by every key of the tenant."""

    __tablename__ = "unit"
    __table_args__ = (
        belongs(),
        refers("unit", "parent_key"),
        {"comment": "A team or department, in a tree."},
    )
    organisation_id: int = organisation_id()
    key: str = column("Slug, unique in the tenant.", primary_key=True, max_length=64)
    name: str = column("Name that people see.", max_length=200)
    parent_key: str | None = column("Unit above, or null at the top.", default=None, max_length=64)
    archived_at: datetime | None = archived_at()


class Touchpoint(SQLModel, table=True):
    """A moment where someone meets the organisation. Set by an owner; read by every key of the tenant."""

    __tablename__ = "touchpoint"
    __table_args__ = (
        belongs(),
        refers("unit", "unit_key"),
        refers("survey", "survey_key"),
        one_of("audience", "audience", AUDIENCES),
        sa.CheckConstraint("target_nps BETWEEN -100 AND 100", name="target_nps"),
        sa.CheckConstraint("survey_delay_hours BETWEEN 0 AND 8760", name="survey_delay_hours"),
        {"comment": "A moment where someone meets the organisation."},
    )
    organisation_id: int = organisation_id()
    key: str = column("Slug, unique in the tenant.", primary_key=True, max_length=64)
    name: str = column("Name that people see.", max_length=200)
    audience: str = column("Who meets the organisation here: customers or staff.", max_length=16)
    promise: str = column("What a good experience is here.", type_=sa.Text, default="")
    target_nps: float | None = column("NPS aimed for, points, -100 to 100.", default=None)
    unit_key: str | None = column("Unit that answers for it.", default=None, max_length=64)
    survey_key: str | None = column("Survey sent after an interaction here, or null.", default=None, max_length=64)
    survey_delay_hours: int | None = column(
        "Hours from an interaction to its survey, 0 to 8760; 0 where null.", default=None
    )
    names: dict[str, str] = column(
        "Language tag to the name in that language; `name` stands for the others.",
        type_=JSON,
        default_factory=dict,
        sa={"server_default": "{}"},
    )
    promises: dict[str, str] = column(
        "Language tag to the promise in that language; `promise` stands for the others.",
        type_=JSON,
        default_factory=dict,
        sa={"server_default": "{}"},
    )
    archived_at: datetime | None = archived_at()


class ApiKey(SQLModel, table=True):
    """A key of the API. Made by an owner; the secret itself is shown once and never stored."""

    __tablename__ = "api_key"
    __table_args__ = (
        belongs(),
        refers("unit", "unit_key"),
        one_of("role", "role", ROLES),
        {"comment": "A key of the API; the secret itself is not stored."},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("Time-ordered id, part of the key.", primary_key=True)
    name: str = column("What the key is for, in its maker's words.", max_length=200, default="")
    role: str = column("owner, analyst, sender, manager or reader.", max_length=16)
    unit_key: str | None = column("For a manager: the unit that bounds what is seen.", default=None, max_length=64)
    secret_sha256: bytes = column("SHA-256 of the 32 random bytes of the key.", type_=sa.LargeBinary(32))
    created_at: datetime = column("Instant of creation, UTC.", type_=UtcDateTime)
    expires_on: date | None = column("Last day the key works, in the tenant's zone.", default=None)
    revoked_at: datetime | None = column("Instant from which it is refused, UTC.", type_=UtcDateTime, default=None)


class RememberedRequest(SQLModel, table=True):
    """A POST with an Idempotency-Key and how it was answered. Kept 24 hours; read by the API edge only."""

    __tablename__ = "remembered_request"
    __table_args__ = (
        belongs(),
        sa.Index(None, "organisation_id", "created_at"),
        {"comment": "A POST with an Idempotency-Key and how it was answered."},
    )
    organisation_id: int = organisation_id()
    idempotency_key: str = column(
        "What the client sent, with the API key's id before it.", primary_key=True, max_length=255
    )
    request_sha256: bytes = column("SHA-256 of method, path and body.", type_=sa.LargeBinary(32))
    status: int = column("HTTP status of the first answer.")
    answer: dict[str, Any] = column("JSON body of the first answer.", type_=JSON)
    created_at: datetime = column("Instant of the first request, UTC.", type_=UtcDateTime)
