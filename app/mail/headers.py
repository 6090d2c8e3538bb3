"""Headers of a mail: each one safe line, names beyond ASCII in encoded words, written without a parser in between."""

import re
from base64 import b64encode
from collections.abc import Iterator
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from functools import lru_cache

from surveys.facts import Malformed

LINE = 76  # RFC 2047, 2: the longest line with encoded words in it
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]{{1,63}}(\.[A-Za-z0-9-]{{1,63}})*")
_WORDS = re.compile(rf"{_ATOM}( {_ATOM})*")


def line(header: str, text: str) -> str:
    """The text, if it is one line (RFC 5322, 2.2: nothing may start another header). Raises Malformed."""
    if _UNSAFE.search(text):
        raise Malformed(header, "a mail header is one line; take line breaks and control characters out.")
    return text


def written(header: str, text: str) -> str:
    """A header whose text stays as it is, on one line: a List-Unsubscribe or Message-ID that is folded breaks."""
    if not line(header, text).isascii():
        raise Malformed(header, "this header takes ASCII only.")
    return f"{header}: {text}\r\n"


def subject(text: str) -> str:
    """The subject."""
    if line("Subject", text).isascii() and "=?" not in text and len(text) <= 900:
        return f"Subject: {text}\r\n"
    return f"Subject: {_encoded('Subject', text)}\r\n"


@lru_cache(maxsize=64)
def sender(text: str) -> str:
    """The header From of an address with or without a name."""
    return mailbox("From", *parseaddr(line("From", text)))


def mailbox(header: str, name: str, email: str) -> str:
    """A header with a name and an address. Raises Malformed for what is none, or more than one line."""
    spec, name = _spec(header, line(header, email)), line(header, name).strip()
    if not name:
        return f"{header}: {spec}\r\n"
    if not name.isascii() or "=?" in name:
        shown = _encoded(header, name)
    elif _WORDS.fullmatch(name):
        shown = name
    else:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    whole = f"{header}: {shown} <{spec}>"
    return (
        f"{whole}\r\n"
        if len(whole) <= LINE and shown.isascii() and "\r" not in shown
        else (f"{header}: {shown}\r\n <{spec}>\r\n")
    )


def _spec(header: str, email: str) -> str:
    """The address; the domain in ASCII (IDNA), since not every mail server takes another. Raises Malformed."""
    if _PLAIN.fullmatch(email):
        return email
    local, at, domain = email.rpartition("@")
    try:
        spec = f"{local}{at}{domain.encode('idna').decode()}"
        spec.encode("ascii")
        if not local:
            raise ValueError(email)
        return Address(addr_spec=spec).addr_spec
    except (ValueError, IndexError, MessageError) as error:
        raise Malformed(header, "this is not an e-mail address that mail can be sent to.") from error


def _encoded(header: str, text: str) -> str:
    """The text as encoded words (RFC 2047), each on a line of its own that holds whole characters."""
    return "\r\n ".join(f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _parts(header, text))


def _parts(header: str, text: str) -> Iterator[bytes]:
    frame = len("=?utf-8?b??=")
    room = (LINE - len(header) - len(": ") - frame) // 4 * 3
    part = b""
    for character in text:
        encoded = character.encode()
        if len(part) + len(encoded) > room:
            yield part
            part, room = b"", (LINE - 1 - frame) // 4 * 3
        part += encoded
    yield part
