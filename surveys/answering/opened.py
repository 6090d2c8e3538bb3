"""Opening: what the holder of a link is shown, before and after answering."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import seals
from surveys.anonymity.seals import Secrets
from surveys.answering import lookups
from surveys.answering.questionnaires import Questionnaires, at_present
from surveys.facts import Fact, LinkUnknown
from surveys.fieldwork import admission, publications
from surveys.links import Link
from surveys.organisation import touchpoints
from surveys.questionnaire.questions import Value
from surveys.responses.responses import response_id
from surveys.tables import Answer, Cell, Question, Response
from surveys.tables.columns import core

COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Promise:
    """What an anonymous survey promises: the floors, when its wave closes, and what is stored beside an answer.

    `always_release_total` says that a wave is released even where its total is less than a floor apart from an
    earlier one. `closes_at` is when the wave closes at the latest, or, where `closed`, when it did. `segments` names
    the attributes that go with an answer, beside the unit, until then. Floors count those who had been known for
    `known_days` as the wave opened. `scores` says what is kept of a score once it has closed: scores or groups.
    """

    floor: int
    comment_floor: int
    always_release_total: bool
    closes_at: datetime
    segments: Sequence[str]
    known_days: int
    scores: str
    closed: bool = False


class Earlier(NamedTuple):
    """The answer from before."""

    score: int
    comment: str | None
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """One link as its holder finds it. `over` says why it can no longer be answered, where that is so.

    `results` is the page nearest to the holder, where the results were published. A `submission_id` is there on an
    open page only, which has no contact and takes no corrections. `version` changes with every change of the questions.
    """

    link: Link
    organisation: str
    organisation_locale: str
    contact_locale: str | None
    time_zone: str
    touchpoint: str | None
    touchpoint_names: Mapping[str, str]
    survey_key: str
    version: int
    mode: str
    address: str
    edit_hours: int
    over: Fact | None
    earlier: Earlier | None
    answers: Mapping[str, Value]
    questions: Sequence[Question]
    names_touchpoint: bool
    submission_id: str | None = None
    promise: Promise | None = None
    results: Link | None = None

    def touchpoint_in(self, language: str) -> str | None:
        """The touchpoint's name in a language, or else in the organisation's, or the one that stands for all."""
        if self.touchpoint is None:
            return None
        return touchpoints.name_in(self.touchpoint, self.touchpoint_names, [language, self.organisation_locale])

    @property
    def editable_until(self) -> datetime | None:
        """Until when the earlier answer may be changed, if there is one and it may."""
        if self.earlier is None or self.over is not None or self.edit_hours == 0:
            return None
        return self.earlier.answered_at + timedelta(hours=self.edit_hours)


def find(session: Session, link: Link, now: datetime, secrets: Secrets) -> Opened:
    """What `link` opens at `now`; nothing is written. Raises LinkUnknown."""
    opened = find_all(session.connection(), [link], now, {}, secrets).get(link)
    if opened is None:
        raise LinkUnknown
    return opened


def find_all(
    connection: sa.Connection, links: Collection[Link], now: datetime, questionnaires: Questionnaires, secrets: Secrets
) -> dict[Link, Opened]:
    """What `links` open at `now`, without those that are unknown; nothing is written.

    One statement reads all that decides, a second one the answers of those who have answered. `questionnaires` is
    used and kept up to date: questions are read where the row names another version of them. Raises what the driver
    raises.
    """
    rows = lookups.run(connection, lookups.SEEN, links)
    stored = _stored(connection, rows)
    cast = _cast(connection, rows, secrets)
    opened = {}
    for row in rows:
        link = Link(row.organisation_id, row.id)
        asked = at_present(connection, row, questionnaires)
        response = stored.get((row.organisation_id, response_id(row.survey_key, "invitation", row.id.hex)))
        earlier = Earlier(response.score, response.comment, response.answered_at) if response else None
        over = _over(row, earlier, now, cast=link in cast)
        opened[link] = Opened(
            link=link,
            organisation=row.organisation,
            organisation_locale=row.organisation_locale,
            contact_locale=row.contact_locale,
            time_zone=row.time_zone,
            touchpoint=row.touchpoint,
            touchpoint_names=row.touchpoint_names or {},
            survey_key=row.survey_key,
            version=row.version,
            mode=row.mode,
            address=row.address,
            edit_hours=row.edit_hours,
            over=over,
            earlier=earlier,
            answers=_answers(connection, link.organisation_id, response.id, asked.questions)
            if response and not over
            else {},
            questions=asked.questions,
            names_touchpoint=asked.names_touchpoint,
            promise=_promise(row) if row.floor else None,
            results=_results(connection, row) if row.floor and row.closed_at else None,
        )
    return opened


def _stored(connection: sa.Connection, rows: Sequence[Any]) -> dict[tuple[int, UUID], Any]:
    """The responses to those invitations that have one, by organisation and id."""
    answered = [
        Link(row.organisation_id, response_id(row.survey_key, "invitation", row.id.hex))
        for row in rows
        if row.answered_at is not None
    ]
    return {(row.organisation_id, row.id): row for row in lookups.run(connection, lookups.RESPONSES, answered)}


def _cast(connection: sa.Connection, rows: Sequence[Any], secrets: Secrets) -> set[Link]:
    """Those of anonymous waves whose ballot is in the urn, as only the holder of the secret can tell."""
    ballots = {
        Link(row.organisation_id, seal.ballot(row.id)): Link(row.organisation_id, row.id)
        for row in rows
        if row.anonymous
        and (seal := seals.find(secrets, row.organisation_id, row.wave_key, row.secret_check)) is not None
    }
    return {
        ballots[Link(row.organisation_id, row.id)] for row in lookups.run(connection, lookups.BALLOTS, list(ballots))
    }


def _results(connection: sa.Connection, row: Any) -> Link | None:
    with Session(connection) as session:
        cell = session.get_one(Cell, (row.organisation_id, row.cell_id))
        return publications.link_for(session, row.organisation_id, row.wave_key, cell.unit_key)


def _promise(row: Any) -> Promise:
    closed = row.closed_at is not None
    return Promise(
        row.floor, row.comment_floor, row.always_release_total, row.closed_at or row.closes_at, row.segments,
        row.known_days or 0, row.scores, closed,
    )  # fmt: skip


def _over(row: Any, earlier: Earlier | None, now: datetime, *, cast: bool) -> Fact | None:
    try:
        admission.admit(admission.Asked.of(row), earlier, now, cast=cast)
    except Fact as fact:
        return fact
    return None


def answers_of(session: Session, response: Response, questions: Sequence[Question]) -> dict[str, Value]:
    """What a response answered to those of `questions` that it answered."""
    return _answers(session.connection(), response.organisation_id, response.id, questions)


def _answers(
    connection: sa.Connection, organisation_id: int, response: UUID, questions: Sequence[Question]
) -> dict[str, Value]:
    kinds = {q.key: q.kind for q in questions if q.kind != "score" and q.key != COMMENT}
    if not kinds:
        return {}
    a = core(Answer).c
    rows = connection.execute(
        sa.select(a.question_key, a.number, a.text).where(
            a.organisation_id == organisation_id, a.response_id == response
        )
    )
    stored = {row.question_key: row for row in rows}
    return {key: _value(kind, stored[key]) for key, kind in kinds.items() if key in stored}


def _value(kind: str, stored: Any) -> Value:
    if kind == "scale":
        return float(stored.number)
    return list(json.loads(stored.text or "[]")) if kind == "choices" else stored.text
