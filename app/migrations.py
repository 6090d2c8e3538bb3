"""Brings a database to the schema of this release; migrations are the only way a schema comes about."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

SCRIPTS = Path(__file__).resolve().parents[1] / "alembic"


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["connection"] = connection
    return made


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Move the schema up, or down to an earlier revision, in one transaction."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # Batch migrations rebuild tables; references are checked again on the next connection.
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        current = current_revision(connection)
        revisions = [r.revision for r in ScriptDirectory.from_config(config()).walk_revisions()]
        down = revision == "base" or (
            current in revisions and revision in revisions and revisions.index(revision) > revisions.index(current)
        )
        (command.downgrade if down else command.upgrade)(config(connection), revision)


def current_revision(connection: sa.Connection) -> str | None:
    """The revision the database is at, or None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The revision this release expects."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None  # noqa: S101 - the first migration ships with the code
    return head
