"""Checks of the database: reachable, at this release's schema, durable, and its counts right."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlmodel import col

from app.checkup import anonymity
from app.checkup.finding import Finding, fail, ok, warn
from app.settings import SecretMissing, Settings
from app.storage import migrations
from app.storage.database import Database
from surveys.responses import tallies
from surveys.tables import Organisation

SKEW_SECONDS = 2.0
MOST_SKEW_SECONDS = 30.0
MIGRATE = "Run: soundings migrate"


def sqlite_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None where no such database is named."""
    try:
        url = sa.make_url(settings.database_url)
    except ArgumentError:
        return None
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def findings(settings: Settings, now: datetime, *, recount: bool) -> Iterator[Finding]:
    """Look at the database; what comes later is left out where it cannot be reached."""
    try:
        file = sqlite_file(settings)
        if file is not None and not file.exists():  # connecting would make it
            yield fail("database", f"there is no file {file}", MIGRATE)
            return
        database = Database(settings.database_url)
    except (SQLAlchemyError, OSError, ImportError) as error:
        yield fail("database", f"SOUNDINGS_DATABASE_URL cannot be used ({type(error).__name__})",
                   "Set it to sqlite:///path or postgresql://user:password@host/name")  # fmt: skip
        return
    try:
        with database.reader.connect() as connection:
            yield ok("database", f"{database.dialect} is reachable")
            schema = _schema(connection)
            yield schema
            yield _durability(connection)
            yield _skew(connection, now)
        if schema.state == "ok":
            with database.reading() as session:
                yield from anonymity.findings(session, now, _secrets(settings))
        if recount and schema.state == "ok":
            yield from _recount(database)
    except (SQLAlchemyError, OSError) as error:
        detail = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        yield fail("database", f"it cannot be reached: {detail}",
                   "See that it runs, and that SOUNDINGS_DATABASE_URL names it with the right user.")  # fmt: skip
    finally:
        database.close()


def _secrets(settings: Settings) -> list[bytes]:
    """None where they are wrong, which has a finding of its own."""
    try:
        return settings.secrets
    except SecretMissing:
        return []


def _schema(connection: sa.Connection) -> Finding:
    current, head = migrations.current_revision(connection), migrations.head_revision()
    if current == head:
        return ok("schema", f"at this release's revision, {head}")
    known = {r.revision for r in ScriptDirectory.from_config(migrations.config()).walk_revisions()}
    if current in known or current is None:
        return fail("schema", f"at revision {current or 'none'}, this release needs {head}", MIGRATE)
    return fail("schema", f"at revision {current}, which this release does not know",
                "A later release made it. Run that release, or go back with its 'soundings migrate --to'.")  # fmt: skip


def _durability(connection: sa.Connection) -> Finding:
    if connection.dialect.name == "sqlite":
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        if mode == "wal":
            return ok("durability", "write-ahead log, synced at every commit")
        return fail("durability", f"the journal mode is '{mode}': SQLite could not switch its write-ahead log on",
                    "Put the file on a local disk; network file systems cannot hold it.")  # fmt: skip
    off = [
        name
        for name in ("fsync", "synchronous_commit", "full_page_writes")
        if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"
    ]
    if not off:
        return ok("durability", "synced at every commit")
    return fail("durability", f"{' and '.join(off)} is off: an acknowledged answer could be lost",
                "Switch it on in postgresql.conf, for the database or for the user.")  # fmt: skip


def _skew(connection: sa.Connection, now: datetime) -> Finding:
    if connection.dialect.name == "sqlite":
        return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, the database uses the same")
    seconds = abs((connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one() - now).total_seconds())
    detail, remedy = (
        f"{seconds:.1f} s away from the database's",
        "Keep both machines in step (chrony, systemd-timesyncd).",
    )
    if seconds > MOST_SKEW_SECONDS:
        return fail("clock", detail, remedy)
    return warn("clock", detail, remedy) if seconds > SKEW_SECONDS else ok("clock", detail)


def _recount(database: Database) -> Iterator[Finding]:
    with database.reading() as session:
        for number, key in session.execute(sa.select(col(Organisation.id), col(Organisation.key))).all():
            differing = len(tallies.check(session, number))
            if differing:
                yield fail("tallies", f"{differing} of '{key}' differ from a recount of its responses",
                           f"Run: soundings tallies repair --organisation {key}")  # fmt: skip
            else:
                yield ok("tallies", f"those of '{key}' equal a recount of its responses")
