"""Tables of how people are asked: waves and invitations."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlmodel import SQLModel, col

from surveys.tables.columns import JSON, NULLABLE_JSON, UtcDateTime, column, organisation_id, refers
from surveys.tables.organisations import one_of
from surveys.tables.questionnaires import SCORES_KEPT

WITHHELD_REASONS = ("resting", "unsubscribed", "bounced", "no_address", "sampled_out", "already_invited")


class Wave(SQLModel, table=True):
    """A dated round of a survey. Made by a sender; read by every key of the tenant."""

    __tablename__ = "wave"
    __table_args__ = (
        refers("survey", "survey_key"),
        refers("touchpoint", "touchpoint_key"),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        sa.CheckConstraint("sample > 0 AND sample <= 1", name="sample"),
        one_of("scores", "scores", SCORES_KEPT),
        {"comment": "A dated round of a survey."},
    )
    model_config = {"ignored_types": (hybrid_property,)}
    organisation_id: int = organisation_id()
    key: str = column("Slug, unique in the tenant.", primary_key=True, max_length=64)
    survey_key: str = column("Survey it is a round of.", max_length=64)
    touchpoint_key: str | None = column("Touchpoint asked about.", default=None, max_length=64)
    opens_at: datetime = column("Instant the invitations become due, UTC.", type_=UtcDateTime)
    closes_at: datetime = column("Instant after which no answer is taken, UTC.", type_=UtcDateTime)
    invited_at: datetime | None = column("Instant its invitations were issued, UTC.", type_=UtcDateTime, default=None)
    closed_at: datetime | None = column("Instant it was closed, UTC.", type_=UtcDateTime, default=None)
    floor: int | None = column(
        "Fewest responses of a cell that is released, frozen when the wave opened; null on confidential surveys.",
        default=None,
    )
    comment_floor: int | None = column(
        "Fewest responses of a cell whose comments are released, frozen when the wave opened; null on confidential "
        "surveys.",
        default=None,
    )
    always_release_total: bool | None = column(
        "Whether it is released even where its total differs from an earlier wave's by fewer people than the floor, "
        "frozen when the wave opened; null on confidential surveys.",
        default=None,
    )
    known_days: int | None = column(
        "Days before opening since when people count for the floors, frozen then; null on confidential surveys.",
        default=None,
    )
    asked_count: int | None = column("How many an anonymous wave asked as it opened.", default=None)
    known_count: int | None = column("Of those asked, how many were known for `known_days`.", default=None)
    added_count: int | None = column("Of those asked, how many had been added within a day of opening.", default=None)
    known_answered_count: int | None = column("How many known people had answered when it closed.", default=None)
    made_by: UUID | None = column("Key that planned it; null for an administrator's command.", default=None)
    needs_confirmation: bool = column(
        "Whether a second key has to confirm it before it opens.", default=False, sa={"server_default": sa.false()}
    )
    confirmed_by: UUID | None = column("Key that confirmed it.", default=None)
    confirmed_at: datetime | None = column("Instant it was confirmed, UTC.", type_=UtcDateTime, default=None)
    scores: str | None = column(
        "What is kept of each score when it closes: scores, or groups (promoter, passive or detractor); frozen when "
        "the wave opened, null on confidential surveys.",
        default=None,
        max_length=8,
    )
    participation: list[Any] | None = column(
        "Pairs of a unit and the unit under which its participation is shown, frozen when the wave opened; null on "
        "confidential surveys.",
        type_=NULLABLE_JSON,
        default=None,
    )
    participation_counts: list[Any] | None = column(
        "Pairs of a unit under which participation is shown and how many had answered at `participation_at`; null on "
        "confidential surveys.",
        type_=NULLABLE_JSON,
        default=None,
    )
    participation_at: datetime | None = column(
        "Instant participation was counted last, at most once a day while an anonymous wave is open, UTC.",
        type_=UtcDateTime,
        default=None,
    )
    answered_count: int | None = column("How many had answered an anonymous wave when it closed.", default=None)
    secret_check: bytes | None = column(
        "Beginning of a keyed hash that tells under which of the secrets an anonymous wave was opened.",
        type_=sa.LargeBinary,
        default=None,
    )
    without_comparison: bool = column(
        "Whether the owner has it released though earlier waves are there that it cannot be compared with.",
        default=False,
        sa={"server_default": sa.false()},
    )
    segments: list[str] | None = column(
        "The survey's segments as they were declared when the wave opened, the most important first; null on "
        "confidential surveys.",
        type_=NULLABLE_JSON,
        default=None,
    )
    counted_on: date | None = column(
        "Day on which all answers of an anonymous wave count, in the tenant's zone; null until it is closed, and "
        "where nothing was released.",
        default=None,
    )
    swept_at: datetime | None = column(
        "Instant the storage was rewritten after an anonymous wave closed, UTC.", type_=UtcDateTime, default=None
    )
    log_position: str | None = column(
        "Position in PostgreSQL's write-ahead log behind which nothing of the urn was written; swept once the log no "
        "longer holds what came before.",
        default=None,
        max_length=32,
    )
    forgotten_at: datetime | None = column(
        "Instant an owner let it forget who took part and what they answered, UTC.", type_=UtcDateTime, default=None
    )
    sample: float | None = column("Share of the contacts to ask, above 0 to 1; all where null.", default=None)
    contacts: dict[str, Any] = column("Filter that chose the contacts.", type_=JSON)
    reminders_after_days: list[int] = column("Days after sending at which those silent are reminded.", type_=JSON)

    @hybrid_property
    def anonymous(self) -> bool:
        """Whether it keeps answers apart from people; false until it opens. On the class, SQL for the same."""
        return self.floor is not None

    @anonymous.inplace.expression
    @classmethod
    def _anonymous(cls) -> sa.ColumnElement[bool]:
        return col(cls.floor).is_not(None)

    @hybrid_property
    def awaits_confirmation(self) -> bool:
        """Whether it waits for a second key before it opens. On the class, SQL for the same."""
        return self.needs_confirmation and self.confirmed_at is None and self.invited_at is None and not self.closed_at

    @awaits_confirmation.inplace.expression
    @classmethod
    def _awaits_confirmation(cls) -> sa.ColumnElement[bool]:
        unmet = (col(cls.confirmed_at), col(cls.invited_at), col(cls.closed_at))
        return sa.and_(col(cls.needs_confirmation), *(instant.is_(None) for instant in unmet))


def of_wave(columns: Any, wave: Wave) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that a row of a table with such columns (cells, invitations) belongs to a wave."""
    return (
        columns.organisation_id == wave.organisation_id,
        columns.survey_key == wave.survey_key,
        columns.wave_key == wave.key,
    )


