"""Who was invited: those whose mail went out count, and beside them those it did not reach."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = {"turnout": "day", "month_turnout": "calendar month"}
UNDELIVERED = "Of those, how many mails were refused or came back."
INVITED = "Invitations whose mail was handed over or refused, or whose link was given out."
ISSUED = "Invitations issued and not withheld."
THREE = "Per cell and {} of issue: invited, and how many of those answered or could not be reached."
TWO = "Per cell and {} of issue: invited, and how many of those answered."
# Of confidential surveys: a closed anonymous wave keeps what was counted then.
FAILED = "i.failed_at IS NOT NULL AND i.answered_at IS NULL"
WAITING = "i.deliver = 'email' AND i.sent_at IS NULL AND i.failed_at IS NULL AND i.answered_at IS NULL"
COUNT = """(
    SELECT COUNT(*) FROM invitation i JOIN survey s ON s.organisation_id = i.organisation_id AND s.key = i.survey_key
    WHERE i.organisation_id = turnout.organisation_id AND i.cell_id = turnout.cell_id
      AND i.invited_on = turnout.starts_on AND s.mode = 'confidential' AND i.withheld_reason IS NULL AND {which}
)"""
MONTH = """(
    SELECT COALESCE(SUM(t.{column}), 0) FROM turnout t
    WHERE t.organisation_id = month_turnout.organisation_id AND t.cell_id = month_turnout.cell_id
      AND t.starts_on >= month_turnout.starts_on AND t.starts_on < {next_month}
)"""


def upgrade() -> None:
    """Apply."""
    for table in TABLES:
        column = sa.Column("undelivered", sa.Integer(), server_default="0", nullable=False, comment=UNDELIVERED)
        op.add_column(table, column)
    waiting, failed = (COUNT.format(which=which) for which in (WAITING, FAILED))
    op.execute(f"UPDATE turnout SET invited = invited - {waiting}, undelivered = {failed}")  # noqa: S608 - no input
    _add_up_months()
    _comment(INVITED, THREE)


def downgrade() -> None:
    """Undo."""
    op.execute(f"UPDATE turnout SET invited = invited + {COUNT.format(which=WAITING)}")  # noqa: S608 - no input
    _add_up_months()
    for table in TABLES:
        op.drop_column(table, "undelivered")
    _comment(ISSUED, TWO)


def _add_up_months() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    next_month = (
        "date(month_turnout.starts_on, '+1 month')" if sqlite else "month_turnout.starts_on + INTERVAL '1 month'"
    )
    columns = ("invited", "undelivered")
    sums = ", ".join(f"{column} = {MONTH.format(column=column, next_month=next_month)}" for column in columns)
    op.execute(f"UPDATE month_turnout SET {sums}")  # noqa: S608 - no input


def _comment(invited: str, about: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, grain in TABLES.items():
        op.alter_column(table, "invited", comment=invited)
        op.create_table_comment(table, about.format(grain))
