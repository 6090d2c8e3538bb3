"""What the person with the file said about it, and the columns that are meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from surveys.answering.imports import columns
from surveys.answering.imports.columns import Column
from surveys.answering.imports.sheet import Sheet
from surveys.facts import Malformed

NAME_LENGTH = 64
OPTIONAL = ("date", "touchpoint", "comment", "contact", "weight")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person with the file said about it. `segments` maps column to the segment's name or None.

    `touchpoint` is the key of the one that rows without a value in `touchpoint_column` are about.
    """

    score_column: str
    date_column: str | None = None
    date_format: str | None = None
    on: date | None = None
    touchpoint_column: str | None = None
    touchpoint: str | None = None
    comment_column: str | None = None
    segments: Mapping[str, str | None] = field(default_factory=dict)
    contact_column: str | None = None
    weight_column: str | None = None
    blank_codes: frozenset[str] = frozenset()
    encoding: str | None = None
    delimiter: str | None = None
    header_rows: int | None = None

    def column_names(self) -> list[str]:
        """Every column that was named."""
        optional = (getattr(self, f"{kind}_column") for kind in OPTIONAL)
        return [self.score_column, *filter(None, optional), *self.segments]


def columns_of(sheet: Sheet, wanted: Wanted) -> dict[str, Column | None]:
    """The columns named for dates, touchpoints, comments, contacts and weights. Raises Malformed naming the option."""
    names = {kind: getattr(wanted, f"{kind}_column") for kind in OPTIONAL}
    return {kind: columns.find(sheet.columns, name, f"{kind}_column") if name else None for kind, name in names.items()}


def segments_of(sheet: Sheet, wanted: Wanted) -> dict[str, Column]:
    """The columns of the segments, by the segments' names. Raises Malformed."""
    segments: dict[str, Column] = {}
    for column_name, segment_name in wanted.segments.items():
        column = columns.find(sheet.columns, column_name, "segment")
        name = segment_name or column.name
        if len(name) > NAME_LENGTH:
            raise Malformed("segment", f"'{name[:40]}...' is too long to slice by; say COLUMN=NAME.")
        if name in segments:
            raise Malformed("segment", f"two columns are called '{name}'; say COLUMN=NAME.")
        segments[name] = column
    return segments
