"""Sign-ins, so that signing out holds on the server."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sign_in",
        sa.Column(
            "organisation_id",
            sa.BigInteger(),
            nullable=False,
            comment="Tenant the row belongs to; first in every key.",
        ),
        sa.Column("id", sa.Uuid(), nullable=False, comment="Sixteen random bytes, part of the cookie."),
        sa.Column("key_id", sa.Uuid(), nullable=False, comment="Key that was pasted."),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False, comment="Instant of signing in, UTC."),
        sa.ForeignKeyConstraint(
            ["organisation_id", "key_id"],
            ["api_key.organisation_id", "api_key.id"],
            name=op.f("fk_sign_in_organisation_id_key_id_api_key"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_sign_in")),
        comment="A browser that signed in with a key.",
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_in_organisation_id_signed_in_at"), ["organisation_id", "signed_in_at"], unique=False
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_organisation_id_signed_in_at"))
    op.drop_table("sign_in")
