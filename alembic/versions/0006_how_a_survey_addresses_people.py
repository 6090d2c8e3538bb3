"""How a survey addresses people."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COMMENT = "formal or informal: how people are addressed in languages that know the difference."


def upgrade() -> None:
    """Apply. Surveys that are there keep the formal address that their questions were worded in."""
    # In one statement: SQLite adds no constraint to a table later, and making the table anew would break references.
    op.execute(
        "ALTER TABLE survey ADD COLUMN address VARCHAR(8) DEFAULT 'formal' NOT NULL "
        "CONSTRAINT ck_survey_address CHECK (address IN ('formal', 'informal'))"
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"COMMENT ON COLUMN survey.address IS '{COMMENT}'")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE survey DROP COLUMN address")
