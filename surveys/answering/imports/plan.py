"""Plans: what a person wants of a file, and what a first reading of all of it understood."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from surveys.answering.imports import columns, dates, scores, sheet
from surveys.answering.imports.columns import Column, clean
from surveys.answering.imports.dates import Evidence, Read, When
from surveys.answering.imports.repeats import Repeats, digest
from surveys.answering.imports.sheet import Sheet
from surveys.answering.imports.touchpoints import Touchpoints
from surveys.answering.imports.wanted import Wanted, columns_of, segments_of
from surveys.facts import Malformed, Refused
from surveys.organisation import organisations
from surveys.questionnaire import definitions
from surveys.refusals import Refusal
from surveys.tables import Organisation, Survey

VALUES_LIMIT = 1000
STEP = 1000

Advance = Callable[[int], None]
"""Called now and then with how many rows more were read."""


@dataclass(frozen=True)
class Plan:
    """All that a second reading needs. `rows` counts what lies below the headers."""

    organisation: Organisation
    survey: Survey
    wanted: Wanted
    sheet: Sheet
    score: Column
    date: Column | None
    read_date: Read | None
    order: str | None
    example: str | None
    undated: When | None
    touchpoint: Column | None
    comment: Column | None
    contact: Column | None
    weight: Column | None
    segments: Mapping[str, Column]
    repeats: Repeats
    rows: int
    stamp: tuple[int, int]

    @property
    def ignored(self) -> list[Column]:
        """The columns that no option names."""
        named = (self.score, self.date, self.touchpoint, self.comment, self.contact, self.weight)
        used = {c.position for c in named if c}
        used |= {c.position for c in self.segments.values()}
        return [c for c in self.sheet.columns if c.position not in used]

    @property
    def new_segments(self) -> list[str]:
        """The segments that the survey does not declare yet."""
        return [name for name in self.segments if name not in self.survey.segments]


def stamp(path: Path) -> tuple[int, int]:
    """Size and time of change, by which a file that changed between two readings is noticed."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def prepare(
    session: Session,
    organisation_id: int,
    survey_key: str,
    path: Path,
    wanted: Wanted,
    *,
    now: datetime,
    advance: Advance = lambda _: None,
) -> Plan:
    """Read a file once, storing nothing. Raises Unknown, Refused, or Malformed naming the option to put right."""
    organisation = organisations.get(session, organisation_id)
    survey = definitions.get(session, organisation_id, survey_key)
    if survey.mode == "anonymous":
        raise Refused("An anonymous survey takes no past answers: they were not given under its promise.")
    if not wanted.date_column and not wanted.on:
        raise Malformed("date_column", "name the column with the dates, or give one day for all answers with --on.")
    zone = organisations.zone(organisation.time_zone)
    if wanted.on and wanted.on < dates.EARLIEST:
        raise Malformed("on", f"{wanted.on} lies before 1970.")
    if wanted.on and wanted.on > now.astimezone(zone).date():
        raise Malformed("on", f"{wanted.on} lies in the future.")
    file = sheet.open_sheet(
        path,
        wanted.column_names(),
        encoding=wanted.encoding,
        delimiter=wanted.delimiter,
        header_rows=wanted.header_rows,
    )
    score = columns.find(file.columns, wanted.score_column, "score_column")
    named = columns_of(file, wanted)
    segments = segments_of(file, wanted)
    read, evidence = _date_reader(wanted, now, organisation.time_zone)
    before, repeats = stamp(path), Repeats()
    grouped = {"touchpoint_column": named["touchpoint"], **{f"segment {n}": c for n, c in segments.items()}}
    dated = (named["date"], evidence) if named["date"] and evidence else None
    rows, values = _first_reading(file, repeats, dated, grouped, advance)
    _check_touchpoints(session, survey, values["touchpoint_column"], wanted.touchpoint)
    order = evidence.order() if evidence else None
    return Plan(
        organisation=organisation, survey=survey, wanted=wanted, sheet=file,
        score=score,
        date=named["date"], read_date=dates.in_order(order, zone, now) if order else read, order=order,
        example=evidence.example[1] if evidence and evidence.example else None,
        undated=dates.on(wanted.on, zone, now) if wanted.on else None,
        touchpoint=named["touchpoint"], comment=named["comment"], contact=named["contact"],
        weight=named["weight"], segments=segments,
        repeats=repeats, rows=rows, stamp=before,
    )  # fmt: skip


def _date_reader(wanted: Wanted, now: datetime, time_zone: str) -> tuple[Read | None, Evidence | None]:
    zone = organisations.zone(time_zone)
    if not wanted.date_column:
        if wanted.date_format:
            raise Malformed("date_format", "it needs a --date-column.")
        return None, None
    if wanted.date_format:
        return dates.in_format(wanted.date_format, zone, now), None
    return None, Evidence(now.astimezone(zone).date())


def _first_reading(
    file: Sheet,
    repeats: Repeats,
    evidence: tuple[Column, Evidence] | None,
    grouped: Mapping[str, Column | None],
    advance: Advance,
) -> tuple[int, Mapping[str, set[str]]]:
    """Hand the rows and the dates to their collectors; give the number of rows, and the values by their option."""
    values: dict[str, set[str]] = defaultdict(set)
    count = 0
    for number, cells in counted(file.rows(), advance):
        count += 1
        if isinstance(cells, Refusal):
            continue
        repeats.add(digest(cells))
        if evidence and (text := clean(cells[evidence[0].position])):
            evidence[1].add(number, text)
        for field_, column in grouped.items():
            if column:
                values[field_].add(cells[column.position])
                if len(values[field_]) > VALUES_LIMIT:
                    raise Malformed(
                        field_.split()[0],
                        f"'{column.name}' has more than {VALUES_LIMIT} different values; is it the right column?",
                    )
    return count, values


def _check_touchpoints(session: Session, survey: Survey, values: Iterable[str], otherwise: str | None) -> None:
    """Raise Malformed for a touchpoint of the other audience now: later, a part of the file would be stored."""
    touchpoints = Touchpoints(session, survey)
    if otherwise is not None:
        touchpoints.check("touchpoint", otherwise)
    for text in map(clean, values):
        if not scores.is_blank(text):
            touchpoints.key(text)


def counted(rows: Iterator[sheet.Row], advance: Advance) -> Iterator[sheet.Row]:
    """The rows, telling `advance` about every thousand."""
    n = 0
    for row in rows:
        yield row
        n += 1
        if n % STEP == 0:
            advance(STEP)
    advance(n % STEP)
