"""Runs migrations on the connection that `soundings migrate` or a test hands over."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

import culture.tables  # noqa: F401 - its tables join the metadata
from app.storage.migrations import LOCK_SECONDS, alone
from surveys.tables import metadata
from surveys.tables.columns import UtcDateTime


def include(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave out tables that are not ours."""
    return not (type_ == "table" and name is not None and name not in metadata.tables)


def render(type_: str, item: object, _context: object) -> str | Literal[False]:
    """Write library and project types as the plain ones underneath, so that old migrations never import code."""
    if type_ == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate inside the caller's transaction."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        from app.settings import Settings
        from app.storage.database import Database

        database = Database(Settings().database_url)
        with alone(database.writer) as opened:
            migrate(opened)
        return
    migrate(connection)


def migrate(connection: sa.Connection) -> None:
    """Run the chosen migrations on one connection."""
    if connection.dialect.name == "postgresql":
        # A statement that waits for a table makes everybody after it wait too: give up rather than stop the service.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(1000 * LOCK_SECONDS)}")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        include_object=include,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
