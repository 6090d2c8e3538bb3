"""Past answers: what one row of a plan's file says, or why the row is left out."""

from dataclasses import dataclass

from surveys.answering.imports import scores
from surveys.answering.imports.columns import Column, clean
from surveys.answering.imports.dates import When
from surveys.answering.imports.plan import Plan
from surveys.answering.imports.repeats import digest
from surveys.questionnaire.definitions import TEXT_LIMIT
from surveys.refusals import Refusal

VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Past:
    """One past answer as its row says it. `digest` and `occurrence` distinguish it from every other row."""

    digest: bytes
    occurrence: int
    score: int
    when: When
    touchpoint: str
    segments: tuple[tuple[str, str], ...]
    comment: str | None
    contact: str
    weight: float | None = None


def read(plan: Plan, row: int, cells: list[str]) -> Past | Refusal | None:
    """The answer in a row; None where its score is blank; a refusal where a cell cannot be what it should be."""
    text = clean(cells[plan.score.position])
    if scores.is_blank(text, plan.wanted.blank_codes):
        return None
    score = scores.score(text)
    if score is None:
        return Refusal(row, plan.score.name, "is not a whole number from 0 to 10.", text)
    when = _when(plan, row, cells)
    if isinstance(when, Refusal):
        return when
    touchpoint = _value(plan.touchpoint, cells) or plan.wanted.touchpoint or ""
    segments = tuple(sorted((name, v) for name, column in plan.segments.items() if (v := _value(column, cells))))
    comment = _value(plan.comment, cells)
    short = [(plan.touchpoint, touchpoint), *((plan.segments[name], value) for name, value in segments)]
    for column, value, most in (*((*cell, VALUE_LENGTH) for cell in short), (plan.comment, comment, TEXT_LIMIT)):
        if column and len(value) > most:
            return Refusal(row, column.name, f"is longer than {most} characters.", value)
    weight = scores.weight(clean(cells[plan.weight.position])) if plan.weight else None
    if plan.weight and weight is None:
        return Refusal(row, plan.weight.name, "is not a number above 0.", cells[plan.weight.position])
    mark = digest(cells)
    occurrence = plan.repeats.occurrence(mark)
    contact = _value(plan.contact, cells)
    return Past(mark, occurrence, score, when, touchpoint, segments, comment or None, contact, weight)


def _when(plan: Plan, row: int, cells: list[str]) -> When | Refusal:
    text = _value(plan.date, cells)
    if plan.date and plan.read_date and text:
        try:
            return plan.read_date(text)
        except ValueError as error:
            return Refusal(row, plan.date.name, str(error), text)
    if plan.undated:
        return plan.undated
    return Refusal(row, plan.date.name if plan.date else "", "the row has no date, and no --on was given.")


def _value(column: Column | None, cells: list[str]) -> str:
    """The cleaned cell of a column; nothing where it is blank or there is no such column."""
    text = clean(cells[column.position]) if column else ""
    return "" if scores.is_blank(text) else text
