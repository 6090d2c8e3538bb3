"""Open pages: whoever is at a touchpoint may answer there, and nobody asks who it is."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from surveys import keys
from surveys.answering import opened, questionnaires
from surveys.answering.answers import Recorded
from surveys.answering.opened import Opened
from surveys.facts import AlreadyAnswered, LinkUnknown, Malformed, PageWithdrawn, Refused, Unknown
from surveys.links import Link
from surveys.organisation import organisations, touchpoints
from surveys.organisation.organisations import day_of
from surveys.questionnaire import definitions
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from surveys.tables import OpenPage, Organisation, Response, Survey, Touchpoint, Unit

CHANNEL = "page"
SUBMISSION_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")


@dataclass(frozen=True, slots=True)
class Submission:
    """An answer on an open page, asked in the language `locale`. `further` may hold `comment` and `answers`.

    The `submission_id` is new for each person, so that a double click or a retry is the same submission.
    """

    submission_id: str
    score: int
    locale: str
    further: Mapping[str, Any] = field(default_factory=dict)


def make(
    session: Session, organisation_id: int, touchpoint: str, *, survey: str, unit: str | None, now: datetime
) -> OpenPage:
    """A new page of a touchpoint. Raises Unknown for the touchpoint, Malformed for survey or unit, Refused.

    An anonymous survey is refused: it is asked in waves, and nothing keeps one person from answering a page twice.
    """
    organisations.take_turn(session, organisation_id)  # nobody archives what it asks about meanwhile
    if touchpoints.get(session, organisation_id, touchpoint).archived_at is not None:
        raise Refused(f"Touchpoint '{touchpoint}' is archived; put it again to bring it back.")
    keys.check_offered(session, organisation_id, Survey, "survey", survey)
    keys.check_offered(session, organisation_id, Unit, "unit", unit)
    if definitions.get(session, organisation_id, survey).mode != "confidential":
        raise Refused(f"Survey '{survey}' is anonymous, and those are asked in waves only.")
    page = OpenPage(
        organisation_id=organisation_id,
        id=UUID(bytes=os.urandom(16)),
        survey_key=survey,
        touchpoint_key=touchpoint,
        unit_key=unit,
        created_at=now,
    )
    session.add(page)
    session.flush()
    return page


def listed(
    session: Session, organisation_id: int, touchpoint: str, *, limit: int, after: UUID | None
) -> Sequence[OpenPage]:
    """The pages of a touchpoint in the order of their ids, behind `after`. Raises Unknown."""
    touchpoints.get(session, organisation_id, touchpoint)
    rows = select(OpenPage).where(OpenPage.organisation_id == organisation_id, OpenPage.touchpoint_key == touchpoint)
    if after is not None:
        rows = rows.where(col(OpenPage.id) > after)
    return session.exec(rows.order_by(col(OpenPage.id)).limit(limit)).all()


def withdraw(session: Session, organisation_id: int, touchpoint: str, link: Link, now: datetime) -> None:
    """Take a page back: it takes no answer any more; those it has stay. Raises Unknown."""
    page = session.get(OpenPage, (organisation_id, link.id)) if link.organisation_id == organisation_id else None
    if page is None or page.touchpoint_key != touchpoint:
        raise Unknown("open page")
    page.withdrawn_at = page.withdrawn_at or now
    session.flush()


def find(session: Session, link: Link) -> Opened:
    """What an open page shows; nothing is written. Raises LinkUnknown."""
    page, survey, organisation = _page(session, link)
    touchpoint = session.get_one(Touchpoint, (page.organisation_id, page.touchpoint_key))
    questions = definitions.questions(session, page.organisation_id, page.survey_key)
    return Opened(
        link=link,
        organisation=organisation.name,
        organisation_locale=organisation.locale,
        contact_locale=None,
        time_zone=organisation.time_zone,
        touchpoint=touchpoint.name,
        touchpoint_names=touchpoint.names,
        survey_key=survey.key,
        version=survey.version,
        mode=survey.mode,
        address=survey.address,
        edit_hours=0,  # nothing joins the answer to a person, so nobody can come back to it
        over=_over(page, survey),
        earlier=None,
        answers={},
        questions=questions,
        names_touchpoint=questionnaires.names_touchpoint(questions),
    )


def answer(session: Session, link: Link, submission: Submission, now: datetime) -> Recorded:
    """Store an answer, once for each `submission_id`; a repeat counts as a correction that corrects nothing.

    Raises LinkUnknown, PageWithdrawn, Malformed, and AlreadyAnswered where the same `submission_id` came with
    another answer.
    """
    page, survey, organisation = _page(session, link)
    if (over := _over(page, survey)) is not None:
        raise over
    entry = _entry(session, page, organisation, submission, now)
    earlier = session.get(Response, (page.organisation_id, entry.id))
    if earlier is None:
        responses.store(session, [entry], now)
        return Recorded(now, corrected=False)
    questions = definitions.questions(session, page.organisation_id, page.survey_key)
    stored = opened.answers_of(session, earlier, questions)
    answers = {key: value for key, value in entry.answers.items() if value is not None}
    if (earlier.score, earlier.comment, stored) != (entry.score, entry.comment, answers):
        raise AlreadyAnswered("There is another answer with this submission_id, and an open page takes no corrections.")
    return Recorded(earlier.recorded_at, corrected=True)


def _page(session: Session, link: Link) -> tuple[OpenPage, Survey, Organisation]:
    page = session.get(OpenPage, (link.organisation_id, link.id))
    if page is None:
        raise LinkUnknown
    survey = definitions.get(session, page.organisation_id, page.survey_key)
    return page, survey, organisations.get(session, page.organisation_id)


def _over(page: OpenPage, survey: Survey) -> PageWithdrawn | None:
    """A survey may have become anonymous since the page was made, while it had no answers."""
    return PageWithdrawn() if page.withdrawn_at is not None or survey.mode != "confidential" else None


def _entry(
    session: Session, page: OpenPage, organisation: Organisation, submission: Submission, now: datetime
) -> Entry:
    """The response, its cell made. Raises Malformed."""
    if not SUBMISSION_ID.fullmatch(submission.submission_id):
        raise Malformed("submission_id", "1 to 64 letters, digits, '.', '_', '~' or '-' are wanted, such as a UUID.")
    answers = submission.further.get("answers") or {}
    if answers:
        asked = definitions.questions(session, page.organisation_id, page.survey_key)
        answers = definitions.check_answers(asked, answers)
    comment = definitions.check_text("comment", submission.further.get("comment") or "")
    cell = Slice(
        page.survey_key,
        touchpoint=page.touchpoint_key,
        unit=page.unit_key or touchpoints.get(session, page.organisation_id, page.touchpoint_key).unit_key,
        channel=CHANNEL,
        locale=submission.locale,
    )
    cells.ensure(session, page.organisation_id, [cell])
    return Entry(
        organisation_id=page.organisation_id,
        id=responses.response_id(page.survey_key, CHANNEL, submission.submission_id),
        survey_key=page.survey_key,
        cell_id=cell.id,
        day=day_of(now, organisation.time_zone),
        score=submission.score,
        answered_at=now,
        comment=comment or None,
        answers=answers,
    )
