"""What is kept of a score when an anonymous wave closes: the score, or the group it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_SURVEY = "What an anonymous survey keeps of a score when a wave closes: scores, or groups (promoter, passive or detractor); where null, groups for waves of fewer than 100 asked."
OF_WAVE = "What is kept of each score when it closes: scores, or groups (promoter, passive or detractor); frozen when the wave opened, null on confidential surveys."
COUNTS = {
    "promoters": "Answers of 9 or 10 of which no more than that was kept.",
    "passives": "Answers of 7 or 8 of which no more than that was kept.",
    "detractors": "Answers of 0 to 6 of which no more than that was kept.",
}
TALLIES = {
    "tally": ("Per cell and day: how many gave 0, 1, ... 10.", "Per cell and day: how many gave what."),
    "month_tally": (
        "Per cell and calendar month: how many gave 0, 1, ... 10.",
        "Per cell and calendar month: how many gave what.",
    ),
}
ANSWER = ("One score of a closed anonymous wave.", "One score, or its category, of a closed anonymous wave.")
SCORE = ("0 to 10.", "0 to 10; null where only the category is kept.")
CATEGORY = "promoter (9, 10), passive (7, 8) or detractor (0 to 6), of waves that keep no more; else null."
OF_BASELINE = (
    "Per group: the group, its eleven counts, and whether answers of anonymous surveys are among them.",
    "Per group: the group, its counts (of the scores 0 to 10, then of promoters, passives and detractors of which no more was kept), promoters, passives and detractors of each month, and whether answers of anonymous surveys are among them.",
)
A_CATEGORY = sa.text("category IN ('promoter', 'passive', 'detractor')")
ONE_OF_TWO = sa.text("(score IS NULL) <> (category IS NULL)")
GROUPED = sa.text("SELECT key FROM wave WHERE scores = 'groups' ORDER BY key")


def upgrade() -> None:
    """Apply. Waves that were opened before keep scores, as people were told."""
    for table, comment in (("survey", OF_SURVEY), ("wave", OF_WAVE)):
        # In one statement: SQLite adds no constraint to a table later, and making it anew would break references.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN scores VARCHAR(8) "
            f"CONSTRAINT ck_{table}_scores CHECK (scores IN ('groups', 'scores'))"
        )
        _comment(f"COLUMN {table}.scores", comment)
    op.execute("UPDATE wave SET scores = 'scores' WHERE floor IS NOT NULL")
    for table, (_, comment) in TALLIES.items():
        for name, meaning in COUNTS.items():
            op.add_column(table, sa.Column(name, sa.Integer(), server_default="0", nullable=False, comment=meaning))
        _comment(f"TABLE {table}", comment)
    _comment("COLUMN baseline.groups", OF_BASELINE[1])
    if _postgresql():
        op.alter_column("anonymous_score", "score", nullable=True)
        op.add_column("anonymous_score", sa.Column("category", sa.String(length=16), nullable=True, comment=CATEGORY))
        op.create_check_constraint(op.f("ck_anonymous_score_category"), "anonymous_score", A_CATEGORY)
        op.create_check_constraint(op.f("ck_anonymous_score_score_or_category"), "anonymous_score", ONE_OF_TWO)
        _comment("TABLE anonymous_score", ANSWER[1])
        _comment("COLUMN anonymous_score.score", SCORE[1])
    else:
        _make_anew(
            sa.Column("score", sa.SmallInteger(), nullable=True),
            sa.Column("category", sa.String(length=16), nullable=True),
            sa.CheckConstraint(A_CATEGORY, name=op.f("ck_anonymous_score_category")),
            sa.CheckConstraint(ONE_OF_TWO, name=op.f("ck_anonymous_score_score_or_category")),
        )


def downgrade() -> None:
    """Take back. Raises RuntimeError where a wave keeps groups: there are no scores that its answers could be."""
    if grouped := list(op.get_bind().execute(GROUPED).scalars()):
        raise RuntimeError(f"Nothing before can count {', '.join(grouped)}, which keep groups instead of scores.")
    if _postgresql():
        op.drop_constraint(op.f("ck_anonymous_score_score_or_category"), "anonymous_score")
        op.drop_column("anonymous_score", "category")
        op.alter_column("anonymous_score", "score", nullable=False)
        _comment("TABLE anonymous_score", ANSWER[0])
        _comment("COLUMN anonymous_score.score", SCORE[0])
    else:
        _make_anew(sa.Column("score", sa.SmallInteger(), nullable=False))
    _comment("COLUMN baseline.groups", OF_BASELINE[0])
    for table, (comment, _) in TALLIES.items():
        _comment(f"TABLE {table}", comment)
        for name in COUNTS:
            op.drop_column(table, name)
    for table in ("wave", "survey"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN scores")


def _make_anew(*further: sa.Column[object] | sa.CheckConstraint) -> None:
    """SQLite changes no column of a table: it is written anew, in the order of its key. Nothing refers to it."""
    op.rename_table("anonymous_score", "anonymous_score_before")
    op.create_table(
        "anonymous_score",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("cell_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *further,
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_anonymous_score_score")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "cell_id"], ["cell.organisation_id", "cell.id"],
            name=op.f("fk_anonymous_score_organisation_id_cell_id_cell"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "cell_id", "id", name=op.f("pk_anonymous_score")),
        sqlite_with_rowid=False,
    )  # fmt: skip
    kept = "organisation_id, cell_id, id, score"
    op.execute(
        f"INSERT INTO anonymous_score ({kept}) SELECT {kept} FROM anonymous_score_before "  # noqa: S608 - no input
        "ORDER BY organisation_id, cell_id, id"
    )
    op.drop_table("anonymous_score_before")


def _comment(of: str, words: str) -> None:
    if _postgresql():
        op.execute(f"COMMENT ON {of} IS '{words}'")


def _postgresql() -> bool:
    return bool(op.get_context().dialect.name == "postgresql")
