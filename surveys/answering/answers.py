"""Answering: what comes through a link becomes a response, or a named fact says why not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import seals, urn
from surveys.anonymity.seals import Seal, Secrets
from surveys.anonymity.urn import Cast, WaveId
from surveys.answering import lookups
from surveys.facts import AlreadyAnswered, Fact, LinkUnknown, WaveClosed
from surveys.fieldwork import admission
from surveys.fieldwork.admission import Asked
from surveys.links import Link
from surveys.organisation.organisations import day_of
from surveys.questionnaire import definitions
from surveys.questionnaire.questions import Value
from surveys.responses import responses, tallies
from surveys.responses.responses import Entry
from surveys.tables import Invitation, Question, bulk
from surveys.tables.columns import core


@dataclass(frozen=True, slots=True)
class Submission:
    """What came through a link. `further` may hold `comment` and `answers`; what is absent stays as it was."""

    organisation_id: int
    invitation_id: UUID
    score: int
    further: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A submission that is stored: when, and whether it corrected an earlier one."""

    recorded_at: datetime
    corrected: bool


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A submission that is in the urn of an anonymous survey. When is nobody's business."""


Outcome = Recorded | Unlinked | Fact


def answer(session: Session, submissions: Sequence[Submission], now: datetime, secrets: Secrets) -> list[Outcome]:
    """Store what came through several links, in one transaction of the caller; an outcome for each, in order.

    Takes at most one submission per invitation; they are locked in the order of their ids, but for those of anonymous
    waves: of these only the urn, and only to who has the secret, tells who has answered.
    """
    asked = admission.lock(session, [(s.organisation_id, s.invitation_id) for s in submissions])
    stored = _stored(session, asked.values())
    questions = _questions(session, submissions, asked)
    waves = {(i.organisation_id, i.wave_key) for i in asked.values() if i.anonymous and i.wave_key}
    held = urn.hold(session, waves)
    casts: dict[int, Cast] = {}
    fresh: list[tuple[Asked, Entry]] = []
    corrections: list[tuple[Any, Entry]] = []
    outcomes: list[Outcome] = []
    for position, s in enumerate(submissions):
        invitation = asked.get((s.organisation_id, s.invitation_id))
        try:
            if invitation is None:
                raise LinkUnknown
            earlier = stored.get((s.organisation_id, s.invitation_id))
            admission.admit(invitation, earlier, now)
            seal = _seal(invitation, held, secrets)
            entry = _entry(s, invitation, earlier, questions, now)
        except Fact as fact:
            outcomes.append(fact)
            continue
        if seal is not None:
            casts[position] = _unlinked(s, entry, seal)
            outcomes.append(Unlinked())
            continue
        if earlier is None:
            fresh.append((invitation, entry))
        else:
            corrections.append((earlier, entry))
        outcomes.append(Recorded(now, corrected=earlier is not None))
    with bulk.unasked(session):
        responses.store(session, [entry for _, entry in fresh], now)
        responses.correct(session, corrections, now)
        _mark_answered(session, fresh, now)
    _put(session, casts, outcomes)
    return outcomes


def _put(session: Session, casts: Mapping[int, Cast], outcomes: list[Outcome]) -> None:
    """Put into the urn what is cast, and refuse what was there; `casts` by position among the outcomes."""
    new = urn.put(session, list(casts.values()))
    for position, ballot in casts.items():
        if ballot.id not in new:
            outcomes[position] = AlreadyAnswered()


def _seal(invitation: Asked, held: Collection[WaveId], secrets: Secrets) -> Seal | None:
    """What makes ballots of answers to an anonymous wave; None for confidential surveys.

    Raises WaveClosed, also where the secret of the wave is lost: nobody could tell who has answered.
    """
    if not invitation.anonymous:
        return None
    key = invitation.wave_key or ""
    seal = seals.find(secrets, invitation.organisation_id, key, invitation.secret_check)
    if seal is None or (invitation.organisation_id, key) not in held:
        raise WaveClosed
    return seal


