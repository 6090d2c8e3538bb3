"""Formats: every list and report answers JSON, CSV (RFC 4180) and Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic_core import to_json
from starlette.responses import Response

from app.edge.problems import Problem
from app.feeds import headers, parquet
from app.feeds.formulas import defused

CHUNK_ROWS = 2_000


class Format(StrEnum):
    """A format of lists and reports."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


MEDIA = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.PARQUET: "application/vnd.apache.parquet",
}
RANGES = {media: format_ for format_, media in MEDIA.items()} | {
    "*/*": Format.JSON,
    "application/*": Format.JSON,
    "text/*": Format.CSV,
}


def wanted(
    request: Request,
    format: Annotated[str | None, Query(description="json, csv or parquet; goes before the Accept header.")] = None,
) -> Format:
    """The format asked for by `?format=` or else by Accept. Raises 406 for one that is not made here."""
    format = format or request.query_params.get("format")
    if format is not None:
        if format not in set(Format):
            raise Problem(406, f"format: '{format[:40]}' is not one of {', '.join(Format)}.")
        return Format(format)
    accept = request.headers.get("accept")
    ranked = sorted(_ranges(accept or "*/*"), key=lambda pair: -pair[1])  # a stable sort keeps the client's order
    for media, quality in ranked:
        if quality > 0 and media in RANGES:
            return RANGES[media]
    raise Problem(406, f"Accept: none of '{(accept or '')[:100]}' is made here; {', '.join(MEDIA.values())} are.")


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for preference in accept.split(","):
        media, *parameters = (part.strip() for part in preference.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            yield media.lower(), float(quality)
        except ValueError:
            yield media.lower(), 0.0


def answer(
    request: Request, items: Sequence[Mapping[str, Any]], *, name: str, envelope: Mapping[str, Any] | None = None
) -> Response:
    """A list or report that fits in memory, in the format asked for.

    JSON is `{"items": [...], **envelope}`; CSV and Parquet hold the items with nested keys joined by dots.
    """
    format_ = wanted(request)
    if format_ is Format.JSON:
        return Response(to_json({"items": items, **(envelope or {})}), media_type=MEDIA[format_])
    rows = [flatten(item) for item in items]
    columns = headers.columns(request, rows)
    if format_ is Format.CSV:
        lines = csv_chunks(columns, ([row.get(c) for c in columns] for row in rows))
        return Response(b"".join(lines), media_type=MEDIA[format_], headers=attachment(name, format_))
    return Response(parquet.whole(columns, rows), media_type=MEDIA[format_], headers=attachment(name, format_))


def attachment(name: str, format_: Format) -> dict[str, str]:
    """The header that gives a download its file name (RFC 6266); `name` is ours, in ASCII."""
    return {"Content-Disposition": f'attachment; filename="{name}.{format_}"'}


def flatten(item: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The item with nested keys joined by dots; lists become JSON text."""
    flat: dict[str, Any] = {}
    for key, value in item.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = to_json(value).decode() if isinstance(value, list | tuple) else value
    return flat


def cell(value: Any) -> Any:
    """A value as CSV holds it: a line of text that a spreadsheet would run as a formula gets a leading apostrophe.

    Instants are RFC 3339 in UTC to the microsecond; numbers stay numbers.
    """
    if isinstance(value, str):
        return defused(value)
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='microseconds').removesuffix('+00:00')}Z"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def csv_chunks(columns: Iterable[str], rows: Iterable[Sequence[Any]], *, safe: bool = False) -> Iterator[bytes]:
    """The CSV of `rows` in UTF-8, in pieces; `safe` tells that their cells are defused already."""
    waiting = iter(rows)
    chunk: list[Sequence[Any]] = [[cell(c) for c in columns]]
    while chunk:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(chunk)
        yield text.getvalue().encode()
        taken = list(islice(waiting, CHUNK_ROWS))
        chunk = taken if safe else [[cell(value) for value in row] for row in taken]
