"""Reasons of the demo: what people said of the instructor training beside the score, on a scale of five."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session

from surveys.answering.imports.columns import Column, clean, find
from surveys.answering.imports.plan import Plan
from surveys.answering.imports.repeats import digest
from surveys.refusals import Refusal
from surveys.responses import responses
from surveys.tables import Answer
from surveys.tables.bulk import insert_missing

SURVEY = "instructor-training"
AGREEMENT = ("Strongly Disagree", "Disagree", "Neither Agree nor Disagree", "Agree", "Strongly Agree")
# The columns of the file that hold such an agreement, as questions.
STATEMENTS = {
    "atmosphere": ("AtmosphereWelcoming", "The atmosphere was welcoming."),
    "skills": ("LearnedSkills", "I learned skills that I can use."),
    "material": ("Material", "The material was clear."),
    "time": ("InformationReasonableTime", "The amount of information was reasonable."),
    "worth": ("Worth", "The training was worth my time."),
}


def questions(of_template: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The questions of the training: those of the template in English, and the statements between score and comment."""
    score, *rest = [question | {"texts": {"en": question["texts"]["en"]}} for question in of_template]
    scales = [
        {
            "key": key, "kind": "scale", "required": False,
            "texts": {"en": {"text": text, "low": AGREEMENT[0].lower(), "high": AGREEMENT[-1].lower()}},
        }
        for key, (_, text) in STATEMENTS.items()
    ]  # fmt: skip
    return [score, *scales, *rest]


def bring(session: Session, plan: Plan) -> None:
    """Store the agreements of the file's answers that are imported; what is there already stays as it is."""
    columns = {key: find(plan.sheet.columns, name, "answers") for key, (name, _) in STATEMENTS.items()}
    rows = list(_rows(plan, columns))
    known = responses.known(session, plan.survey.organisation_id, {id_ for id_, _, _ in rows})
    answers = [
        {
            "organisation_id": plan.survey.organisation_id, "response_id": id_, "question_key": key,
            "number": float(AGREEMENT.index(text) + 1), "text": None,
        }
        for id_, key, text in rows
        if id_ in known
    ]  # fmt: skip
    insert_missing(session, Answer, answers)


def _rows(plan: Plan, columns: dict[str, Column]) -> Iterator[tuple[UUID, str, str]]:
    """The id of each answer as the import gives it, the question, and what was said."""
    seen: Counter[bytes] = Counter()
    for _, cells in plan.sheet.rows():
        if isinstance(cells, Refusal):
            continue
        mark = digest(cells)
        identity = (mark.hex(), plan.score.own_name, str(seen[mark]))
        seen[mark] += 1
        id_ = responses.response_id(plan.survey.key, "import", *identity)
        for key, column in columns.items():
            if (text := clean(cells[column.position])) in AGREEMENT:
                yield id_, key, text
