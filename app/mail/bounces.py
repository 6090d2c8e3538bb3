"""Bounces: what mail servers send back (DSN, RFC 3464) and what people report as unwanted (ARF, RFC 5965)."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Literal

from sqlmodel import Session

from app.mail.smtp import DEAD_ADDRESS
from surveys.contacts import subscriptions
from surveys.fieldwork import bounces

# Headers of a mail that came back may be broken; the old policy reads them as they are.
POLICY = policy.compat32


@dataclass(frozen=True, slots=True)
class Report:
    """What came back: `bounce` or `complaint`, about the mail with this Message-ID to one of these addresses."""

    kind: Literal["bounce", "complaint"]
    message_id: str
    addresses: frozenset[str]
    status: str = ""

    @property
    def address_dead(self) -> bool:
        """Whether the status (RFC 3463) says that no mail can ever arrive there."""
        return bool(DEAD_ADDRESS.fullmatch(self.status))


def read(content: bytes) -> Report | None:
    """The report in a mail; None for anything else, such as an absence note or word of a mere delay."""
    mail = BytesParser(policy=POLICY).parsebytes(content)
    kind = str(mail.get_param("report-type") or "").lower()
    if mail.get_content_type() != "multipart/report" or kind not in ("delivery-status", "feedback-report"):
        return None
    parts = list(mail.walk())
    original = _original(parts)
    message_id = str((original["Message-ID"] if original else None) or "").strip()
    if not message_id or original is None:
        return None
    reports = [part for part in parts if part.get_content_type() == f"message/{kind}"]
    fields = [group for part in reports for group in _groups(part)]
    names = ("Original-Recipient", "Final-Recipient", "Original-Rcpt-To")
    recipients = [value.partition(";")[2] or value for group in fields for n in names for value in group.get_all(n, [])]
    addresses = frozenset(a for _, a in getaddresses([*recipients, *original.get_all("To", [])]) if "@" in a)
    if kind == "feedback-report":
        return Report("complaint", message_id, addresses)
    failed = [group for group in fields if str(group["Action"]).strip().lower() == "failed"]
    if not failed:
        return None
    status = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", str(failed[0]["Status"]))
    return Report("bounce", message_id, addresses, status[0] if status else "")


def _original(parts: list[Message]) -> Message | None:
    """The mail that came back, or at least its header."""
    for part in parts:
        inner = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(inner, list) and inner:
            return inner[0] if isinstance(inner[0], Message) else None
        if part.get_content_type() == "text/rfc822-headers":
            return BytesParser(policy=POLICY).parsebytes(_bytes(part), headersonly=True)
    return None


def _groups(part: Message) -> list[Message]:
    """The groups of fields of a report: about the mail, then about each recipient."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return [group for group in inner if isinstance(group, Message)]
    return [BytesParser(policy=POLICY).parsebytes(_bytes(part))]


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def take_back(session: Session, content: bytes, now: datetime) -> Report | None:
    """Act on a mail that came back: a bounce marks invitation and contact, a complaint unsubscribes.

    Gives the report, or None where it is none, or about no mail of ours.
    """
    report = read(content)
    link = bounces.find(session, report.addresses, report.message_id) if report else None
    if report is None or link is None:
        return None
    if report.kind == "complaint":
        subscriptions.unsubscribe(session, link, now)
    else:
        said = f"returned by the mail server {report.status}".strip()
        first = bounces.is_first(report.message_id)
        bounces.bounce(session, link, said, now, address_dead=report.address_dead, first=first)
    return report
