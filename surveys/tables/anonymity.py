"""Tables of anonymous surveys: the urn while a wave is open, and what is left of it once it has closed."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import belongs, column, organisation_id, refers


class Ballot(SQLModel, table=True):
    """One anonymous answer in the urn of an open wave. Nobody reads it; closing empties the urn.

    No reference to the cell: checking one would mark the cell with the transaction that answered last.
    Statistics are not gathered on it, since PostgreSQL would keep samples of its values after it is gone.
    """

    __tablename__ = "ballot"
    __table_args__ = (
        belongs(),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        {"comment": "One anonymous answer in the urn of an open wave.", "sqlite_with_rowid": False},
    )
    organisation_id: int = organisation_id()
    cell_id: UUID = column("Cell of the respondent: unit and declared segments.", primary_key=True)
    id: UUID = column("Sixteen random bytes.", primary_key=True)
    score: int = column("0 to 10.", type_=sa.SmallInteger)
    comment: str | None = column("The respondent's own words.", type_=sa.Text, default=None)


class AnonymousScore(SQLModel, table=True):
    """One score of a closed wave, in a cell of at least k. What its tallies count; nothing reads it but a recount.

    The id is drawn when the wave closes; rows are written in the order of their ids.
    """

    __tablename__ = "anonymous_score"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        {"comment": "One score of a closed anonymous wave.", "sqlite_with_rowid": False},
    )
    organisation_id: int = organisation_id()
    cell_id: UUID = column("Cell it counts in.", primary_key=True)
    id: UUID = column("Sixteen random bytes, drawn when the wave closed.", primary_key=True)
    score: int = column("0 to 10.", type_=sa.SmallInteger)


class AnonymousComment(SQLModel, table=True):
    """The words of one respondent of a closed wave, apart from the score. Every role reads it, a manager of their unit.

    Kept only where the cell has as many responses as comments need; the others are deleted when the wave closes.
    """

    __tablename__ = "anonymous_comment"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        {"comment": "The words of one respondent of a closed anonymous wave.", "sqlite_with_rowid": False},
    )
    organisation_id: int = organisation_id()
    cell_id: UUID = column("Cell of its respondent, of at least as many responses as comments need.", primary_key=True)
    id: UUID = column("Sixteen random bytes, drawn when the wave closed; no score has the same.", primary_key=True)
    comment: str = column("The respondent's own words.", type_=sa.Text)
