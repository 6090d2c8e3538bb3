"""Tables of what is asked: surveys and their questions."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import JSON, UtcDateTime, archived_at, belongs, column, organisation_id, refers
from surveys.tables.organisations import AUDIENCES, one_of

MODES = ("confidential", "anonymous")
ADDRESSES = ("formal", "informal")
SCORES_KEPT = ("groups", "scores")
QUESTION_KINDS = ("score", "text", "scale", "choice", "choices")


class Survey(SQLModel, table=True):
    """Questions for an audience. Set by an owner or analyst; read by every key of the tenant."""

    __tablename__ = "survey"
    __table_args__ = (
        belongs(),
        one_of("audience", "audience", AUDIENCES),
        one_of("mode", "mode", MODES),
        one_of("address", "address", ADDRESSES),
        one_of("scores", "scores", SCORES_KEPT),
        sa.CheckConstraint("rest_days BETWEEN 0 AND 3650", name="rest_days"),
        sa.CheckConstraint("edit_hours BETWEEN 0 AND 8760", name="edit_hours"),
        sa.CheckConstraint("expires_days BETWEEN 1 AND 3650", name="expires_days"),
        sa.CheckConstraint("floor BETWEEN 3 AND 50", name="floor"),
        sa.CheckConstraint("comment_floor BETWEEN 10 AND 200", name="comment_floor"),
        sa.CheckConstraint("known_days BETWEEN 0 AND 365", name="known_days"),
        {"comment": "Questions for an audience."},
    )
    organisation_id: int = organisation_id()
    key: str = column("Slug, unique in the tenant.", primary_key=True, max_length=64)
    template: str = column("Template of the library it was made from.", max_length=64)
    name: str = column("Name that people see.", max_length=200)
    audience: str = column("customers or staff.", max_length=16)
    mode: str = column("confidential (answers are linked to the contact) or anonymous.", max_length=16)
    address: str = column(
        "formal or informal: how people are addressed in languages that know the difference.",
        max_length=8,
        default="formal",
        sa={"server_default": "formal"},
    )
    segments: list[str] = column("Names of contact attributes that reports may slice by.", type_=JSON)
    rest_days: int = column("Days a contact is left alone after an invitation, 0 to 3650.")
    edit_hours: int = column("Hours in which an answer may be corrected, 0 to 8760.")
    expires_days: int = column("Days a link works, 1 to 3650.")
    floor: int = column(
        "Fewest responses of a cell that an anonymous survey releases, 3 to 50.", default=5, sa={"server_default": "5"}
    )
    comment_floor: int = column(
        "Fewest responses of a cell whose comments an anonymous survey releases, 10 to 200.",
        default=10,
        sa={"server_default": "10"},
    )
    always_release_total: bool = column(
        "Whether an anonymous wave is released even where its total differs from an earlier wave's by fewer people "
        "than the floor.",
        default=False,
        sa={"server_default": sa.false()},
    )
    scores: str | None = column(
        "What an anonymous survey keeps of a score when a wave closes: scores, or groups (promoter, passive or "
        "detractor); where null, groups for waves of fewer than 100 asked.",
        default=None,
        max_length=8,
    )
    known_days: int = column(
        "Days before an anonymous wave opens since when people have to be known to count for its floors, 0 to 365.",
        default=14,
        sa={"server_default": "14"},
    )
    created_at: datetime = column("Instant of creation, UTC.", type_=UtcDateTime)
    archived_at: datetime | None = archived_at()
    version: int = column(
        "Random number, another one after each change of the survey or its questions; pages that were drawn are kept "
        "for as long as it stays.",
        type_=sa.BigInteger,
        default=0,
        sa={"server_default": "0"},
    )


class Question(SQLModel, table=True):
    """One question of a survey, with its texts per locale. Set with the survey; read by respondents."""

    __tablename__ = "question"
    __table_args__ = (
        refers("survey", "survey_key"),
        one_of("kind", "kind", QUESTION_KINDS),
        {"comment": "One question of a survey, with its texts per locale."},
    )
    organisation_id: int = organisation_id()
    survey_key: str = column("Survey it belongs to.", primary_key=True, max_length=64)
    key: str = column("Slug, unique in the survey.", primary_key=True, max_length=64)
    position: int = column("Order on the page, from 0; the score question is 0.")
    kind: str = column("score (0-10), text, scale (1-5), choice (one) or choices (several).", max_length=16)
    required: bool = column("Whether step two insists on an answer.", default=False)
    texts: dict[str, Any] = column(
        "Per locale: text, and where the kind has them low, high (ends of a scale) and choices "
        "(value to label); a comment question may give promoter, passive and detractor wordings.",
        type_=JSON,
    )
    retired_at: datetime | None = column(
        "Instant from which it is no longer asked, UTC.", type_=UtcDateTime, default=None
    )
