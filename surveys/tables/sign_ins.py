"""Tables of those who look at pages: sign-ins."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import UtcDateTime, column, organisation_id, refers


class SignIn(SQLModel, table=True):
    """A browser that signed in with a key. Made by the sign-in page, gone with sign-out or after 12 hours.

    Read by the pages only. The browser holds its id in a signed cookie, so a copy of the database signs nobody in.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        refers("api_key", "key_id", to=("id",)),
        sa.Index(None, "organisation_id", "signed_in_at"),
        {"comment": "A browser that signed in with a key."},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("Sixteen random bytes, part of the cookie.", primary_key=True)
    key_id: UUID = column("Key that was pasted.")
    signed_in_at: datetime = column("Instant of signing in, UTC.", type_=UtcDateTime)