class Invitation(SQLModel, table=True):
    """One link for one contact; sent, or withheld for a recorded reason. Also the outbox: due and unsent is work.

    Issued by a sender or a wave; read by owner, analyst and sender.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        refers("survey", "survey_key"),
        refers("contact", "contact_id", to=("id",)),
        refers("cell", "cell_id", to=("id",)),
        refers("wave", "wave_key"),
        one_of("withheld_reason", "withheld_reason", WITHHELD_REASONS),
        one_of("deliver", "deliver", ("email", "link")),
        # The tenant comes second: first, PostgreSQL would look for ids through it while it has no statistics, and
        # without it SQLite would look for a contact through the primary key.
        sa.Index(None, "contact_id", "organisation_id", "survey_key"),
        sa.Index(
            "ix_invitation_due",
            "send_at",
            postgresql_where=sa.text("send_at IS NOT NULL"),
            sqlite_where=sa.text("send_at IS NOT NULL"),
        ),
        {
            "comment": "One link for one contact; sent, or withheld for a recorded reason.",
            "postgresql_with": {"fillfactor": "80"},  # each is changed when sent and when answered
        },
    )
    organisation_id: int = organisation_id()
    id: UUID = column("Sixteen random bytes, part of the link.", primary_key=True)
    survey_key: str = column("Survey asked.", max_length=64)
    wave_key: str | None = column("Wave it belongs to.", default=None, max_length=64)
    contact_id: UUID | None = column("Who is asked; null once the person was erased.", default=None)
    cell_id: UUID = column("Cell an answer counts in, fixed when issued.")
    deliver: str = column("email, or link where the organisation hands the link over itself.", max_length=8)
    invited_on: Any = column("Day it was issued, in the tenant's zone.", type_=sa.Date)
    created_at: datetime = column("Instant of issue, UTC.", type_=UtcDateTime)
    expires_at: datetime = column("Instant after which the link is over, UTC.", type_=UtcDateTime)
    withheld_reason: str | None = column("Why nothing is sent, or null.", default=None, max_length=16)
    withdrawn_at: datetime | None = column("Instant the link was revoked, UTC.", type_=UtcDateTime, default=None)
    send_at: datetime | None = column(
        "Instant from which the next mail is due, UTC; null when there is nothing to send. A claim moves it "
        "ahead by the lease, a failed try by the back-off.",
        type_=UtcDateTime,
        default=None,
    )
    attempts: int = column("Tries to send the mail that is due, 0 upward.", default=0)
    sent_at: datetime | None = column("Instant the first mail was handed over, UTC.", type_=UtcDateTime, default=None)
    reminders_sent: int = column("Reminders handed over, 0 upward.", default=0)
    failed_at: datetime | None = column(
        "Instant of the last try, after which no more mail is sent, UTC.", type_=UtcDateTime, default=None
    )
    failure: str | None = column("What the mail server said last, without the address.", default=None, max_length=500)
    answered_at: datetime | None = column(
        "Instant of the first answer, UTC; only on confidential surveys.", type_=UtcDateTime, default=None
    )
    anonymous: bool = column(
        "Whether it is of an anonymous wave: then nothing of an answer is ever noted here.",
        default=False,
        sa={"server_default": sa.false()},
    )
    known: bool = column(
        "Whether the person was known for the wave's `known_days` when it opened.",
        default=False,
        sa={"server_default": sa.false()},
    )
    former_id: UUID | None = column(
        "On anonymous surveys, once the person was erased: keyed hash of their ref, for as long as the wave is kept, "
        "so that waves can be compared.",
        default=None,
    )
