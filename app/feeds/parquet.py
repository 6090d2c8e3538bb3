"""Parquet files: whole ones with guessed types, and long ones written group by group."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

GROUP_ROWS = 50_000


def whole(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The file of rows that fit in memory; a column of mixed types becomes text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def array(column: str) -> Any:
        values = [_plain(row.get(column)) for row in rows]
        try:
            made = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            made = pa.array([None if v is None else str(v) for v in values])
        return made.cast(pa.string()) if pa.types.is_null(made.type) else made

    sink = io.BytesIO()
    pq.write_table(pa.table({c: array(c) for c in columns}), sink)
    return sink.getvalue()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def chunks(columns: Mapping[str, type], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The Parquet file of `rows` in pieces, one group of rows in memory at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32()} | {
        datetime: pa.timestamp("us", tz="UTC")
    }
    schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in columns.items()])
    sink = io.BytesIO()
    waiting = iter(rows)
    with pq.ParquetWriter(pa.PythonFile(_Tail(sink), mode="w"), schema) as writer:
        while group := list(islice(waiting, GROUP_ROWS)):
            by_column = zip(*([_plain(value) for value in row] for row in group), strict=True)
            arrays = [pa.array(values, type=f.type) for values, f in zip(by_column, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield _drained(sink)
    yield _drained(sink)


class _Tail(io.RawIOBase):
    """A file that only knows how much went through it, so that what was sent need not be kept."""

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink = sink
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        self._position += len(data)
        return self._sink.write(data)


def _drained(sink: io.BytesIO) -> bytes:
    content = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return content
