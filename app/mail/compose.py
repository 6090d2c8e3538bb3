"""Composing: an invitation or a reminder as a mail that any mail program shows well."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import css_inline

from app import languages
from surveys.facts import Malformed

FOLDER = Path(__file__).parent / "templates"
# Marks the places that differ from person to person; nobody can guess it and put it into a name.
MARK = f"x{secrets.token_hex(12)}x"
_PLACE = re.compile(f"{MARK}([a-z]+)x")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


# What words.txt says once for both the plain text and the page.
WORDS = ("subject", "preheader", "greeting", "lead", "deadline", "reason")
LINE = 76  # RFC 2047 for names and subjects, RFC 2045 for text
_FOLDED = policy.SMTP.clone(cte_type="7bit", max_line_length=LINE)
_WHOLE = _FOLDED.clone(max_line_length=998)


class Folding(EmailPolicy):
    """SMTP's policy, but only names and subjects are folded: a folded List-Unsubscribe or Message-ID breaks.

    They are encoded by `email.header`, since the newer code loses spaces between the words it folds.
    """

    def fold(self, name: str, value: Any) -> str:
        """The header as lines."""
        if name.lower() not in ("from", "to", "subject"):
            return str(_WHOLE.fold(name, value))
        if str(value).isascii():
            return str(_FOLDED.fold(name, value))
        if name.lower() == "subject":
            return f"{name}: {_words(name, str(value))}\r\n"
        one = value.addresses[0]
        return f"{name}: {_words(name, one.display_name)}\r\n <{one.addr_spec}>\r\n"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header as lines of bytes."""
        return self.fold(name, value).encode("ascii")


def _words(name: str, text: str) -> str:
    return Header(text, "utf-8", LINE - 1, name).encode(linesep="\r\n")


POLICY = Folding(linesep="\r\n", max_line_length=998, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Ask:
    """All that one mail needs. Times are instants; `question`, `low` and `high` are in `locale`, names filled in.

    `low` and `high` are the ends of the scale, the usual ones where empty; `question_count` and `answer_minutes` (0 for
    less than one) say what answering asks of people; `message_id` has its angle brackets. The
    mail of an `anonymous` survey has no buttons with scores: a click would put link and score together into logs.
    """

    organisation: str
    sender: str
    base_url: str
    answer_token: str
    unsubscribe_token: str
    email: str
    name: str | None
    locale: str
    question: str
    touchpoint: str | None
    expires_at: datetime
    message_id: str
    reminder: bool = False
    anonymous: bool = False
    time_zone: str = "UTC"
    low: str = ""
    high: str = ""
    question_count: int = 1
    answer_minutes: int = 0
    address: str = "formal"
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is addressed: text and HTML in pieces, every second one the name of a place to fill."""

    subject: str
    text: list[str]
    html: list[str]


def compose(ask: Ask) -> EmailMessage:
    """The mail, as HTML and plain text. Raises Malformed naming the header that could not be one safe line."""
    language = languages.addressed(languages.negotiate(ask.locale), ask.address)
    until, whole_day = languages.deadline(ask.expires_at, language, ask.time_zone)
    letter = _letter(
        language,
        organisation=ask.organisation,
        touchpoint=ask.touchpoint,
        question=ask.question,
        low=ask.low,
        high=ask.high,
        question_count=ask.question_count,
        answer_minutes=ask.answer_minutes,
        whole_day=whole_day,
        reminder=ask.reminder,
        anonymous=ask.anonymous,
        named=bool(ask.name),
    )
    unsubscribe = f"{ask.base_url}/u/{ask.unsubscribe_token}"
    places = {
        "name": ask.name or "",
        "link": f"{ask.base_url}/s/{ask.answer_token}",
        "unsubscribe": unsubscribe,
        "until": until,
    }
    message = _body(letter, places)
    message["From"] = _mailbox("From", *parseaddr(_line("From", ask.sender)))
    message["To"] = _mailbox("To", ask.name or "", ask.email)
    for name, value in {
        "Subject": letter.subject,
        "Date": format_datetime(ask.now or datetime.now(UTC)),
        "Message-ID": ask.message_id,
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Language": languages.plain(language),
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }.items():
        message[name] = _line(name, value)
    return message


def _body(letter: Letter, places: dict[str, str]) -> EmailMessage:
    message = EmailMessage(_FOLDED)
    message.set_content(_filled(letter.text, places))
    message.policy = POLICY
    shown = {key: escape(value) for key, value in places.items()}
    # Characters beyond ASCII become references, so that the page travels as it is, without being encoded.
    page = _filled(letter.html, shown).encode("ascii", "xmlcharrefreplace").decode()
    message.add_alternative(page, subtype="html")
    return message


@lru_cache(maxsize=512)
def _letter(
    language: str,
    *,
    organisation: str,
    touchpoint: str | None,
    question: str,
    low: str,
    high: str,
    question_count: int,
    answer_minutes: int,
    whole_day: bool,
    reminder: bool,
    anonymous: bool,
    named: bool,
) -> Letter:
    """Drawn once for all who are asked the same: drawing costs fifty times what filling in does."""
    environment = languages.environment(FOLDER, language)
    _ = languages.translator(language).gettext
    facts = {
        "organisation": organisation,
        "touchpoint": touchpoint,
        "question": question,
        "low": low or _("Not at all likely"),
        "high": high or _("Extremely likely"),
        "question_count": question_count,
        "answer_minutes": answer_minutes,
        "whole_day": whole_day,
        "reminder": reminder,
        "anonymous": anonymous,
        "name": _place("name") if named else None,
        "link": _place("link"),
        "unsubscribe": _place("unsubscribe"),
        "until": _place("until"),
    }
    words = environment.get_template("words.txt").make_module(facts)
    facts |= {key: getattr(words, key) for key in WORDS}
    html = environment.get_template("invitation.html").render(facts)
    return Letter(
        str(facts["subject"]),
        _PLACE.split(environment.get_template("invitation.txt").render(facts)),
        _PLACE.split(css_inline.inline(html)),
    )


def _place(name: str) -> str:
    return f"{MARK}{name}x"


def _filled(pieces: list[str], places: dict[str, str]) -> str:
    return "".join(places[piece] if at % 2 else piece for at, piece in enumerate(pieces))


def _line(header: str, value: str) -> str:
    """The value, if it is one line: CPython before 3.11.15 lets others through (CVE-2026-1299)."""
    if _UNSAFE.search(value):
        raise Malformed(header, "a mail header is one line; take line breaks and control characters out.")
    return value


def _mailbox(header: str, name: str, email: str) -> Address:
    """A name and an address; the domain in ASCII (IDNA), since not every mail server takes another."""
    local, at, domain = _line(header, email).rpartition("@")
    try:
        spec = f"{local}{at}{domain.encode('idna').decode()}"
        spec.encode("ascii")
        if not local:
            raise ValueError(email)
        return Address(display_name=_line(header, name), addr_spec=spec)
    except (ValueError, IndexError, MessageError) as error:
        raise Malformed(header, "this is not an e-mail address that mail can be sent to.") from error
