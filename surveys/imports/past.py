"""Past answers: what one row of a plan's file says, or why the row is left out."""

from dataclasses import dataclass

from surveys.imports import scores
from surveys.imports.columns import Column, clean
from surveys.imports.dates import When
from surveys.imports.plan import Plan
from surveys.imports.repeats import digest
from surveys.imports.sheet import Refusal
from surveys.questionnaires import TEXT_LIMIT

VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Past:
    """One past answer as its row tells it. `digest` and `occurrence` tell it from every other row."""

    digest: bytes
    occurrence: int
    score: int
    when: When
    touchpoint: str
    segments: tuple[tuple[str, str], ...]
    comment: str | None
    contact: str


def read(plan: Plan, row: int, cells: list[str]) -> Past | Refusal | None:
    """The answer in a row; None where its score is blank; a refusal where a cell cannot be what it should be."""
    text = clean(cells[plan.score.position])
    if scores.is_blank(text, plan.wanted.blank_codes):
        return None
    score = scores.score(text)
    if score is None:
        return Refusal(row, plan.score.name, text, "is not a whole number from 0 to 10.")
    when = _when(plan, row, cells)
    if isinstance(when, Refusal):
        return when
    touchpoint = _value(plan.touchpoint, cells) or plan.wanted.touchpoint or ""
    segments = tuple(sorted((name, v) for name, column in plan.segments.items() if (v := _value(column, cells))))
    for column, value in ((plan.touchpoint, touchpoint), *((plan.segments[n], v) for n, v in segments)):
        if column and len(value) > VALUE_LENGTH:
            return Refusal(row, column.name, value, f"is longer than {VALUE_LENGTH} characters.")
    comment = _value(plan.comment, cells)
    if plan.comment and len(comment) > TEXT_LIMIT:
        return Refusal(row, plan.comment.name, comment, f"is longer than {TEXT_LIMIT} characters.")
    mark = digest(cells)
    occurrence = plan.repeats.occurrence(mark)
    return Past(mark, occurrence, score, when, touchpoint, segments, comment or None, _value(plan.contact, cells))


def _when(plan: Plan, row: int, cells: list[str]) -> When | Refusal:
    text = _value(plan.date, cells)
    if plan.date and plan.read_date and text:
        try:
            return plan.read_date(text)
        except ValueError as error:
            return Refusal(row, plan.date.name, text, str(error))
    if plan.undated:
        return plan.undated
    return Refusal(row, plan.date.name if plan.date else "", "", "the row has no date, and no --on was given.")


def _value(column: Column | None, cells: list[str]) -> str:
    """The cleaned cell of a column; nothing where it is blank or there is no such column."""
    text = clean(cells[column.position]) if column else ""
    return "" if scores.is_blank(text) else text
