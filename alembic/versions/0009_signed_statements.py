"""Signed statements of anonymous waves, waves that are let forget, and no refs of people who are not there any more."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TENANT = "Tenant the row belongs to; first in every key."
FORGOTTEN = "Instant an owner let it forget who took part and what they answered, UTC."
WAVE = sa.table(
    "wave", sa.column("organisation_id"), sa.column("key"), sa.column("contacts", JSON), sa.column("invited_at")
)
CONTACT = sa.table("contact", sa.column("organisation_id"), sa.column("ref"), sa.column("first_ref"))


def upgrade() -> None:
    """Apply. Of waves that have opened, refs are left out that name nobody: they are of people who were erased."""
    op.create_table(
        "wave_statement",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False, comment=TENANT),
        sa.Column("wave_key", sa.String(length=64), nullable=False, comment="Wave that has closed."),
        sa.Column("statement", sa.Text(), nullable=False, comment="JSON in canonical form (RFC 8785), as it was signed."),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="Ed25519 signature of the statement in UTF-8, 64 bytes."),
        sa.Column("signed_with", sa.String(length=43), nullable=False, comment="Thumbprint of the public key (RFC 7638)."),
        sa.ForeignKeyConstraint(
            ["organisation_id", "wave_key"], ["wave.organisation_id", "wave.key"],
            name=op.f("fk_wave_statement_organisation_id_wave_key_wave"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "wave_key", name=op.f("pk_wave_statement")),
        comment="What an anonymous wave said of itself as it closed, signed.",
    )  # fmt: skip
    op.add_column("wave", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True, comment=FORGOTTEN))
    _leave_out_erased()


def downgrade() -> None:
    """Take back."""
    op.drop_column("wave", "forgotten_at")
    op.drop_table("wave_statement")


def _leave_out_erased() -> None:
    bind, w, c = op.get_bind(), WAVE.c, CONTACT.c
    opened = sa.select(w.organisation_id, w.key, w.contacts).where(w.invited_at.is_not(None))
    refs: dict[int, set[str]] = {}
    for organisation, key, choice in bind.execute(opened).all():
        if "refs" not in choice:
            continue
        if organisation not in refs:
            rows = bind.execute(sa.select(c.ref, c.first_ref).where(c.organisation_id == organisation))
            refs[organisation] = {ref for row in rows for ref in row if ref is not None}
        kept = [ref for ref in choice["refs"] if {ref, ref.lower() if "@" in ref else ref} & refs[organisation]]
        if kept != choice["refs"]:
            bind.execute(
                sa.update(WAVE)
                .where(w.organisation_id == organisation, w.key == key)
                .values(contacts={**choice, "refs": kept})
            )
