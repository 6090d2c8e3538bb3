"""Due mails are claimed once, stopped where they must be, and recorded so that nobody is lost or asked twice."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.storage.database import Database
from surveys.fieldwork import outbox
from surveys.fieldwork.mails import Mail, message_id, next_reminder_at
from surveys.fieldwork.outbox import LEASE, TRIES
from surveys.tables import Contact, Invitation, Turnout, Wave
from tests.conftest import SECRETS
from tests.factories import (
    NOW,
    SCORE,
    invited,
    make_contact,
    make_invitation,
    make_organisation,
    make_survey,
    make_touchpoint,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def claim(database: Database, now: datetime = NOW, **options: Any) -> list[Mail]:
    with database.writing() as session:
        return outbox.claim(session, now, SECRETS, **options) or []


def stored(database: Database, key: tuple[int, UUID]) -> Invitation:
    with database.reading() as session:
        found = session.get(Invitation, key)
        assert found is not None
        return found


def one(database: Database, **facts: Any) -> tuple[int, UUID]:
    with database.writing() as session:
        _, _, invitation = invited(session)
        for name, value in facts.items():
            setattr(invitation, name, value)
        return invitation.organisation_id, invitation.id


def change_contact(session: Session, key: tuple[int, UUID], **facts: Any) -> None:
    invitation = session.get(Invitation, key)
    assert invitation is not None
    contact = session.get(Contact, (key[0], invitation.contact_id))
    for name, value in facts.items():
        setattr(contact, name, value)


def test_a_claim_holds_what_a_mail_says(database: Database) -> None:
    key = one(database)
    (mail,) = claim(database)
    assert (mail.organisation_id, mail.invitation_id, mail.number, mail.attempts) == (*key, 0, 1)
    assert (mail.organisation_name, mail.locale, mail.time_zone) == ("Fjord Ferries", "en", "Europe/Copenhagen")
    assert mail.wording.text.startswith("How likely are you")
    assert mail.expires_at == NOW + 30 * DAY
    assert (mail.question_count, mail.answer_minutes) == (2, 0)


@pytest.mark.parametrize(("locale", "name"), [("da", "Telefon"), ("da-DK", "Telefon"), ("sv", "Phone")])
def test_a_mail_names_the_touchpoint_in_the_language_of_its_question(
    database: Database, locale: str, name: str
) -> None:
    score = SCORE | {"texts": {tag: {"text": "{touchpoint}?"} for tag in ("da", "en")}}
    with database.writing() as session:
        survey = make_survey(session, make_organisation(session).id, questions=[score])
        make_touchpoint(session, 1, "phone", name="Phone", names={"da": "Telefon"})
        contact = make_contact(session, 1, locale=locale)
        make_invitation(session, survey, contact, touchpoint="phone")
    (mail,) = claim(database)
    assert (mail.touchpoint, mail.wording.text) == (None, f"{name}?")


@pytest.mark.parametrize(("locale", "name", "question"), [("da", "Telefon", "Hvordan?"), ("en", "Phone", "How?")])
def test_a_touchpoint_in_brackets_stands_above_the_question_of_a_mail(
    database: Database, locale: str, name: str, question: str
) -> None:
    score = SCORE | {"texts": {"da": {"text": "Hvordan ({touchpoint})?"}, "en": {"text": "How ({touchpoint})?"}}}
    with database.writing() as session:
        survey = make_survey(session, make_organisation(session).id, questions=[score])
        make_touchpoint(session, 1, "phone", name="Phone", names={"da": "Telefon"})
        make_invitation(session, survey, make_contact(session, 1, locale=locale), touchpoint="phone")
    (mail,) = claim(database)
    assert (mail.touchpoint, mail.wording.text) == (name, question)


def test_a_mail_is_claimed_once_until_its_lease_is_over(database: Database) -> None:
    one(database)
    assert len(claim(database)) == 1
    assert claim(database, NOW + LEASE - timedelta(seconds=1)) == []
    (again,) = claim(database, NOW + LEASE)
    assert again.attempts == 2


def test_nothing_is_claimed_before_it_is_due(database: Database) -> None:
    one(database, send_at=NOW + HOUR)
    with database.writing() as session:
        assert outbox.claim(session, NOW, SECRETS) is None


def test_a_batch_takes_the_longest_due_first(database: Database) -> None:
    with database.writing() as session:
        survey, _, first = invited(session)
        first.send_at = NOW - HOUR
        for minutes in (3, 2, 1):
            contact = make_contact(session, survey.organisation_id)
            make_invitation(session, survey, contact, send_at=NOW - timedelta(minutes=minutes))
        first_id = first.id
    assert [m.invitation_id for m in claim(database, limit=1)] == [first_id]
    assert len(claim(database, limit=2)) == 2
    assert len(claim(database, limit=2)) == 1


@pytest.mark.parametrize(
    ("facts", "reason"),
    [({"unsubscribed_at": NOW}, "unsubscribed"), ({"bounced_at": NOW}, "bounced"), ({"email": None}, "no_address")],
)
def test_a_contact_who_must_not_be_written_to_is_withheld_with_the_reason(
    database: Database, facts: dict[str, Any], reason: str
) -> None:
    key = one(database)
    with database.writing() as session:
        change_contact(session, key, **facts)
    assert claim(database) == []
    invitation = stored(database, key)
    assert (invitation.send_at, invitation.withheld_reason, invitation.sent_at) == (None, reason, None)
    with database.reading() as session:
        assert session.exec(select(Turnout)).all() == []


def test_a_link_that_may_have_arrived_keeps_working_when_the_person_unsubscribes(database: Database) -> None:
    key = one(database)
    claim(database)
    with database.writing() as session:
        change_contact(session, key, unsubscribed_at=NOW)
    assert claim(database, NOW + LEASE) == []
    invitation = stored(database, key)
    assert (invitation.send_at, invitation.withheld_reason) == (None, None)
    assert (invitation.failure, invitation.failed_at) == ("unsubscribed", NOW + LEASE)


@pytest.mark.parametrize(
    "facts", [{"answered_at": NOW}, {"withdrawn_at": NOW}, {"expires_at": NOW}, {"contact_id": None}]
)
def test_an_invitation_that_is_over_is_not_sent(database: Database, facts: dict[str, Any]) -> None:
    key = one(database, **facts)
    assert claim(database) == []
    assert stored(database, key).send_at is None


@pytest.mark.parametrize("facts", [{"closed_at": NOW}, {"closes_at": NOW}])
def test_a_wave_that_has_closed_reminds_nobody(database: Database, facts: dict[str, Any]) -> None:
    with database.writing() as session:
        survey, contact, _ = invited(session)
        given = {"opens_at": NOW - DAY, "closes_at": NOW + DAY, "contacts": {}, "reminders_after_days": [3], **facts}
        session.add(Wave(organisation_id=1, key="spring", survey_key=survey.key, **given))
        session.flush()
        invitation = make_invitation(session, survey, contact, wave_key="spring")
        key = (1, invitation.id)
    assert key[1] not in [m.invitation_id for m in claim(database)]
    assert stored(database, key).send_at is None


def test_what_is_sent_is_due_again_for_its_reminders_and_then_no_more(database: Database) -> None:
    with database.writing() as session:
        survey, contact, other = invited(session)
        other.send_at = None
        session.add(
            Wave(
                organisation_id=1, key="spring", survey_key=survey.key, opens_at=NOW, closes_at=NOW + 60 * DAY,
                contacts={}, reminders_after_days=[7, 3],
            )
        )  # fmt: skip
        session.flush()
        key = (1, make_invitation(session, survey, contact, wave_key="spring").id)
    due = NOW
    seen = []
    for _ in range(3):
        (mail,) = claim(database, due)
        with database.writing() as session:
            outbox.record_sent(session, [(mail, due)])
        invitation = stored(database, key)
        seen.append((mail.number, invitation.reminders_sent, invitation.send_at, invitation.attempts))
        due = invitation.send_at or due
    assert seen == [(0, 0, NOW + 3 * DAY, 0), (1, 1, NOW + 7 * DAY, 0), (2, 2, None, 0)]
    assert stored(database, key).sent_at == NOW


def test_an_answer_that_overtakes_the_record_is_not_reminded(database: Database) -> None:
    key = one(database)
    (mail,) = claim(database)
    with database.writing() as session:
        invitation = session.get(Invitation, key)
        assert invitation is not None
        invitation.answered_at, invitation.send_at = NOW, None
    with database.writing() as session:
        outbox.record_sent(session, [(mail, NOW)])
    invitation = stored(database, key)
    assert (invitation.sent_at, invitation.send_at) == (NOW, None)


def test_a_record_that_comes_after_the_lease_leaves_the_other_claim_alone(database: Database) -> None:
    key = one(database)
    (late,) = claim(database)
    (taken,) = claim(database, NOW + LEASE)
    with database.writing() as session:
        outbox.record_sent(session, [(late, NOW + LEASE)])
        outbox.record_refused(session, late, "451 later", NOW + LEASE, permanent=False)
        outbox.hand_back(session, [late], NOW + LEASE)
    invitation = stored(database, key)
    assert (invitation.sent_at, invitation.send_at) == (NOW + LEASE, taken.leased_until)
    with database.writing() as session:
        outbox.record_sent(session, [(taken, NOW + LEASE + HOUR)])
    invitation = stored(database, key)
    assert (invitation.sent_at, invitation.send_at) == (NOW + LEASE, None)


def test_a_temporary_refusal_is_tried_again_and_given_up_in_the_end(database: Database) -> None:
    key = one(database, expires_at=NOW + 365 * DAY)
    due: datetime | None = NOW
    tries = 0
    while due is not None:
        (mail,) = claim(database, due)
        tries += 1
        with database.writing() as session:
            outbox.record_refused(session, mail, "451 4.7.1 Greylisted", due, permanent=False)
        invitation = stored(database, key)
        assert invitation.send_at is None or invitation.send_at > due
        last, due = due, invitation.send_at
    assert tries == TRIES
    assert (invitation.failed_at, invitation.failure) == (last, "451 4.7.1 Greylisted")
    assert timedelta(days=1) < last - NOW < timedelta(days=5)


def test_what_was_not_tried_is_handed_back_as_it_was(database: Database) -> None:
    key = one(database)
    mails = claim(database)
    with database.writing() as session:
        outbox.hand_back(session, mails, NOW)
    assert (stored(database, key).attempts, stored(database, key).send_at) == (0, NOW)
    assert len(claim(database)) == 1


def test_a_dead_address_is_noted_unless_it_was_changed_since(database: Database) -> None:
    key = one(database)
    (mail,) = claim(database)
    with database.writing() as session:
        change_contact(session, key, email="new@example.org")
        outbox.record_dead_address(session, mail, NOW)
    with database.reading() as session:
        assert session.get(Contact, (1, mail.contact_id)).bounced_at is None  # type: ignore[union-attr]
    with database.writing() as session:
        change_contact(session, key, email=mail.email)
        outbox.record_dead_address(session, mail, NOW)
    with database.reading() as session:
        assert session.get(Contact, (1, mail.contact_id)).bounced_at == NOW  # type: ignore[union-attr]


def test_reminders_keep_their_distance_when_a_mail_is_late() -> None:
    over = NOW + 30 * DAY
    assert next_reminder_at(NOW, 0, [3, 7], over) == NOW + 3 * DAY
    assert next_reminder_at(NOW + 5 * DAY, 1, [3, 7], over) == NOW + 9 * DAY
    assert next_reminder_at(NOW, 2, [3, 7], over) is None
    assert next_reminder_at(NOW, 0, [], over) is None
    assert next_reminder_at(NOW, 0, [3], NOW + 3 * DAY) is None


def test_the_back_off_doubles_up_to_six_hours() -> None:
    assert [outbox.back_off(n, 1.0).total_seconds() for n in (1, 2, 3, 11, 12, 99)] == [
        30,
        60,
        120,
        21600,
        21600,
        21600,
    ]
    assert outbox.back_off(1, 0.0).total_seconds() == 15
    assert all(timedelta(0) < outbox.back_off(n, random.random()) <= 6 * HOUR for n in range(1, 30))


def test_a_message_id_is_stable_and_tells_nothing() -> None:
    key = (1, UUID(int=5))
    first = message_id(*key, 0, "survey.example")
    assert first == message_id(*key, 0, "survey.example")
    assert len({first, message_id(*key, 1, "survey.example"), message_id(2, UUID(int=5), 0, "survey.example")}) == 3
    assert first.endswith(".0@survey.example>")
    assert UUID(int=5).hex not in first
