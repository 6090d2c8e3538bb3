"""A copy of the whole database, as whoever steals it has it: every row with where it lies, and every byte."""

import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.database import Database

Row = dict[str, Any]
ABOUT_VALUES = ("pg_stats", "pg_statistic_ext_data", "pg_stat_activity", "pg_stat_all_tables", "pg_prepared_xacts")


@dataclass(frozen=True)
class Dump:
    """The files by name, the rows of each table in the order of their storage, and what else the server tells.

    On PostgreSQL each row has its ctid as a pair, xmin, xmax, cmin and cmax; on SQLite the rowid, where there is one.
    """

    files: dict[str, bytes]
    tables: dict[str, list[Row]]
    told: bytes = b""

    def holds(self, sought: bytes) -> list[str]:
        """The files in which these bytes are found, and `told` where they are in what the server tells."""
        return [name for name, content in (*self.files.items(), ("told", self.told)) if sought in content]

    def holds_id(self, id_: UUID) -> list[str]:
        """The same for an id, in any form a database has for it."""
        forms = (id_.bytes, id_.hex.encode(), str(id_).encode(), id_.hex.upper().encode())
        return sorted({name for form in forms for name in self.holds(form)})

    def offset(self, table: str, id_: UUID) -> tuple[str, int]:
        """The file and the byte where the row with this id lies."""
        for name in sorted(self.files):
            for form in (id_.hex.encode(), id_.bytes):
                if (found := self.files[name].find(form)) >= 0:
                    return name, found
        raise LookupError(f"no file holds {id_} of {table}")


def steal(database: Database) -> Dump:
    """Copy everything that is stored."""
    if database.dialect == "sqlite":
        return _sqlite(Path(str(database.url.database)))
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return _postgresql(connection)


def _sqlite(path: Path) -> Dump:
    files = {
        name: Path(f"{path}{name}").read_bytes() for name in ("", "-wal", "-shm") if Path(f"{path}{name}").exists()
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in ("", "-wal"):
            Path(folder, f"copy{name}").write_bytes(files.get(name, b""))
        connection = sqlite3.connect(Path(folder, "copy"))
        connection.row_factory = sqlite3.Row
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {name: [dict(row) for row in _stored(connection, name, sql)] for name, sql in made}
        connection.close()
    return Dump({f"db{name}": content for name, content in files.items()}, tables)


def _stored(connection: sqlite3.Connection, name: str, sql: str) -> Iterable[Any]:
    rowid = "" if "WITHOUT ROWID" in sql.upper() else "rowid, "
    return connection.execute(f'SELECT {rowid}* FROM "{name}" NOT INDEXED')  # noqa: S608 - our own table


def _postgresql(connection: sa.Connection) -> Dump:
    connection.exec_driver_sql("CHECKPOINT")
    folder = (
        "base/"
        + connection.exec_driver_sql(
            "SELECT oid::text FROM pg_database WHERE datname = current_database()"
        ).scalar_one()
    )
    listed = connection.execute(
        sa.text("SELECT name, pg_read_binary_file(:folder || '/' || name) FROM pg_ls_dir(:folder) AS name"),
        {"folder": folder},
    )
    files = {name: bytes(content) for name, content in listed}
    tables = {name: _versions(connection, name) for name in sa.inspect(connection).get_table_names()}
    extra = ["pg_stat_statements"] if _exists(connection, "pg_stat_statements") else []
    told = [_told(connection, view) for view in (*ABOUT_VALUES, *extra)]
    return Dump(files, tables, b"\n".join(told))


def _versions(connection: sa.Connection, table: str) -> list[Row]:
    rows = connection.exec_driver_sql(
        f'SELECT ctid::text, xmin::text, xmax::text, cmin::text, cmax::text, * FROM "{table}"'  # noqa: S608 - our own
    ).mappings()
    return sorted(({**row, "ctid": _place(row["ctid"])} for row in rows), key=lambda row: row["ctid"])


def _place(ctid: str) -> Sequence[int]:
    return tuple(int(part) for part in ctid.strip("()").split(","))


def _told(connection: sa.Connection, view: str) -> bytes:
    rows = connection.exec_driver_sql(f"SELECT row_to_json(v)::text FROM {view} AS v").scalars()  # noqa: S608
    return "\n".join(rows).encode()


def _exists(connection: sa.Connection, view: str) -> bool:
    return connection.execute(sa.text("SELECT to_regclass(:view)"), {"view": view}).scalar_one() is not None
