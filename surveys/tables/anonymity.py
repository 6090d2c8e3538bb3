"""Tables of anonymous surveys: the urn while a wave is open, and what is left of it once it has closed."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from surveys.tables.columns import belongs, column, organisation_id, refers
from surveys.tables.organisations import one_of

SIDES = ("promoter", "passive", "detractor")


class Ballot(SQLModel, table=True):
    """One anonymous answer in the urn of an open wave. Nobody reads it; closing empties the urn.

    The id is a keyed hash of the invitation: the primary key refuses a second answer, and only who has the secret,
    which is not in the database, can tell whose it is.

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
    id: UUID = column("Keyed hash of the invitation.", primary_key=True)
    cell_id: UUID = column("Cell of the respondent: unit and declared segments.")
    score: int = column("0 to 10.", type_=sa.SmallInteger)
    comment: str | None = column("The respondent's own words.", type_=sa.Text, default=None)


class WaveParticipant(SQLModel, table=True):
    """Somebody who answered a released anonymous wave, under a keyed hash, so that later waves can be compared with it.

    Whoever has the database alone cannot tell who it is. Written when the wave closes, in the order of the hashes.
    """

    __tablename__ = "wave_participant"
    __table_args__ = (
        refers("wave", "wave_key"),
        {"comment": "Somebody who answered a released anonymous wave, under a keyed hash.", "sqlite_with_rowid": False},
    )
    organisation_id: int = organisation_id()
    wave_key: str = column("Wave that was answered.", primary_key=True, max_length=64)
    person: UUID = column("Keyed hash of the person's ref.", primary_key=True)
    cell_id: UUID = column("Merged cell that counts them.")
    known: bool = column("Whether the person counts towards a difference: known long enough, and not erased meanwhile.")


class WaveStatement(SQLModel, table=True):
    """What an anonymous wave said of itself as it closed, signed. Anybody may read it; nobody changes it afterwards."""

    __tablename__ = "wave_statement"
    __table_args__ = (
        refers("wave", "wave_key"),
        {"comment": "What an anonymous wave said of itself as it closed, signed."},
    )
    organisation_id: int = organisation_id()
    wave_key: str = column("Wave that has closed.", primary_key=True, max_length=64)
    statement: str = column("JSON in canonical form (RFC 8785), as it was signed.", type_=sa.Text)
    signature: bytes = column("Ed25519 signature of the statement in UTF-8, 64 bytes.", type_=sa.LargeBinary)
    signed_with: str = column("Thumbprint of the public key (RFC 7638).", max_length=43)


class AnonymousScore(SQLModel, table=True):
    """One answer of a closed wave, in a cell of at least k. What its tallies count; nothing reads it but a recount.

    It holds the score or, of waves that keep groups instead of scores, the category and nothing finer. The id is drawn
    when the wave closes; rows are written in the order of their ids.
    """

    __tablename__ = "anonymous_score"
    __table_args__ = (
        refers("cell", "cell_id", to=("id",)),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        one_of("category", "category", SIDES),
        sa.CheckConstraint("(score IS NULL) <> (category IS NULL)", name="score_or_category"),
        {"comment": "One score, or its category, of a closed anonymous wave.", "sqlite_with_rowid": False},
    )
    organisation_id: int = organisation_id()
    cell_id: UUID = column("Cell it counts in.", primary_key=True)
    id: UUID = column("Sixteen random bytes, drawn when the wave closed.", primary_key=True)
    score: int | None = column("0 to 10; null where only the category is kept.", type_=sa.SmallInteger, default=None)
    category: str | None = column(
        "promoter (9, 10), passive (7, 8) or detractor (0 to 6), of waves that keep no more; else null.",
        default=None,
        max_length=16,
    )


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
