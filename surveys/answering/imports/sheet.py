"""Sheets: a delimited text file as numbered rows, with what was understood of its form."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from surveys.answering.imports import columns, encodings
from surveys.answering.imports.columns import Column
from surveys.answering.imports.encodings import Encoding
from surveys.facts import Malformed
from surveys.refusals import Refusal

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HEAD_ROWS = 200


Row = tuple[int, list[str] | Refusal]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was understood: `tool` wrote it, as the header rows show; `first_row` holds the first answer."""

    path: Path
    encoding: Encoding
    delimiter: str
    header_rows: int
    tool: str
    first_row: int
    columns: tuple[Column, ...]

    def rows(self) -> Iterator[Row]:
        """Each row below the headers, with as many cells as there are columns, or why it is left out."""
        width = len(self.columns)
        for number, cells in _records(self.path, self.encoding, self.delimiter):
            if number < self.first_row:
                continue
            if isinstance(cells, Refusal):
                yield number, cells
            elif len(cells) < width or any(map(str.strip, cells[width:])):
                if any(map(str.strip, cells)):
                    reason = f"the row has {len(cells)} cells where the header has {width}."
                    yield number, Refusal(number, "", reason)
            else:
                yield number, cells[:width]


def open_sheet(
    path: Path,
    wanted: Sequence[str],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_rows: int | None = None,
) -> Sheet:
    """Read the head of a file; the delimiter is the one by which it has the `wanted` columns.

    Raises Malformed for a file that is missing, empty, without rows, or not a table.
    """
    if not path.is_file():
        raise Malformed("file", f"there is no file '{path}'.")
    if delimiter is not None and len(delimiter) != 1:
        raise Malformed("delimiter", "one character is wanted.")
    text = encodings.detect(path, encoding)
    stated = delimiter or _declared(path, text)
    candidates, fault = [], None
    for candidate in [stated] if stated else DELIMITERS:
        try:
            candidates.append(_understand(path, text, candidate, header_rows))
        except Malformed as malformed:
            fault = fault or malformed
    if not candidates:
        raise fault or Malformed("file", "it holds no table.")
    ranked = [(sum(bool(columns.lookup(s.columns, w)) for w in wanted), even, s) for s, even in candidates]
    matches, _, best = max(ranked, key=lambda rank: rank[:2])
    if fault and not matches and len(best.columns) == 1:
        raise fault  # by its true delimiter the file has a fault; by another it is one column
    return best


def _understand(path: Path, text: Encoding, delimiter: str, header_rows: int | None) -> tuple[Sheet, float]:
    """The sheet by this delimiter, and how even its rows are: 0 to 1, and nothing for a single column."""
    head = list(islice(_records(path, text, delimiter), HEAD_ROWS))
    filled = [(n, cells) for n, cells in head if isinstance(cells, Refusal) or any(map(str.strip, cells))]
    if not filled:
        raise Malformed("file", "it is empty.")
    if isinstance(filled[0][1], Refusal):
        raise Malformed("file", str(filled[0][1]))
    rows = [cells for _, cells in filled if not isinstance(cells, Refusal)]
    count, tool = (header_rows, "") if header_rows else columns.header_rows(rows)
    if len(filled) <= count:
        raise Malformed("file", "it has headers, but no rows below them.")
    width = len(rows[0])
    even = sum(not isinstance(cells, Refusal) and len(cells) == width for _, cells in filled) / len(filled)
    named = columns.named(rows[: min(count, 3)])
    sheet = Sheet(path, text, delimiter, count, tool, filled[count - 1][0] + 1, named)
    return sheet, even if width > 1 else 0.0


def _declared(path: Path, text: Encoding) -> str | None:
    """The delimiter of the line `sep=;` that Excel reads and hides."""
    try:
        with path.open(encoding=text.name, newline="") as file:
            line = file.readline(16).strip().strip('"')
    except UnicodeError:
        return None
    return line[4] if len(line) == 5 and line.lower().startswith("sep=") else None


def _records(path: Path, text: Encoding, delimiter: str) -> Iterator[Row]:
    """Numbered rows of any width. A row whose quotes are wrong is a refusal; a quote left open ends it all."""
    number = -1 if _declared(path, text) else 0
    try:
        reader = csv.reader(_lines(path, text), delimiter=delimiter, strict=True)
    except (TypeError, ValueError):
        raise Malformed("delimiter", f"'{delimiter}' cannot separate columns.") from None
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "limit" in str(error):
                raise Malformed("file", f"a quote that opens in row {number} is never closed.") from None
            if number > 0:
                yield number, Refusal(number, "", "the quotes in this row are out of order.")
            continue
        if number > 0:
            yield number, cells


def _lines(path: Path, text: Encoding) -> Iterator[str]:
    with path.open(encoding=text.name, newline="") as file:
        try:
            for number, line in enumerate(file, start=1):
                if "\0" in line:
                    raise Malformed("file", f"line {number} holds a NUL character; the file is damaged or not text.")
                yield line
        except UnicodeError as error:
            raise Malformed("file", f"it is not {text.name}: {error}.") from None
