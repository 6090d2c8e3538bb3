"""Tables of whom we may ask: contacts, and where they met the organisation."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import JSON, UtcDateTime, belongs, column, organisation_id, refers
from surveys.tables.organisations import AUDIENCES, one_of


class Contact(SQLModel, table=True):
    """Someone we may write to. Imported by a sender; read by owner, analyst and sender, never by reader."""

    __tablename__ = "contact"
    __table_args__ = (
        belongs(),
        refers("unit", "unit_key"),
        sa.UniqueConstraint("organisation_id", "ref"),
        sa.Index(None, "organisation_id", "email_key"),
        one_of("audience", "audience", AUDIENCES),
        {"comment": "Someone we may write to."},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("Time-ordered id.", primary_key=True)
    ref: str = column("The organisation's own id of the person; the e-mail address where it gave none.", max_length=320)
    email: str | None = column("Address as written.", default=None, max_length=320)
    email_key: str | None = column("Address in lower case, for look-ups.", default=None, max_length=320)
    name: str | None = column("Name for the greeting.", default=None, max_length=200)
    locale: str | None = column("Language tag; the organisation's where null.", default=None, max_length=35)
    audience: str = column("customers or staff.", max_length=16)
    unit_key: str | None = column(
        "Unit of an employee, or the unit that serves a customer.", default=None, max_length=64
    )
    attributes: dict[str, Any] = column(
        "Further attributes, name to text or number; a survey's segments name some.", type_=JSON
    )
    created_at: datetime = column("Instant of the first import, UTC.", type_=UtcDateTime)
    updated_at: datetime = column("Instant of the last import, UTC.", type_=UtcDateTime)
    unsubscribed_at: datetime | None = column(
        "Instant the person asked for no more mail, UTC.", type_=UtcDateTime, default=None
    )
    bounced_at: datetime | None = column("Instant the address proved dead, UTC.", type_=UtcDateTime, default=None)
    readdressed_at: datetime | None = column(
        "Instant the address was last changed, UTC; null where it is the first.", type_=UtcDateTime, default=None
    )
    first_ref: str | None = column(
        "The ref it was made with, where that was changed since: anonymous waves know people by it.",
        default=None,
        max_length=320,
    )


class Interaction(SQLModel, table=True):
    """A contact met a touchpoint at a time. Handed over by a sender; shown to the person it is about.

    The id is derived from the organisation's own, so the primary key alone keeps a repeat from counting twice.
    """

    __tablename__ = "interaction"
    __table_args__ = (
        refers("contact", "contact_id", to=("id",)),
        refers("touchpoint", "touchpoint_key"),
        sa.Index(None, "organisation_id", "contact_id"),
        {"comment": "A contact met a touchpoint at a time."},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("128-bit hash of external_id; time-ordered where there is none.", primary_key=True)
    external_id: str | None = column(
        "The organisation's own id; null where it gave none or the person was erased.", default=None, max_length=200
    )
    contact_id: UUID | None = column("Who met the touchpoint; null once the person was erased.", default=None)
    touchpoint_key: str = column("Touchpoint met.", max_length=64)
    occurred_at: datetime = column("Instant of the meeting, UTC.", type_=UtcDateTime)
    attributes: dict[str, Any] = column("Further attributes, name to text or number; empty after erasure.", type_=JSON)
    created_at: datetime = column("Instant it was handed over, UTC.", type_=UtcDateTime)
