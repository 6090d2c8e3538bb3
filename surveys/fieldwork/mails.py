"""Mails: what one mail of an invitation says, how it is named, and when the next one is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.organisation.touchpoints import name_in
from surveys.questionnaire import effort
from surveys.questionnaire.wordings import Wording, locale_of, word_score
from surveys.tables import Cell, Contact, Invitation, Organisation, Question, Survey, Touchpoint, Wave
from surveys.tables.columns import core

# Organisation, invitation and number of each mail.
Alike = Sequence[tuple[int, UUID, int]]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that is due, claimed until `leased_until`; `number` is 0 for the first, then 1, 2 for reminders.

    A reminder of an anonymous wave is noted when it is claimed, together with those to people who have answered, which
    nobody sends: `alike` names them all, so that they go on being treated alike. `touchpoint` is the one that stands
    above the question; None where the question names it itself.
    """

    organisation_id: int
    invitation_id: UUID
    contact_id: UUID
    number: int
    attempts: int
    leased_until: datetime
    organisation_name: str
    email: str
    name: str | None
    locale: str
    time_zone: str
    wording: Wording
    touchpoint: str | None
    expires_at: datetime
    reminders_after_days: tuple[int, ...]
    anonymous: bool
    address: str
    question_count: int
    answer_minutes: int
    alike: Alike = ()


def claimed(session: Session, taken: Sequence[sa.Row[Any]]) -> Sequence[sa.Row[Any]]:
    """All that decides about, and goes into, the mails of the invitations (organisation_id, id)."""
    i, s, c, w, o, cell, t = (core(m) for m in (Invitation, Survey, Contact, Wave, Organisation, Cell, Touchpoint))
    same = i.c.organisation_id
    joined = (
        i.join(o, o.c.id == same)
        .join(s, (s.c.organisation_id == same) & (s.c.key == i.c.survey_key))
        .join(cell, (cell.c.organisation_id == same) & (cell.c.id == i.c.cell_id))
        .outerjoin(c, (c.c.organisation_id == same) & (c.c.id == i.c.contact_id))
        .outerjoin(w, (w.c.organisation_id == same) & (w.c.key == i.c.wave_key))
        .outerjoin(t, (t.c.organisation_id == same) & (t.c.key == cell.c.touchpoint_key))
    )
    columns = (
        *(i.c[name] for name in (
            "organisation_id", "id", "contact_id", "cell_id", "survey_key", "invited_on", "expires_at", "attempts",
            "wave_key", "withheld_reason", "withdrawn_at", "sent_at", "reminders_sent", "answered_at", "created_at",
        )),
        c.c.email, c.c.name, c.c.unsubscribed_at, c.c.bounced_at, c.c.readdressed_at,
        w.c.closes_at, w.c.closed_at, w.c.reminders_after_days, w.c.secret_check, Wave.anonymous.label("anonymous"),
        s.c.address,
        o.c.name.label("organisation_name"), o.c.locale.label("organisation_locale"),
        o.c.time_zone, sa.func.coalesce(cell.c.locale, c.c.locale).label("locale"), t.c.name.label("touchpoint"),
        t.c.names.label("touchpoint_names"),
    )  # fmt: skip
    chosen = sa.select(*columns).select_from(joined)
    return session.execute(
        chosen.where(same.in_({row.organisation_id for row in taken}), i.c.id.in_({row.id for row in taken}))
    ).all()


def write(session: Session, rows: Sequence[sa.Row[Any]], leased_until: datetime, alike: Alike = ()) -> list[Mail]:
    """The mails of `rows`, as `claimed` gives them; `alike` names the reminders of anonymous waves, sent or not."""
    questions = _questions(session, rows)
    kinds = _kinds(session, rows)
    return [_mail(row, questions, kinds[row.organisation_id, row.survey_key], leased_until, alike) for row in rows]


