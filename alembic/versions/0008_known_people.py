"""Known people: since when somebody has to be known to count, what was done to a wave's people, and a second key."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DAYS = "Days before an anonymous wave opens since when people have to be known to count for its floors, 0 to 365."
WAVE = (
    (
        "known_days",
        sa.Integer(),
        "Days before opening since when people count for the floors, frozen then; null on confidential surveys.",
    ),
    ("asked_count", sa.Integer(), "How many an anonymous wave asked as it opened."),
    ("known_count", sa.Integer(), "Of those asked, how many were known for `known_days`."),
    ("added_count", sa.Integer(), "Of those asked, how many had been added within a day of opening."),
    ("known_answered_count", sa.Integer(), "How many known people had answered when it closed."),
    ("made_by", sa.Uuid(), "Key that planned it; null for an administrator's command."),
    ("confirmed_by", sa.Uuid(), "Key that confirmed it."),
    ("confirmed_at", sa.DateTime(timezone=True), "Instant it was confirmed, UTC."),
)
NEEDS = "Whether a second key has to confirm it before it opens."
KNOWN = "Whether the person was known for the wave's `known_days` when it opened."


def upgrade() -> None:
    """Apply. Who was asked anonymously before counts as known, as they did when they were asked."""
    # In one statement: SQLite adds no constraint to a table later, and making the table anew would break references.
    op.execute(
        "ALTER TABLE survey ADD COLUMN known_days INTEGER DEFAULT '14' NOT NULL "
        "CONSTRAINT ck_survey_known_days CHECK (known_days BETWEEN 0 AND 365)"
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"COMMENT ON COLUMN survey.known_days IS '{DAYS}'")
    for name, type_, comment in WAVE:
        op.add_column("wave", sa.Column(name, type_, nullable=True, comment=comment))
    op.add_column(
        "wave",
        sa.Column("needs_confirmation", sa.Boolean(), server_default=sa.false(), nullable=False, comment=NEEDS),
    )
    op.add_column(
        "invitation", sa.Column("known", sa.Boolean(), server_default=sa.false(), nullable=False, comment=KNOWN)
    )
    op.execute("UPDATE invitation SET known = true WHERE anonymous AND withheld_reason IS NULL")
    op.execute("UPDATE wave SET known_days = 0 WHERE floor IS NOT NULL AND closed_at IS NULL")


def downgrade() -> None:
    """Take back."""
    op.drop_column("invitation", "known")
    for name in ("needs_confirmation", *(name for name, _, _ in reversed(WAVE))):
        op.drop_column("wave", name)
    op.execute("ALTER TABLE survey DROP COLUMN known_days")
