"""Nobody knows who answered: ballots under keyed hashes, nothing noted on invitations, participants under hashes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OPEN = sa.text("SELECT key FROM wave WHERE floor IS NOT NULL AND closed_at IS NULL ORDER BY key")
INSTANT = sa.DateTime(timezone=True)
WAVE = (
    (
        "participation_counts",
        JSON,
        "Pairs of a unit under which participation is shown and how many had answered at `participation_at`; null on confidential surveys.",
    ),
    (
        "participation_at",
        INSTANT,
        "Instant participation was counted last, at most once a day while an anonymous wave is open, UTC.",
    ),
    ("answered_count", sa.Integer(), "How many had answered an anonymous wave when it closed."),
    (
        "secret_check",
        sa.LargeBinary(),
        "Beginning of a keyed hash that tells under which of the secrets an anonymous wave was opened.",
    ),
    (
        "log_position",
        sa.String(length=32),
        "Position in PostgreSQL's write-ahead log behind which nothing of the urn was written; swept once the log no longer holds what came before.",
    ),
)
WITHOUT = "Whether the owner has it released though earlier waves are there that it cannot be compared with."
ANONYMOUS = "Whether it is of an anonymous wave: then nothing of an answer is ever noted here."
FORMER = "On anonymous surveys, once the person was erased: keyed hash of their ref, for as long as the wave is kept, so that waves can be compared."
FORMER_BEFORE = "Random number that the anonymous invitations of somebody have in common who was erased while a wave that asked them was open, until it closes."
ANSWERED_ON = (
    "Day of the answer, in the tenant's zone; only on anonymous surveys, so that nobody answers twice or is reminded."
)
FIRST_REF = "The ref it was made with, where that was changed since: anonymous waves know people by it."
TENANT = "Tenant the row belongs to; first in every key."


def upgrade() -> None:
    """Apply. Raises RuntimeError while an anonymous wave is open, since who has answered would be forgotten."""
    if open_ := list(op.get_bind().execute(OPEN).scalars()):
        raise RuntimeError(
            f"Close {', '.join(open_)} with the release before: anonymous waves cannot be open meanwhile."
        )
    for name, type_, comment in WAVE:
        op.add_column("wave", sa.Column(name, type_, nullable=True, comment=comment))
    op.add_column(
        "wave",
        sa.Column("without_comparison", sa.Boolean(), server_default=sa.false(), nullable=False, comment=WITHOUT),
    )
    op.add_column("contact", sa.Column("first_ref", sa.String(length=320), nullable=True, comment=FIRST_REF))
    op.add_column(
        "invitation", sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False, comment=ANONYMOUS)
    )
    anonymous = "SELECT 1 FROM wave w WHERE w.organisation_id = invitation.organisation_id AND w.key = invitation.wave_key AND w.floor IS NOT NULL"
    op.execute(f"UPDATE invitation SET anonymous = true, former_id = NULL WHERE EXISTS ({anonymous})")  # noqa: S608 - no input
    counted = "SELECT count(*) FROM invitation i WHERE i.organisation_id = wave.organisation_id AND i.wave_key = wave.key AND i.answered_on IS NOT NULL"
    op.execute(f"UPDATE wave SET answered_count = ({counted}) WHERE floor IS NOT NULL")  # noqa: S608 - no input
    op.drop_column("invitation", "answered_on")
    _comment_on_former(FORMER)
    op.drop_table("ballot")
    _make_ballot("Keyed hash of the invitation.", "organisation_id", "id")
    op.create_table(
        "wave_participant",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False, comment=TENANT),
        sa.Column("wave_key", sa.String(length=64), nullable=False, comment="Wave that was answered."),
        sa.Column("person", sa.Uuid(), nullable=False, comment="Keyed hash of the person's ref."),
        sa.Column("cell_id", sa.Uuid(), nullable=False, comment="Merged cell that counts them."),
        sa.Column("known", sa.Boolean(), nullable=False, comment="Whether the person counts towards a difference: known long enough, and not erased meanwhile."),
        sa.ForeignKeyConstraint(
            ["organisation_id", "wave_key"], ["wave.organisation_id", "wave.key"],
            name=op.f("fk_wave_participant_organisation_id_wave_key_wave"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "wave_key", "person", name=op.f("pk_wave_participant")),
        comment="Somebody who answered a released anonymous wave, under a keyed hash.",
        sqlite_with_rowid=False,
    )  # fmt: skip


def downgrade() -> None:
    """Take back; what was answered in waves since cannot be told any more, so they are compared with no later one."""
    if open_ := list(op.get_bind().execute(OPEN).scalars()):
        raise RuntimeError(f"Close {', '.join(open_)} first: anonymous waves cannot be open meanwhile.")
    op.drop_table("wave_participant")
    op.drop_table("ballot")
    _make_ballot("Sixteen random bytes.", "organisation_id", "cell_id", "id")
    op.add_column("invitation", sa.Column("answered_on", sa.Date(), nullable=True, comment=ANSWERED_ON))
    op.execute("UPDATE invitation SET former_id = NULL WHERE former_id IS NOT NULL")
    _comment_on_former(FORMER_BEFORE)
    op.drop_column("invitation", "anonymous")
    op.drop_column("contact", "first_ref")
    for name in ("without_comparison", *(name for name, _, _ in reversed(WAVE))):
        op.drop_column("wave", name)


def _comment_on_former(comment: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("invitation", "former_id", comment=comment)


def _make_ballot(id_: str, *key: str) -> None:
    op.create_table(
        "ballot",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False, comment=TENANT),
        sa.Column("id", sa.Uuid(), nullable=False, comment=id_),
        sa.Column("cell_id", sa.Uuid(), nullable=False, comment="Cell of the respondent: unit and declared segments."),
        sa.Column("score", sa.SmallInteger(), nullable=False, comment="0 to 10."),
        sa.Column("comment", sa.Text(), nullable=True, comment="The respondent's own words."),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_ballot_score")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_ballot_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_ballot")),
        comment="One anonymous answer in the urn of an open wave.",
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # Samples of the values would outlive the rows in pg_statistic.
        for column in ("cell_id", "id", "score", "comment"):
            op.execute(f"ALTER TABLE ballot ALTER COLUMN {column} SET STATISTICS 0")
