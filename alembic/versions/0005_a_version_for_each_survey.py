"""A version for each survey."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("survey") as batch_op:
        batch_op.add_column(
            sa.Column(
                "version",
                sa.BigInteger(),
                server_default="0",
                nullable=False,
                comment="Random number, another one after each change of the survey or its questions; pages that were "
                "drawn are kept for as long as it stays.",
            )
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("survey") as batch_op:
        batch_op.drop_column("version")
