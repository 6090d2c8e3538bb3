"""Opening: what the holder of a link is shown, before and after answering."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.facts import Fact, LinkUnknown
from surveys.fieldwork import admission, publications
from surveys.links import Link
from surveys.questionnaire import definitions
from surveys.questionnaire.questions import Value
from surveys.responses.responses import response_id
from surveys.tables import Answer, Cell, Contact, Invitation, Organisation, Question, Response, Touchpoint, Wave


@dataclass(frozen=True, slots=True)
class Promise:
    """What an anonymous survey promises: the floors, when its wave closes, and what is stored beside an answer.

    `always_release_total` says that a wave is released even where its total is less than a floor apart from an
    earlier one. `closes_at` is when the wave closes at the latest, or, where `closed`, when it did. `segments` names
    the attributes that go with an answer, beside the unit, until then.
    """

    floor: int
    comment_floor: int
    always_release_total: bool
    closes_at: datetime
    segments: Sequence[str]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """One link as its holder finds it. `over` says why it can no longer be answered, where that is so.

    `results` is the page nearest to the holder, where the results were published. A `submission_id` is there on an
    open page only, which has no contact and takes no corrections.
    """

    link: Link
    organisation: str
    organisation_locale: str
    contact_locale: str | None
    time_zone: str
    touchpoint: str | None
    mode: str
    edit_hours: int
    over: Fact | None
    earlier: Response | None
    answers: Mapping[str, Value]
    questions: Sequence[Question]
    submission_id: str | None = None
    promise: Promise | None = None
    results: Link | None = None

    @property
    def editable_until(self) -> datetime | None:
        """Until when the answer that was given may be changed, if there is one and it may."""
        if self.earlier is None or self.over is not None or self.edit_hours == 0:
            return None
        return self.earlier.answered_at + timedelta(hours=self.edit_hours)


_SEEN = (
    admission.asking()
    .add_columns(
        col(Organisation.name).label("organisation"),
        col(Organisation.locale).label("organisation_locale"),
        col(Contact.locale).label("contact_locale"),
        col(Touchpoint.name).label("touchpoint"),
        col(Wave.segments),
        col(Wave.floor),
        col(Wave.comment_floor),
        col(Wave.always_release_total),
        col(Cell.unit_key),
    )
    .outerjoin(
        Contact,
        (col(Contact.organisation_id) == col(Invitation.organisation_id))
        & (col(Contact.id) == col(Invitation.contact_id)),
    )
    .outerjoin(
        Cell,
        (col(Cell.organisation_id) == col(Invitation.organisation_id)) & (col(Cell.id) == col(Invitation.cell_id)),
    )
    .outerjoin(
        Touchpoint,
        (col(Touchpoint.organisation_id) == col(Cell.organisation_id))
        & (col(Touchpoint.key) == col(Cell.touchpoint_key)),
    )
    .where(col(Invitation.organisation_id) == sa.bindparam("organisation"), col(Invitation.id) == sa.bindparam("id"))
)


def find(session: Session, link: Link, now: datetime) -> Opened:
    """What `link` opens at `now`; nothing is written. Raises LinkUnknown."""
    row = session.execute(_SEEN, {"organisation": link.organisation_id, "id": link.id}).one_or_none()
    if row is None:
        raise LinkUnknown
    questions = definitions.questions(session, link.organisation_id, row.survey_key)
    id_ = response_id(row.survey_key, "invitation", link.id.hex)
    earlier = session.get(Response, (link.organisation_id, id_)) if row.answered_at else None
    over = _over(row, earlier, now)
    return Opened(
        link=link,
        organisation=row.organisation,
        organisation_locale=row.organisation_locale,
        contact_locale=row.contact_locale,
        time_zone=row.time_zone,
        touchpoint=row.touchpoint,
        mode=row.mode,
        edit_hours=row.edit_hours,
        over=over,
        earlier=earlier,
        answers=answers_of(session, earlier, questions) if earlier and not over else {},
        questions=questions,
        promise=_promise(row) if row.floor else None,
        results=publications.link_for(session, row.organisation_id, row.wave_key, row.unit_key)
        if row.floor and row.closed_at
        else None,
    )


def _promise(row: sa.Row[Any]) -> Promise:
    closed = row.closed_at is not None
    return Promise(
        row.floor, row.comment_floor, row.always_release_total, row.closed_at or row.closes_at, row.segments, closed
    )


def _over(row: sa.Row[Any], earlier: Response | None, now: datetime) -> Fact | None:
    try:
        admission.admit(admission.Asked.of(row), earlier, now)
    except Fact as fact:
        return fact
    return None


def answers_of(session: Session, response: Response, questions: Sequence[Question]) -> dict[str, Value]:
    """What a response answered to those of `questions` that it answered."""
    rows = session.execute(
        sa.select(Answer).where(
            col(Answer.organisation_id) == response.organisation_id, col(Answer.response_id) == response.id
        )
    ).scalars()
    stored = {a.question_key: a for a in rows}
    return {q.key: _value(q.kind, stored[q.key]) for q in questions if q.key in stored}


def _value(kind: str, stored: Answer) -> Value:
    if kind == "scale":
        return stored.number
    return list(json.loads(stored.text or "[]")) if kind == "choices" else stored.text
