"""Tables of what was answered and how it is counted: cells, responses, answers, tallies, turnouts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import JSON, UtcDateTime, belongs, column, organisation_id, refers

# Rows that are changed again and again find room for their next version on the same page of PostgreSQL.
COUNTED = {"sqlite_with_rowid": False, "postgresql_with": {"fillfactor": "80"}}


class Cell(SQLModel, table=True):
    """The finest slice that can be reported. Made when first needed; its id is a hash of the rest."""

    __tablename__ = "cell"
    __table_args__ = (
        refers("survey", "survey_key"),
        refers("wave", "wave_key"),
        refers("touchpoint", "touchpoint_key"),
        refers("unit", "unit_key"),
        sa.Index(None, "organisation_id", "survey_key"),
        {"comment": "The finest slice that can be reported."},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("128-bit hash of the dimensions, so that processes agree without asking.", primary_key=True)
    survey_key: str = column("Survey.", max_length=64)
    wave_key: str | None = column("Wave, or null outside waves.", default=None, max_length=64)
    touchpoint_key: str | None = column("Touchpoint, or null.", default=None, max_length=64)
    unit_key: str | None = column("Unit, or null.", default=None, max_length=64)
    channel: str | None = column(
        "How the answer came: email, link, page, api or import, or the caller's word.",
        default=None,
        max_length=32,
    )
    locale: str | None = column("Language in which it was asked.", default=None, max_length=35)
    segments: dict[str, Any] = column("Segment name to value, as declared by the survey.", type_=JSON)
    merged_into: UUID | None = column(
        "Cell in which its answers were counted when its anonymous wave closed; itself where it stands alone.",
        default=None,
    )


class Response(SQLModel, table=True):
    """One person's answer on a confidential survey. Read by owner, analyst, sender; by reader without contact.

    The id is derived from where the answer came from (the invitation, the caller's own id, the row of a
    file), so the primary key alone keeps a repeated delivery from counting twice.
    """

    __tablename__ = "response"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        refers("contact", "contact_id", to=("id",)),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        sa.CheckConstraint("weight > 0", name="weight"),
        sa.Index(None, "organisation_id", "survey_key", "answered_at", "id"),
        sa.Index(
            "ix_response_contact",
            "contact_id",
            "organisation_id",
            postgresql_where=sa.text("contact_id IS NOT NULL"),
            sqlite_where=sa.text("contact_id IS NOT NULL"),
        ),
        {"comment": "One person's answer on a confidential survey.", "sqlite_with_rowid": False},
    )
    organisation_id: int = organisation_id()
    id: UUID = column("128-bit hash of where the answer came from.", primary_key=True)
    survey_key: str = column("Survey answered, as the cell names it; the cell is what refers to it.", max_length=64)
    cell_id: UUID = column("Cell it counts in.")
    contact_id: UUID | None = column("Who answered, where known.", default=None)
    day: date = column("Day it counts on, in the tenant's zone.")
    score: int = column("0 to 10.", type_=sa.SmallInteger)
    comment: str | None = column("The respondent's own words.", type_=sa.Text, default=None)
    answered_at: datetime = column("Instant of the answer, UTC.", type_=UtcDateTime)
    recorded_at: datetime = column("Instant it was last stored, UTC.", type_=UtcDateTime)
    weight: float | None = column(
        "How many people of the population the answer stands for, in relation to the others, above 0; "
        "null where the file gave none.",
        default=None,
    )


class Answer(SQLModel, table=True):
    """The answer to one further question. Stored with its response; read as the response is."""

    __tablename__ = "answer"
    __table_args__ = (
        refers("response", "response_id", to=("id",)),
        {"comment": "The answer to one further question.", "sqlite_with_rowid": False},
    )
    organisation_id: int = organisation_id()
    response_id: UUID = column("Response it belongs to.", primary_key=True)
    question_key: str = column("Question answered.", primary_key=True, max_length=64)
    number: float | None = column("Value of a scale question.", default=None)
    text: str | None = column(
        "Text, the chosen value, or the chosen values as a JSON list.", type_=sa.Text, default=None
    )


def count(meaning: str) -> Any:
    """A column of a tally: a count that starts at 0."""
    return column(meaning, default=0, sa={"server_default": "0"})


class Counts(SQLModel):
    """The shape of a tally, at whatever grain: a cell, a starting day, eleven counts and three.

    An answer is in one of the fourteen: among the eleven by its score, or among the three where only its category was
    kept. Nothing tells the scores behind the three.
    """

    organisation_id: int = organisation_id()
    cell_id: UUID = column("Cell counted.", primary_key=True)
    starts_on: date = column("The day, or the first day of the month, in the tenant's zone.", primary_key=True)
    s0: int = count("Answers with score 0.")
    s1: int = count("Answers with score 1.")
    s2: int = count("Answers with score 2.")
    s3: int = count("Answers with score 3.")
    s4: int = count("Answers with score 4.")
    s5: int = count("Answers with score 5.")
    s6: int = count("Answers with score 6.")
    s7: int = count("Answers with score 7.")
    s8: int = count("Answers with score 8.")
    s9: int = count("Answers with score 9.")
    s10: int = count("Answers with score 10.")
    promoters: int = count("Answers of 9 or 10 of which no more than that was kept.")
    passives: int = count("Answers of 7 or 8 of which no more than that was kept.")
    detractors: int = count("Answers of 0 to 6 of which no more than that was kept.")


class Tally(Counts, table=True):
    """Per cell and day: how many gave what. Written with the response; all a report reads."""

    __tablename__ = "tally"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        {"comment": "Per cell and day: how many gave what.", **COUNTED},
    )


class MonthTally(Counts, table=True):
    """The same counts per cell and calendar month, for long spans. Written with the day's tally."""

    __tablename__ = "month_tally"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        {"comment": "Per cell and calendar month: how many gave what.", **COUNTED},
    )


