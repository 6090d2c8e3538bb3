"""Tables of what is shown to those who were asked: publications."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import UtcDateTime, column, organisation_id, refers


class Publication(SQLModel, table=True):
    """A page on which staff read what a wave released, of the whole organisation or of a unit with all below it.

    Made by an owner or analyst; its link is handed to staff, and whoever has it may read. It holds no figures: the
    page asks for them as a report does.
    """

    __tablename__ = "publication"
    __table_args__ = (
        refers("wave", "wave_key"),
        refers("unit", "unit_key"),
        sa.UniqueConstraint("organisation_id", "wave_key", "unit_key"),
        # To a unique constraint two nulls are different, and there is one page of the whole organisation.
        sa.Index(
            "ix_publication_whole",
            "organisation_id",
            "wave_key",
            unique=True,
            postgresql_where=sa.text("unit_key IS NULL"),
            sqlite_where=sa.text("unit_key IS NULL"),
        ),
        {"comment": "A page on which staff read what a wave released."},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("Sixteen random bytes, part of the link.", primary_key=True)
    wave_key: str = column("Wave whose results it shows.", max_length=64)
    unit_key: str | None = column("Unit shown, or null for the whole organisation.", default=None, max_length=64)
    note: str = column("What the organisation says beside the figures.", type_=sa.Text, default="")
    comments: bool = column("Whether the comments that were released are shown.", default=False)
    published_at: datetime = column("Instant it was published, UTC.", type_=UtcDateTime)
    withdrawn_at: datetime | None = column(
        "Instant from which it is not shown any more, UTC.", type_=UtcDateTime, default=None
    )
