"""The survey's form: what a browser posted, read strictly and checked question by question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from app.pages.respondents.asked import COMMENT, field_of
from app.pages.respondents.visit import SCORES
from surveys.answering.open_pages import SUBMISSION_ID
from surveys.facts import Malformed
from surveys.questionnaire import definitions
from surveys.tables import Question

FIELDS_LIMIT = 1000

Fields = Mapping[str, list[str]]


@dataclass(slots=True)
class Filled:
    """A form: the score, what goes with it, and what is wrong (question key to missing, long or invalid)."""

    score: int | None
    further: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def parse(raw: bytes) -> Fields:
    """The fields of an application/x-www-form-urlencoded body. Raises Malformed where it is not UTF-8."""
    try:
        return parse_qs(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_LIMIT)
    except ValueError:
        raise Malformed("body", "form fields in UTF-8 are wanted.") from None


def submission_id(fields: Fields) -> str:
    """The id that the open page has for this submission. Raises Malformed where there is not exactly one."""
    ids = fields.get("submission_id", [])
    if len(ids) != 1 or not SUBMISSION_ID.fullmatch(ids[0]):
        raise Malformed("submission_id", "the id that the page has for this answer is wanted.")
    return ids[0]


def check(fields: Fields, asked: Sequence[Question], *, whole: bool) -> Filled:
    """The score, and the answers to the questions `asked`: to all of them where `whole`, else to those in the form.

    A question that the form leaves blank is answered with nothing, which takes an earlier answer back.
    """
    scores = fields.get("score", [])
    filled = Filled(int(scores[0]) if len(scores) == 1 and scores[0] in SCORES else None)
    if filled.score is None:
        filled.errors["score"] = "missing"
    for question in asked:
        if whole or field_of(question.key) in fields:
            _take(filled, question, fields.get(field_of(question.key), []))
    return filled


def _take(filled: Filled, question: Question, posted: list[str]) -> None:
    value = filled.values[question.key] = _read(question, posted)
    if question.required and value in (None, "", []):
        filled.errors[question.key] = "missing"
        return
    try:
        checked = definitions.check_answers([question], {question.key: value})[question.key]
    except Malformed:
        long = isinstance(value, str) and len(value) > definitions.TEXT_LIMIT
        filled.errors[question.key] = "long" if long else "invalid"
        return
    if question.key == COMMENT:
        filled.further["comment"] = checked
    else:
        filled.further.setdefault("answers", {})[question.key] = checked


def _read(question: Question, posted: list[str]) -> Any:
    if question.kind == "choices":
        return posted
    value = posted[-1] if posted else None
    if question.kind == "scale" and value:
        return int(value) if value in SCORES else value
    # Browsers send line ends as CR LF; a comment is kept as it was typed.
    return value.replace("\r\n", "\n").strip() if value else None