class Turnout(SQLModel, table=True):
    """Per cell and day of issue: how many were invited, have answered, and could not be reached."""

    __tablename__ = "turnout"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        {
            "comment": "Per cell and day of issue: invited, and how many of those answered or could not be reached.",
            **COUNTED,
        },
    )
    organisation_id: int = organisation_id()
    cell_id: UUID = column("Cell counted.", primary_key=True)
    starts_on: date = column("Day of issue, in the tenant's zone.", primary_key=True)
    invited: int = count("Invitations whose mail was handed over or refused, or whose link was given out.")
    answered: int = count("Of those, how many have answered.")
    undelivered: int = count("Of those, how many mails were refused or came back.")


class MonthTurnout(SQLModel, table=True):
    """The same three counts per cell and calendar month of issue, for long spans. Written with the day's turnout."""

    __tablename__ = "month_turnout"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        {
            "comment": "Per cell and calendar month of issue: invited, and how many of those answered or could not be "
            "reached.",
            **COUNTED,
        },
    )
    organisation_id: int = organisation_id()
    cell_id: UUID = column("Cell counted.", primary_key=True)
    starts_on: date = column("First day of the month of issue, in the tenant's zone.", primary_key=True)
    invited: int = count("Invitations whose mail was handed over or refused, or whose link was given out.")
    answered: int = count("Of those, how many have answered.")
    undelivered: int = count("Of those, how many mails were refused or came back.")


class Baseline(SQLModel, table=True):
    """A frozen reference. Frozen by an owner or analyst; never changed afterwards."""

    __tablename__ = "baseline"
    __table_args__ = (belongs(), {"comment": "A frozen reference estimate."})
    organisation_id: int = organisation_id()
    key: str = column("Slug, unique in the tenant.", primary_key=True, max_length=64)
    note: str = column("Why it was frozen, in its maker's words.", type_=sa.Text, default="")
    query: dict[str, Any] = column("The query that was frozen, as parsed.", type_=JSON)
    groups: list[Any] = column(
        "Per group: the group, its counts (of the scores 0 to 10, then of promoters, passives and detractors of which "
        "no more was kept), promoters, passives and detractors of each month, and whether answers of anonymous surveys "
        "are among them.",
        type_=JSON,
    )
    frozen_at: datetime = column("Instant it was frozen, UTC.", type_=UtcDateTime)