def _stored(session: Session, invitations: Iterable[Asked]) -> dict[tuple[int, UUID], Any]:
    """The responses that answered invitations have; read after the lock, so that they are the newest."""
    by_response = {
        (row.organisation_id, responses.response_id(row.survey_key, "invitation", row.id.hex)): row.id
        for row in invitations
        if row.answered_at is not None
    }
    if not by_response:
        return {}
    rows = lookups.run(session.connection(), lookups.RESPONSES, [Link(*key) for key in by_response])
    return {(row.organisation_id, by_response[row.organisation_id, row.id]): row for row in rows}


def _questions(
    session: Session, submissions: Sequence[Submission], asked: Mapping[tuple[int, UUID], Asked]
) -> dict[tuple[int, str], list[Question]]:
    surveys = {
        (s.organisation_id, asked[s.organisation_id, s.invitation_id].survey_key)
        for s in submissions
        if s.further.get("answers") and (s.organisation_id, s.invitation_id) in asked
    }
    return {key: definitions.questions(session, *key) for key in surveys}


def _entry(
    s: Submission,
    invitation: Asked,
    earlier: Any,
    questions: Mapping[tuple[int, str], list[Question]],
    now: datetime,
) -> Entry:
    answers: Mapping[str, Value] = {}
    if s.further.get("answers"):
        asked = questions[s.organisation_id, invitation.survey_key]
        answers = definitions.check_answers(asked, s.further["answers"])
    comment = s.further.get("comment", earlier.comment if earlier else None)
    definitions.check_text("comment", comment or "")
    return Entry(
        organisation_id=s.organisation_id,
        id=responses.response_id(invitation.survey_key, "invitation", s.invitation_id.hex),
        survey_key=invitation.survey_key,
        cell_id=invitation.cell_id,
        day=earlier.day if earlier else day_of(now, invitation.time_zone),
        score=s.score,
        answered_at=earlier.answered_at if earlier else now,
        comment=comment or None,
        contact_id=invitation.contact_id,
        answers=answers,
    )


def _unlinked(s: Submission, entry: Entry, seal: Seal) -> Cast:
    """What an anonymous survey keeps of an entry."""
    return Cast(s.organisation_id, seal.ballot(s.invitation_id), entry.cell_id, entry.score, entry.comment)


def _mark_answered(session: Session, fresh: Sequence[tuple[Asked, Entry]], now: datetime) -> None:
    """Note on each invitation that it was answered, so that nobody is reminded, and count the turnout."""
    if not fresh:
        return
    dialect = bulk.dialect(session)
    for organisation_id in sorted({row.organisation_id for row, _ in fresh}):
        answered = bulk.ids(dialect, [row.id for row, _ in fresh if row.organisation_id == organisation_id])
        marked = {"organisation": organisation_id, "answered": answered, "now": now}
        session.connection().execute(_marking(dialect), marked)
    tallies.count_turnout(session, [_reached(row) for row, _ in fresh])


def _reached(row: Asked) -> tuple[int, UUID, date, int, int, int]:
    """What an answer adds to the turnout: who answers was invited, and reached, whatever is noted of the mail."""
    noted = row.deliver == "link" or row.sent_at is not None or row.failed_at is not None
    undelivered = -1 if row.failed_at is not None else 0
    return row.organisation_id, row.cell_id, row.invited_on, 0 if noted else 1, 1, undelivered


@lru_cache(maxsize=2)
def _marking(dialect: str) -> sa.Update:
    i = core(Invitation)
    return (
        sa.update(i)
        .where(i.c.organisation_id == sa.bindparam("organisation"), bulk.among(dialect, i.c.id, "answered"))
        .values(answered_at=sa.bindparam("now", type_=i.c.answered_at.type), send_at=None)
    )
