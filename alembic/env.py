"""Runs migrations on the connection that `soundings migrate` or a test hands over."""

from typing import Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

import culture.tables  # noqa: F401 - its tables join the metadata
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
        from app.database import Database
        from app.settings import Settings

        database = Database(Settings().database_url)
        with database.writer.begin() as opened:
            migrate(opened)
        return
    migrate(connection)


def migrate(connection: object) -> None:
    """Run the chosen migrations on one connection."""
    context.configure(
        connection=connection,  # type: ignore[arg-type]
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
