"""Brings a database to the schema of this release; migrations are the only way a schema comes about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from surveys.facts import Refused

APP = Path(__file__).resolve().parents[1]
# In a wheel the scripts lie inside `app`; in a checkout beside it, in a folder named like the library.
SCRIPTS = next(folder for folder in (APP / "alembic", APP.parent / "alembic") if (folder / "env.py").is_file())
ADVISORY_LOCK = 0x50D1465  # any number that no other program takes in the same database
LOCK_SECONDS = 5.0
IN_USE = "The database is in use and could not be changed within a few seconds. Nothing has happened; try again."


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["connection"] = connection
    return made


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Move the schema up, or down to an earlier revision, in one transaction, while nobody else does.

    Raises Refused, with nothing changed, where somebody keeps using what has to change.
    """
    try:
        with alone(engine) as connection:
            if connection.dialect.name == "sqlite":
                # Batch migrations rebuild tables; references are checked again on the next connection.
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            current = current_revision(connection)
            revisions = [r.revision for r in ScriptDirectory.from_config(config()).walk_revisions()]
            down = revision == "base" or (
                current in revisions and revision in revisions and revisions.index(revision) > revisions.index(current)
            )
            (command.downgrade if down else command.upgrade)(config(connection), revision)
    except sa.exc.OperationalError as error:
        if not _in_use(error):
            raise
        raise Refused(IN_USE) from None


@contextmanager
def alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction for migrating; whoever comes second waits for as long as the first one takes."""
    if engine.dialect.name == "sqlite":
        # SQLite lets the second one wait for 30 seconds only, so a file beside the database is locked.
        with _locked(engine.url.database), engine.begin() as connection:
            yield connection
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        yield connection


@contextmanager
def _locked(database: str | None) -> Iterator[None]:
    """Hold the lock file of an SQLite file. It stays, for another one may be waiting for it; the lock does not."""
    if not database or database == ":memory:":
        yield
        return
    import fcntl

    with Path(f"{database}.migrating").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _in_use(error: sa.exc.OperationalError) -> bool:
    """Whether somebody else's lock was in the way: SQLSTATE 55P03, or SQLite's BUSY."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return state in ("55P03", "SQLITE_BUSY")


def current_revision(connection: sa.Connection) -> str | None:
    """The revision the database is at, or None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The revision this release expects."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None  # noqa: S101 - the first migration ships with the code
    return head
