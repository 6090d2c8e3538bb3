"""Issuing: many invitations written at the speed of the database's own bulk load."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.tables import Invitation
from surveys.tables.columns import core

# The invitation's sixteen bytes, its contact's id as the driver has it, its cell, and why it is withheld or None.
Row = tuple[bytes, Any, UUID, str | None]
OWN = ("id", "contact_id", "cell_id", "withheld_reason", "send_at")


class Load:
    """Writes invitations in the transaction of a session: COPY on PostgreSQL, executemany on SQLite.

    `shared` holds the columns all have in common; those not withheld get `send_at`.
    """

    def __init__(self, session: Session, shared: Mapping[str, Any], send_at: datetime | None) -> None:
        self.session = session
        self.dialect = session.get_bind().dialect
        self.names = (*OWN, *shared)
        self.common = tuple(self._stored(name, value) for name, value in shared.items())
        self.send_at = self._stored("send_at", send_at)

    def write(self, rows: Sequence[Row]) -> None:
        """Insert the rows."""
        if rows and self.dialect.name == "postgresql":
            self._copy(rows)
        elif rows:
            self._insert(rows)

    def _stored(self, name: str, value: Any) -> Any:
        """A value as the driver takes it, so that what rows share is converted once."""
        processor = core(Invitation).c[name].type.dialect_impl(self.dialect).bind_processor(self.dialect)
        return processor(value) if processor else value

    def _insert(self, rows: Sequence[Row]) -> None:
        bare = sa.table("invitation", *(sa.column(name) for name in self.names))
        statement = str(sa.insert(bare).compile(dialect=self.dialect))
        common, send_at = self.common, self.send_at
        hexes = {cell: cell.hex for cell in {row[2] for row in rows}}
        self.session.connection().exec_driver_sql(
            statement,
            [
                (id_.hex(), contact, hexes[cell], reason, send_at if reason is None else None, *common)
                for id_, contact, cell, reason in rows
            ],
        )

    def _copy(self, rows: Sequence[Row]) -> None:
        """COPY in text format; one string for a page, since handing over value by value costs three times as much."""
        sent = f"\\N\t{_field(self.send_at)}"
        common = "\t".join(_field(value) for value in self.common)
        withheld = {reason: f"{reason}\t\\N" for reason in {row[3] for row in rows}} | {None: sent}
        lines = [
            f"{id_.hex()}\t{contact}\t{cell}\t{withheld[reason]}\t{common}\n" for id_, contact, cell, reason in rows
        ]
        raw: Any = self.session.connection().connection.driver_connection
        with raw.cursor() as cursor, cursor.copy(f"COPY invitation ({', '.join(self.names)}) FROM STDIN") as copy:
            copy.write("".join(lines))


def _field(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return "\\N"
    text = str(value).replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