def _questions(session: Session, rows: Sequence[sa.Row[Any]]) -> dict[tuple[int, str], dict[str, Any]]:
    """The texts per locale of the score question of each survey."""
    questions = session.execute(
        sa.select(col(Question.organisation_id), col(Question.survey_key), col(Question.texts)).where(
            col(Question.organisation_id).in_({row.organisation_id for row in rows}),
            col(Question.survey_key).in_({row.survey_key for row in rows}),
            col(Question.kind) == "score",
            col(Question.retired_at).is_(None),
        )
    )
    return {(row.organisation_id, row.survey_key): row.texts for row in questions}


def _kinds(session: Session, rows: Sequence[sa.Row[Any]]) -> dict[tuple[int, str], list[str]]:
    """The kinds of all questions that each survey asks at present."""
    questions = session.execute(
        sa.select(col(Question.organisation_id), col(Question.survey_key), col(Question.kind)).where(
            col(Question.organisation_id).in_({row.organisation_id for row in rows}),
            col(Question.survey_key).in_({row.survey_key for row in rows}),
            col(Question.retired_at).is_(None),
        )
    )
    kinds: dict[tuple[int, str], list[str]] = {}
    for organisation_id, survey_key, kind in questions:
        kinds.setdefault((organisation_id, survey_key), []).append(kind)
    return kinds


def _mail(
    row: sa.Row[Any],
    questions: Mapping[tuple[int, str], dict[str, Any]],
    kinds: Sequence[str],
    leased_until: datetime,
    alike: Alike,
) -> Mail:
    locale = row.locale or row.organisation_locale
    texts, locales = questions[row.organisation_id, row.survey_key], (locale, row.organisation_locale)
    touchpoint = row.touchpoint and name_in(row.touchpoint, row.touchpoint_names, [locale_of(texts, locales)])
    wording, above = word_score(texts, locales, organisation=row.organisation_name, touchpoint=touchpoint)
    return Mail(
        organisation_id=row.organisation_id,
        invitation_id=row.id,
        contact_id=row.contact_id,
        number=number_of(row),
        attempts=row.attempts,
        leased_until=leased_until,
        organisation_name=row.organisation_name,
        email=row.email,
        name=row.name,
        locale=locale,
        time_zone=row.time_zone,
        wording=wording,
        touchpoint=touchpoint if above else None,
        expires_at=over_at(row),
        reminders_after_days=tuple(row.reminders_after_days or ()),
        anonymous=row.anonymous,
        address=row.address,
        question_count=len(kinds),
        answer_minutes=effort.minutes(kinds),
        alike=alike if reminds_anonymously(row) else (),
    )


def number_of(row: sa.Row[Any]) -> int:
    """The number of the mail that is due."""
    return 0 if row.sent_at is None else row.reminders_sent + 1


def over_at(row: sa.Row[Any]) -> datetime:
    """The instant from which the link takes no answer."""
    over: datetime = row.expires_at if row.closes_at is None else min(row.expires_at, row.closes_at)
    return over


def reminds_anonymously(row: sa.Row[Any]) -> bool:
    """Whether the mail that is due goes only to those who have not answered an anonymous wave."""
    return bool(row.anonymous and row.sent_at is not None)


def message_id(organisation_id: int, invitation_id: UUID, number: int, host: str) -> str:
    """The Message-ID of one mail, the same at every try."""
    return f"<{message_hash(organisation_id, invitation_id)}.{number}@{host}>"


def message_hash(organisation_id: int, invitation_id: UUID) -> str:
    """What stands for the invitation in a Message-ID; mail servers log it, and nothing about the answer is in it."""
    name = b"message\0" + organisation_id.to_bytes(4, "big") + invitation_id.bytes
    return sha256(name).hexdigest()[:32]


def next_reminder_at(
    sent_at: datetime, number: int, reminders_after_days: Sequence[int], over_at: datetime
) -> datetime | None:
    """When the mail after mail `number`, handed over at `sent_at`, is due; None where none comes before `over_at`.

    Days count from the first mail; a mail that went out late moves those after it, so that they keep their distance.
    """
    days = [0, *sorted(set(reminders_after_days) - {0})]
    if number + 1 >= len(days):
        return None
    due = sent_at + timedelta(days=days[number + 1] - days[number])
    return due if due < over_at else None
