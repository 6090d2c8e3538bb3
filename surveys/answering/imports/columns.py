"""Columns: what the header rows of an export call each column, and which one a person means."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from surveys.facts import Malformed

PLACEHOLDERS = {"response", "open-ended response"}
IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"\s*:\s*"([^"]*)"')
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where it is (from 0), its name, and other names it may be called by."""

    position: int
    name: str
    also: tuple[str, ...] = ()

    @property
    def own_name(self) -> str:
        """The name that no other column has: 'Name (2)' for the second of two."""
        return next((other for other in self.also if other.startswith(f"{self.name} (")), self.name)


def clean(cell: str) -> str:
    """A cell without the spaces around it, and with plain ones inside; exports hold non-breaking ones."""
    return cell.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").strip()


def header_rows(rows: Sequence[Sequence[str]]) -> tuple[int, str]:
    """How many of the first rows are headers, and the tool that writes such: '' where it is one row."""
    if len(rows) > 2 and any(IMPORT_ID.match(cell) for cell in rows[2]):
        return 3, "Qualtrics"
    if len(rows) > 1 and _second_of_surveymonkey(rows[0], rows[1]):
        return 2, "SurveyMonkey"
    return 1, ""


def _second_of_surveymonkey(first: Sequence[str], second: Sequence[str]) -> bool:
    """The respondent's id has nothing below it, and every column without a name has one there."""
    if not first or not second or not clean(first[0]) or clean(second[0]) or len(first) != len(second):
        return False
    words = any(clean(cell).lower() in PLACEHOLDERS for cell in second)
    unnamed = [clean(below) for above, below in zip(first, second, strict=True) if not clean(above)]
    return words or (loose(first[0]) == "respondentid" and bool(unnamed) and all(unnamed))


def named(rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """The columns that these header rows name."""
    first, *below = ([clean(cell) for cell in [*row, *[""] * len(rows[0])][: len(rows[0])]] for row in rows)
    names: list[tuple[str, tuple[str, ...]]]
    if len(below) == 1:
        names = _of_two_rows(first, below[0])
    elif len(below) == 2:
        ids = (IMPORT_ID.match(cell) for cell in below[1])
        names = [
            (name, (text, match.group(1) if match else ""))
            for name, text, match in zip(first, below[0], ids, strict=True)
        ]
    else:
        names = [(name, ()) for name in first]
    times = Counter(name for name, _ in names)
    seen: Counter[str] = Counter()
    columns = []
    for position, (name, also) in enumerate(names):
        seen[name] += 1
        numbered = (f"{name} ({seen[name]})",) if times[name] > 1 and name else ()
        label = name or f"column {letters(position)}"
        columns.append(Column(position, label, (*filter(None, also), *numbered)))
    return tuple(columns)


def _of_two_rows(first: Sequence[str], second: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """'Question / part' for a question that spans columns, 'Question' for one that does not."""
    names: list[tuple[str, tuple[str, ...]]] = []
    question = ""
    for position, (above, below) in enumerate(zip(first, second, strict=True)):
        question = above or question
        alone = bool(above) and (position + 1 == len(first) or bool(first[position + 1]))
        part = "" if below.lower() in PLACEHOLDERS else below
        name = f"{question} / {part}" if part and question else part or question
        names.append((name, (part, question) if alone and part else (part,)))
    return names


def letters(position: int) -> str:
    """The letters a spreadsheet gives to a column counted from 0: A, B, ... Z, AA."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def loose(name: str) -> str:
    """A name without case and spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def lookup(columns: Sequence[Column], name: str) -> list[Column]:
    """The columns called `name`: exactly first, then whatever the case and spaces."""
    wanted = clean(name)
    for same in (str, loose):
        for names_of in (lambda c: (c.name,), lambda c: c.also):
            named = [c for c in columns if same(wanted) in map(same, names_of(c))]
            if named:
                return named
    return []


def find(columns: Sequence[Column], name: str, field: str) -> Column:
    """The one column called `name`. Raises Malformed naming `field`, with what may have been meant."""
    called = lookup(columns, name)
    if len(called) == 1:
        return called[0]
    if called:
        options = _list([c.own_name for c in called])
        raise Malformed(field, f"{len(called)} columns are called '{name}'; say which: {options}.")
    raise Malformed(field, f"the file has no column '{name}'; {_suggestion(columns, name)}")


def _suggestion(columns: Sequence[Column], name: str) -> str:
    if len(columns) == 1:
        return (
            f"it seems to have one column only, '{columns[0].name[:SHOWN]}'. Separators tried: comma, semicolon, "
            "tab and |; say --delimiter for another."
        )
    by_loose = {loose(n): c.name for c in columns for n in (c.name, *c.also)}
    wanted = loose(name)
    close = [by_loose[n] for n in get_close_matches(wanted, by_loose, n=3, cutoff=0.6)]
    close += [c for n, c in by_loose.items() if len(wanted) > 2 and wanted in n]
    if close:
        return f"did you mean {_list(list(dict.fromkeys(close))[:3])}?"
    return f"it has {len(columns)}: {_list([c.name for c in columns[:12]])}{' ...' if len(columns) > 12 else '.'}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"'{n if len(n) <= SHOWN * 3 else n[: SHOWN * 3] + '...'}'" for n in names)
