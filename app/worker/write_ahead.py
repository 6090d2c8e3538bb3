"""PostgreSQL's write-ahead log: written past what stood in it, so that nothing of an urn is left there."""

from typing import Any

import sqlalchemy as sa

MOST_SWITCHES = 1_000  # of 16 MiB each, more than a log of the largest size in use has
HINDRANCES = """
    SELECT 'EXECUTE on pg_switch_wal() is not granted' WHERE NOT has_function_privilege('pg_switch_wal()', 'EXECUTE')
    UNION ALL
    SELECT 'EXECUTE on pg_ls_waldir() is not granted' WHERE NOT has_function_privilege('pg_ls_waldir()', 'EXECUTE')
    UNION ALL
    SELECT 'the role pg_checkpoint is not granted' FROM pg_roles
        WHERE rolname = current_user AND NOT rolsuper AND NOT pg_has_role(rolname, 'pg_checkpoint', 'USAGE')
    UNION ALL
    (SELECT 'the replication slot ' || slot_name || ' keeps old files' FROM pg_replication_slots ORDER BY slot_name)
    UNION ALL
    SELECT name || ' is ' || current_setting(name) || ' and keeps old files' FROM pg_settings
        WHERE (name = 'archive_mode' AND setting <> 'off') OR (name = 'wal_keep_size' AND setting <> '0')
"""
# Twice the size that checkpoints keep the log to: as much as may be kept, or used again, has been written over.
PAST = """
    SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), CAST(:position AS pg_lsn))
        > 2 * pg_size_bytes(current_setting('max_wal_size')) + pg_size_bytes(current_setting('wal_keep_size'))
"""


def position(connection: sa.Connection) -> str:
    """Where the log is now."""
    return str(_scalar(connection, "SELECT pg_current_wal_insert_lsn()"))


def hindrances(connection: sa.Connection) -> list[str]:
    """What keeps the database's user from writing the log past itself: rights it lacks, and what keeps old files."""
    return [str(reason) for reason in connection.execute(sa.text(HINDRANCES)).scalars()]


def is_past(connection: sa.Connection, before: str) -> bool:
    """Whether so much was written since that position that no file holds what came before it."""
    return bool(_scalar(connection, PAST, position=before))


def rotate(connection: sa.Connection) -> None:
    """Write the log past every file that there is, and again: a checkpoint renames old files with all they hold.

    What the first pass leaves under names of the future the second one writes over.
    """
    for _ in range(2):
        last = _scalar(connection, "SELECT max(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'")
        for _ in range(MOST_SWITCHES):
            if _scalar(connection, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())") > last:
                break
            # A switch of a file in which nothing was written does nothing.
            connection.exec_driver_sql("SELECT pg_logical_emit_message(false, 'soundings', ' ')")
            connection.exec_driver_sql("SELECT pg_switch_wal()")
        connection.exec_driver_sql("CHECKPOINT")


def _scalar(connection: sa.Connection, asked: str, **parameters: Any) -> Any:
    return connection.execute(sa.text(asked), parameters).scalar_one()
