"""Questionnaires: surveys, their questions, and what may be answered to each."""

import math
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from surveys import keys
from surveys.facts import Malformed, Refused, Unknown
from surveys.names import check_name
from surveys.organisation import organisations
from surveys.questionnaire.questions import Value
from surveys.tables import Invitation, Question, Response, Survey, Wave

TEXT_LIMIT = 10_000
CHOICE_LIMIT = 200


def get(session: Session, organisation_id: int, key: str) -> Survey:
    """The survey with this key. Raises Unknown."""
    survey = session.get(Survey, (organisation_id, key))
    if survey is None:
        raise Unknown("survey", key)
    return survey


def get_offered(session: Session, organisation_id: int, key: str) -> Survey:
    """The survey with this key, to ask it. Raises Unknown, and Refused where it is in the archive."""
    survey = get(session, organisation_id, key)
    if survey.archived_at is not None:
        raise Refused(f"Survey '{key}' is archived and asks nobody; put it again to bring it back.")
    return survey


def listed(session: Session, organisation_id: int) -> list[Survey]:
    """Every survey of an organisation, the oldest first."""
    mine = select(Survey).where(col(Survey.organisation_id) == organisation_id)
    return list(session.execute(mine.order_by(col(Survey.created_at), col(Survey.key))).scalars())


def questions(session: Session, organisation_id: int, survey_key: str) -> list[Question]:
    """The questions asked at present, in their order; the first is the score."""
    rows = session.execute(
        sa.select(Question)
        .where(
            col(Question.organisation_id) == organisation_id,
            col(Question.survey_key) == survey_key,
            col(Question.retired_at).is_(None),
        )
        .order_by(col(Question.position))
    )
    return list(rows.scalars())


def put(
    session: Session,
    organisation_id: int,
    key: str,
    *,
    columns: Mapping[str, Any],
    questions: Sequence[Mapping[str, Any]],
    now: datetime,
) -> tuple[Survey, bool]:
    """Make or change a survey, out of the archive too; `columns` are its own, `questions` in their order.

    The score comes first. Questions left out are retired, so that the answers to them keep their meaning. Raises
    Refused where audience or the kind of a question would change after somebody answered, the mode or an anonymous
    survey's audience after anyone was asked, its segments while a wave is open; Malformed where an anonymous survey
    asks more than the score and a comment.
    """
    check_name("name", columns["name"])
    if columns["mode"] == "anonymous":
        _check_anonymous(questions)
    survey, made = keys.make(session, Survey, organisation_id, key, {"created_at": now, **columns})
    if not made:
        _check_change(session, survey, {name for name in columns if getattr(survey, name) != columns[name]})
    for name, value in columns.items():
        setattr(survey, name, value)
    survey.archived_at = None
    # Random, since two who change it at once, or a database put back, must not come to the same number again. Written
    # before the questions, so that who comes second waits here.
    survey.version = secrets.randbits(63)
    session.flush()
    _put_questions(session, survey, questions, now)
    return survey, made


def _check_anonymous(questions: Sequence[Mapping[str, Any]]) -> None:
    """Further answers beside a score would point at a person; each on its own would need rules of its own."""
    for position, question in enumerate(questions):
        if question["kind"] != "score" and (question["key"], question["kind"]) != ("comment", "text"):
            message = "an anonymous survey asks the score and a text question 'comment', nothing else."
            raise Malformed(f"questions.{position}", message)


def _check_change(session: Session, survey: Survey, changed: Collection[str]) -> None:
    """Raise Refused where columns would change that say what answers mean, or under which promise people are asked."""
    if not {"audience", "mode", "segments"}.intersection(changed):
        return
    organisations.take_turn(session, survey.organisation_id)  # nobody is being asked meanwhile
    anonymous = survey.mode == "anonymous"
    if "mode" in changed and _has(session, survey, Invitation):
        raise Refused(f"People were asked in survey '{survey.key}'; its mode stays as it is.")
    if {"audience", "mode"}.intersection(changed) and _has(session, survey, Invitation if anonymous else Response):
        raise Refused(f"Survey '{survey.key}' has answers; its audience and mode stay as they are.")
    open_ = (col(Wave.invited_at).is_not(None), col(Wave.closed_at).is_(None))
    if "segments" in changed and anonymous and _has(session, survey, Wave, *open_):
        raise Refused(
            f"A wave of survey '{survey.key}' is open; its segments stay as people were told until it closes."
        )


def _has(
    session: Session, survey: Survey, table: type[Invitation | Response | Wave], *further: sa.ColumnElement[bool]
) -> bool:
    """Whether the survey has any such rows."""
    own = (col(table.organisation_id) == survey.organisation_id, col(table.survey_key) == survey.key)
    return session.execute(sa.select(sa.literal(1)).where(*own, *further).limit(1)).first() is not None


def _put_questions(session: Session, survey: Survey, wanted: Sequence[Mapping[str, Any]], now: datetime) -> None:
    stored = {
        q.key: q
        for q in session.execute(
            sa.select(Question).where(
                col(Question.organisation_id) == survey.organisation_id,
                col(Question.survey_key) == survey.key,
            )
        ).scalars()
    }
    for position, fields in enumerate(wanted):
        question = stored.pop(fields["key"], None)
        if question is None:
            question = Question(
                organisation_id=survey.organisation_id, survey_key=survey.key, position=position, **fields
            )
        elif question.kind != fields["kind"]:
            raise Refused(f"Question '{question.key}' was asked as '{question.kind}'; give the new one another key.")
        question.position, question.retired_at = position, None
        question.required, question.texts = fields["required"], fields["texts"]
        session.add(question)
    for question in stored.values():
        question.retired_at = question.retired_at or now
    session.flush()


def check_answers(asked: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Value]:
    """The answers to further questions, each checked against its question.

    Raises Malformed naming `answers.<key>` for an unknown question or a value it cannot have.
    """
    by_key = {q.key: q for q in asked if q.kind != "score"}
    checked = {}
    for key, value in answers.items():
        question = by_key.get(key)
        if question is None:
            raise Malformed(f"answers.{key}", "this survey has no such question.")
        checked[key] = None if value in (None, "", []) else _check(question, value)
    return checked


def check_text(field: str, value: Any) -> str:
    """The text, where a respondent may give it. Raises Malformed naming `field`."""
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        raise Malformed(field, f"text of at most {TEXT_LIMIT} characters is wanted.")
    if "\0" in value:  # PostgreSQL holds every character but this one
        raise Malformed(field, "the NUL character cannot be stored; leave it out.")
    return value


def _check(question: Question, value: Any) -> Value:
    field = f"answers.{question.key}"
    if question.kind == "text":
        return check_text(field, value)
    if question.kind == "scale":
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        if number not in (1, 2, 3, 4, 5):
            raise Malformed(field, "a whole number from 1 to 5 is wanted.")
        return number
    choices = {c for texts in question.texts.values() for c in texts.get("choices", {})}
    chosen = value if isinstance(value, list) else [value]
    if question.kind == "choice" and len(chosen) != 1:
        raise Malformed(field, "one choice is wanted.")
    for choice in chosen:
        if choice not in choices:
            raise Malformed(field, f"'{str(choice)[:CHOICE_LIMIT]}' is not one of {', '.join(sorted(choices))}.")
    return list(dict.fromkeys(chosen)) if question.kind == "choices" else str(chosen[0])
