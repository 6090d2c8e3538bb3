"""Prepared statements: put into words once, run by the driver alone, their rows as named tuples.

For what is asked thousands of times a second: the library's own way from a statement to its rows costs five times
what SQLite needs to find a row.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa


class Prepared:
    """One SELECT in the words of one dialect. Parameters are handed to the driver as they are."""

    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._error: type[Exception] = dialect.loaded_dbapi.Error
        self._order = getattr(compiled, "positiontup", None)
        columns = statement.selected_columns
        self._row: Callable[..., Any] = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
        processors = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
        self._conversions = [(at, convert) for at, convert in enumerate(processors) if convert is not None]

    def run(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> list[Any]:
        """The rows. Raises DBAPIError, as the library would."""
        driver: Any = connection.connection.driver_connection
        values = parameters if self._order is None else [parameters[name] for name in self._order]
        try:
            rows = driver.execute(self._text, values).fetchall()
        except self._error as error:
            raise self._raised(connection, error) from error
        return [self._converted(row) for row in rows]

    def _raised(self, connection: sa.Connection, error: Exception) -> Exception:
        """The library's error for one of the driver's; a connection that is gone is not used again."""
        dialect, driver = connection.dialect, connection.connection
        gone = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if gone:
            connection.invalidate(error)
        return sa.exc.DBAPIError.instance(
            self._text, None, error, self._error, hide_parameters=True, connection_invalidated=gone, dialect=dialect
        )

    def _converted(self, row: Any) -> Any:
        values = list(row)
        for at, convert in self._conversions:
            values[at] = convert(values[at])
        return self._row(*values)
