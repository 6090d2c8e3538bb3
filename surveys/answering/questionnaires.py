"""Questionnaires: what surveys ask at present, remembered by the version that stands in the survey's row."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from surveys.questionnaire import definitions
from surveys.questionnaire.wordings import without_brackets
from surveys.tables import Question

QUESTIONNAIRES = 512  # as many surveys at most are remembered with their questions


class Questionnaire(NamedTuple):
    """What a survey asks at present, and the `version` of it that stands in the survey's row."""

    version: int
    questions: Sequence[Question]
    names_touchpoint: bool


# The questions of surveys as they were read last, by organisation and key.
Questionnaires = dict[tuple[int, str], Questionnaire]


def at_present(connection: sa.Connection, row: Any, questionnaires: Questionnaires) -> Questionnaire:
    """The questions of a survey; what is read after the row is at least as new as the version that the row names."""
    key = (row.organisation_id, row.survey_key)
    asked = questionnaires.get(key)
    if asked is None or asked.version != row.version:
        with Session(connection, expire_on_commit=False) as session:
            questions = definitions.questions(session, *key)
            session.expunge_all()
        asked = Questionnaire(row.version, questions, names_touchpoint(questions))
        questionnaires[key] = asked
        if len(questionnaires) > QUESTIONNAIRES:
            del questionnaires[next(iter(questionnaires))]
    return asked


def names_touchpoint(questions: Sequence[Question]) -> bool:
    """Whether a question says the touchpoint's name within its sentence, not only in brackets at the score."""
    for question in questions:
        for words in question.texts.values():
            texts = without_brackets(words) if question.kind == "score" else words
            if "{touchpoint}" in str(texts):
                return True
    return False
