"""Composing: an invitation or a reminder as a mail that any mail program shows well."""

import re
import secrets
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from pathlib import Path

import css_inline

from app import languages
from app.mail import headers

FOLDER = Path(__file__).parent / "templates"
# Marks the places that differ from person to person; nobody can guess it and put it into a name.
MARK = f"x{secrets.token_hex(12)}x"
_PLACE = re.compile(f"{MARK}([a-z]+)x")


# What words.txt says once for both the plain text and the page.
WORDS = ("subject", "preheader", "greeting", "lead", "deadline", "reason")
LONGEST = 998  # of a line in a mail (RFC 5322, 2.1.1)


@dataclass(frozen=True, slots=True)
class Ask:
    """All that one mail needs. Times are instants; `question`, `low` and `high` are in `locale`, names filled in.
    `touchpoint` stands above the question; None where the question names it itself, or there is none.

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


def compose(ask: Ask) -> bytes:
    """The mail as it travels, HTML and plain text. Raises Malformed naming the header that is not one safe line."""
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
    mark = secrets.token_hex(16)  # another one each time: what somebody got once could stand in a name later
    head = (
        headers.sender(ask.sender),
        headers.mailbox("To", ask.name or "", ask.email),
        headers.subject(letter.subject),
        headers.written("Date", format_datetime(ask.now or datetime.now(UTC))),
        headers.written("Message-ID", ask.message_id),
        headers.written("List-Unsubscribe", f"<{unsubscribe}>"),
        headers.written("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        headers.written("Content-Language", languages.plain(language)),
        "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\nMIME-Version: 1.0\r\n",
        f'Content-Type: multipart/alternative; boundary="{mark}"\r\n\r\n',
    )
    return "".join(head).encode("ascii") + _body(letter, places, mark.encode())


def _body(letter: Letter, places: dict[str, str], mark: bytes) -> bytes:
    plain = _quoted(_filled(letter.text, places).encode())
    shown = {key: escape(value) for key, value in places.items()}
    # Characters beyond ASCII become references, so that the page travels as it is, without being encoded.
    page = _filled(letter.html, shown).encode("ascii", "xmlcharrefreplace").replace(b"\n", b"\r\n")
    kept = max(map(len, page.split(b"\r\n"))) <= LONGEST
    return b"".join((
        b"--", mark, _part(b"plain", b"quoted-printable"), plain, b"\r\n",
        b"--", mark, _part(b"html", b"7bit" if kept else b"quoted-printable"), page if kept else _quoted(page), b"\r\n",
        b"--", mark, b"--\r\n",
    ))  # fmt: skip


def _part(kind: bytes, encoding: bytes) -> bytes:
    return b'\r\nContent-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: %b\r\n\r\n' % (kind, encoding)


def _quoted(text: bytes) -> bytes:
    """The text as quoted-printable (RFC 2045, 6.7), with the line ends of mail."""
    return b2a_qp(text, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


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
    context = {
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
    words = environment.get_template("words.txt").make_module(context)
    context |= {key: getattr(words, key) for key in WORDS}
    html = environment.get_template("invitation.html").render(context)
    return Letter(
        str(context["subject"]),
        _PLACE.split(environment.get_template("invitation.txt").render(context)),
        _PLACE.split(css_inline.inline(html)),
    )


def _place(name: str) -> str:
    return f"{MARK}{name}x"


def _filled(pieces: list[str], places: dict[str, str]) -> str:
    return "".join(places[piece] if at % 2 else piece for at, piece in enumerate(pieces))
