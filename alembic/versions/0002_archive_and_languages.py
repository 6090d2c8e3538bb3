"""Surveys, touchpoints and units may be archived; touchpoints have names and promises per language."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ARCHIVED = "Instant from which it is no longer offered or asked, UTC; null while it is."
TEXTS = {
    "names": "Language tag to the name in that language; `name` stands for the others.",
    "promises": "Language tag to the promise in that language; `promise` stands for the others.",
}


def upgrade() -> None:
    """Apply."""
    for table in ("unit", "touchpoint", "survey"):
        op.add_column(table, sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True, comment=ARCHIVED))
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    for name, comment in TEXTS.items():
        op.add_column("touchpoint", sa.Column(name, json, server_default="{}", nullable=False, comment=comment))


def downgrade() -> None:
    """Take back."""
    for name in TEXTS:
        op.drop_column("touchpoint", name)
    for table in ("survey", "touchpoint", "unit"):
        op.drop_column(table, "archived_at")
