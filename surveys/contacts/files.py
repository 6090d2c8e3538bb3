"""Contact files: CSV as spreadsheets and personnel systems save it, read into contact items."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from surveys.contacts.items import FIELDS
from surveys.facts import Malformed

COLUMNS = FIELDS[:-1]
OTHER_NAMES = {"e-mail": "email"}
DELIMITERS = (",", ";", "\t")
FIRST_ROW = 2  # as a spreadsheet counts: the header is row 1


def read(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Row number and item of a CSV with the columns ref, email, name, locale, audience, unit; others are attributes.

    UTF-8 with or without a byte order mark, or UTF-16 with one; comma, semicolon or tab. A row with the wrong
    number of cells comes as the Malformed that says so. Raises Malformed, naming `file` or `header`, for a file
    that cannot be read or names nobody.
    """
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        yield from _items(text)
    finally:
        text.detach()  # whoever opened the file closes it


def _items(text: io.TextIOWrapper) -> Iterator[tuple[int, Any]]:
    first = _first_line(text)
    rows = csv.reader(text, delimiter=max(DELIMITERS, key=first.count), strict=True)
    try:
        header = _header(next(rows))
        for row, cells in enumerate(rows, FIRST_ROW):
            if any(cells):
                yield row, _item(header, cells)
    except UnicodeError:
        where = f"after line {rows.line_num}"
        raise Malformed("file", f"{where} there is text that is not UTF-8; save it as UTF-8.") from None
    except csv.Error as wrong:
        raise Malformed("file", f"line {rows.line_num} cannot be read as CSV: {wrong}.") from None


def _encoding(file: BinaryIO) -> str:
    start = file.read(2)
    file.seek(0)
    return "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _first_line(text: io.TextIOWrapper) -> str:
    try:
        line = text.readline(100_000)
        text.seek(0)
    except UnicodeError:
        raise Malformed("file", "row 1 holds text that is not UTF-8; save the file as UTF-8.") from None
    if not line.strip():
        raise Malformed("file", "it is empty; the first row names the columns, such as email,name.")
    if "\0" in line:
        raise Malformed("file", "this is not a text file; save it as CSV in UTF-8.")
    return line


def _header(cells: list[str]) -> list[str]:
    names = []
    for cell in cells:
        name = cell.strip()
        known = OTHER_NAMES.get(name.lower(), name.lower())
        names.append(known if known in COLUMNS else name)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise Malformed("header", f"the column '{twice[0][:64]}' is there more than once.")
    if "" in names:
        raise Malformed("header", f"column {names.index('') + 1} has no name.")
    if not {"ref", "email"} & set(names):
        listed = ", ".join(names)[:200]
        raise Malformed("header", f"there is no column ref or email; the columns read are: {listed}.")
    return names


def _item(header: list[str], cells: list[str]) -> Any:
    if len(cells) != len(header):
        return Malformed(
            "row", f"{len(cells)} cells, but the header has {len(header)}; is a quote or delimiter missing?"
        )
    item: dict[str, Any] = {"attributes": {}}
    for name, cell in zip(header, cells, strict=True):
        (item if name in COLUMNS else item["attributes"])[name] = cell
    return item
