"""Mails that come back stop what would go to the same address; made-up ones change nothing."""

from email.message import EmailMessage
from typing import Any

import pytest

from app.mail.bounces import read, take_back
from app.storage.database import Database
from surveys.fieldwork import outbox
from surveys.fieldwork.mails import message_id
from surveys.tables import Contact, Invitation
from tests.app.mail.returned import failed, report
from tests.conftest import SECRETS
from tests.factories import NOW, invited

ABUSE = "Feedback-Type: abuse\r\nUser-Agent: Example/1.0\r\nVersion: 1\r\n"


@pytest.fixture
def sent(database: Database) -> tuple[Invitation, str]:
    """An invitation that was sent, and the header of its mail."""
    with database.writing() as session:
        _, contact, invitation = invited(session)
        invitation.sent_at, invitation.send_at = NOW, NOW
        identity = message_id(1, invitation.id, 1, "fjord.example")
    return invitation, f"Message-ID: {identity}\r\nTo: Ada <{contact.email}>\r\nSubject: One question\r\n\r\nHi"


def outcome(database: Database, invitation: Invitation, content: bytes) -> tuple[Any, Invitation, Contact]:
    with database.writing() as session:
        told = take_back(session, content, NOW)
    with database.reading() as session:
        after = session.get(Invitation, (1, invitation.id))
        contact = session.get(Contact, (1, invitation.contact_id))
        assert after is not None
        assert contact is not None
        return told, after, contact


@pytest.mark.parametrize("whole", [True, False])
def test_a_dead_address_that_comes_back_is_marked(database: Database, sent: Any, whole: bool) -> None:
    invitation, header = sent
    told, after, contact = outcome(database, invitation, report(header, failed("5.1.1"), whole=whole))
    assert (told.kind, told.status) == ("bounce", "5.1.1")
    assert (after.failed_at, after.send_at, after.failure) == (NOW, None, "returned by the mail server 5.1.1")
    assert contact.bounced_at == NOW


def test_a_full_mailbox_fails_the_mail_and_not_the_contact(database: Database, sent: Any) -> None:
    invitation, header = sent
    _, after, contact = outcome(database, invitation, report(header, failed("5.2.2")))
    assert (after.failed_at, contact.bounced_at) == (NOW, None)


def test_a_complaint_unsubscribes(database: Database, sent: Any) -> None:
    invitation, header = sent
    told, _, contact = outcome(database, invitation, report(header, ABUSE, "feedback-report"))
    assert told.kind == "complaint"
    assert (contact.unsubscribed_at, contact.bounced_at) == (NOW, None)
    with database.writing() as session:
        assert outbox.claim(session, NOW, SECRETS) == []  # the reminder that was due is not sent


def test_a_report_about_no_mail_of_ours_changes_nothing(database: Database, sent: Any) -> None:
    invitation, header = sent
    forged = header.replace(header[13:20], "0" * 7)
    told, after, contact = outcome(database, invitation, report(forged, failed("5.1.1")))
    assert told is None
    assert (after.failed_at, contact.bounced_at) == (None, None)


def test_an_answered_invitation_stays_answered(database: Database, sent: Any) -> None:
    invitation, header = sent
    with database.writing() as session:
        session.merge(invitation).answered_at = NOW
    _, after, _ = outcome(database, invitation, report(header, failed("5.1.1")))
    assert (after.answered_at, after.failed_at) == (NOW, None)


def test_what_is_no_report_of_failure_is_left_alone() -> None:
    note = EmailMessage()
    note["Subject"] = "Out of office"
    note.set_content("Back on Monday.")
    header = "Message-ID: <a.0@b>\r\nTo: a@example.org\r\n\r\n"
    assert read(bytes(note)) is None
    assert read(report(header, failed("4.4.1", "delayed"))) is None
    assert read(report("Subject: no id\r\n\r\n", failed("5.1.1"))) is None
    assert read(report(header, "")) is None
    assert read(b"") is None
    assert read(b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\n\xff\xfe") is None
