"""Handing over: what every transport promises, and what can come of it."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from types import TracebackType
from typing import Self

ADDRESS = re.compile(r"[^\s<>@,;\x00-\x1f\x7f]+@[^\s<>@,;\x00-\x1f\x7f]+")


class MailSettingWrong(ValueError):
    """SOUNDINGS_MAIL or SOUNDINGS_MAIL_FROM cannot be used; says why and what is wanted, never what its password is."""


class ServerTrouble(Exception):
    """Nothing can be handed over at present: no connection, no login, or the sender is refused."""


@dataclass
class MailRefused(Exception):
    """This one mail was refused. `permanent`: trying again is no use; `address_dead`: nor is any other mail."""

    reply: str
    permanent: bool
    address_dead: bool = False

    def __str__(self) -> str:
        return self.reply


class Transport:
    """Hands mails over one by one, keeping what it needs open until it is closed."""

    def send(self, content: bytes, *, sender: str, recipient: str) -> None:
        """Hand one mail over (RFC 5322 bytes, bare envelope addresses). Raises MailRefused or ServerTrouble."""
        raise NotImplementedError

    def check(self) -> None:
        """Go as far as one can without a mail. Raises ServerTrouble."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what is open; the next mail opens it again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def check_address(address: str) -> None:
    """Raise MailRefused unless `address` is one bare address: nothing in it may start a new line or command."""
    if not ADDRESS.fullmatch(address):
        raise MailRefused("the address is not one e-mail address", permanent=True)


def sender_of(mail_from: str) -> str:
    """The bare address in SOUNDINGS_MAIL_FROM. Raises MailSettingWrong."""
    address = parseaddr(mail_from)[1]
    if not ADDRESS.fullmatch(address) or not address.isascii() or not mail_from.isprintable():
        raise MailSettingWrong("SOUNDINGS_MAIL_FROM: an address such as 'Soundings <survey@example.org>' is wanted.")
    return address
