"""Tables of pages that anybody at a touchpoint may answer."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from surveys.tables.columns import UtcDateTime, column, organisation_id, refers


class OpenPage(SQLModel, table=True):
    """A page where whoever is at a touchpoint may answer: behind a QR code, on a kiosk, embedded.

    Made by a sender; its link is public, and whoever has it may answer.
    """

    __tablename__ = "open_page"
    __table_args__ = (
        refers("survey", "survey_key"),
        refers("touchpoint", "touchpoint_key"),
        refers("unit", "unit_key"),
        {"comment": "A page where whoever is at a touchpoint may answer."},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("Sixteen random bytes, part of the link.", primary_key=True)
    survey_key: str = column("Survey asked.", max_length=64)
    touchpoint_key: str = column("Touchpoint asked about.", max_length=64)
    unit_key: str | None = column("Unit the answers count for, or null.", default=None, max_length=64)
    created_at: datetime = column("Instant it was made, UTC.", type_=UtcDateTime)
    withdrawn_at: datetime | None = column(
        "Instant from which it takes no answer, UTC.", type_=UtcDateTime, default=None
    )
