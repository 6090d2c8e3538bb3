"""SMTP: handing mail to a server, over a connection that is kept and secured."""

import re
import smtplib
import ssl
from dataclasses import dataclass

from app.mail.handover import ADDRESS, MailRefused, ServerTrouble, Transport, check_address

# RFC 3463: 5.1.1, 5.1.2, 5.1.3, 5.1.6 and 5.1.10 say the recipient's address is dead; 5.1.7 and 5.1.8 blame the sender.
DEAD_ADDRESS = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")
UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
REPLY_LIMIT = 400


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """Where and as whom to hand mail over."""

    host: str
    port: int
    user: str
    password: str
    implicit_tls: bool
    starttls: str
    ca: str | None


class Smtp(Transport):
    """An SMTP server (RFC 5321), over one connection that is opened again when it drops."""

    def __init__(self, account: Account, timeout: float) -> None:
        self._account = account
        self._timeout = timeout
        self._open: smtplib.SMTP | None = None

    def send(self, content: bytes, *, sender: str, recipient: str) -> None:
        """Hand one mail over; a connection that dropped since the last one is opened again."""
        check_address(sender)
        check_address(recipient)
        kept = self._open is not None
        try:
            self._deliver(content, sender, recipient)
        except ServerTrouble:
            if not kept:
                raise
            self._deliver(content, sender, recipient)

    def _deliver(self, content: bytes, sender: str, recipient: str) -> None:
        try:
            smtp = self._connected()
            smtp.sendmail(*_envelope(smtp, sender, recipient, content))
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise self._refused(code, reply, recipient, of_recipient=True) from None
        except smtplib.SMTPDataError as error:
            raise self._refused(error.smtp_code, error.smtp_error, recipient) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._drop()
            raise ServerTrouble(self._said(error, recipient)) from None

    def check(self) -> None:
        """Connect and log in."""
        try:
            self._connected().noop()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._drop()
            raise ServerTrouble(self._said(error)) from None

    def _refused(self, code: int, reply: bytes | str, recipient: str, *, of_recipient: bool = False) -> MailRefused:
        if code == 421:
            self._drop()
        text = self._clean(f"{code} {_text(reply)}", recipient)
        permanent = code >= 500
        return MailRefused(text, permanent, of_recipient and permanent and bool(DEAD_ADDRESS.search(_text(reply))))

    def _connected(self) -> smtplib.SMTP:
        if self._open is not None:
            return self._open
        a = self._account
        if a.implicit_tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(a.host, a.port, timeout=self._timeout, context=self._context())
        else:
            smtp = smtplib.SMTP(a.host, a.port, timeout=self._timeout)
        try:
            self._prepare(smtp)
        except BaseException:
            smtp.close()
            raise
        self._open = smtp
        return smtp

    def _prepare(self, smtp: smtplib.SMTP) -> None:
        a = self._account
        smtp.ehlo_or_helo_if_needed()
        if not a.implicit_tls and a.starttls != "never":
            if smtp.has_extn("starttls"):
                smtp.starttls(context=self._context())
                smtp.ehlo()
            elif a.starttls == "required":
                raise smtplib.SMTPNotSupportedError(
                    "the server offers no STARTTLS and it is required; ?starttls=offered does without"
                )
        if a.user:
            smtp.login(a.user, a.password)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._account.ca)

    def _said(self, error: Exception, recipient: str = "") -> str:
        if isinstance(error, UnicodeError):
            return "user and password must be plain ASCII for this server"
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return f"{self._account.host} refused the login ({error.smtp_code})"
        if isinstance(error, smtplib.SMTPResponseException):
            return self._clean(f"{error.smtp_code} {_text(error.smtp_error)}", recipient)
        return self._clean(f"{self._account.host}:{self._account.port}: {error}", recipient)

    def _clean(self, text: str, recipient: str) -> str:
        """What the server said, on one line, without anybody's address and without the password: logs hold it too."""
        text = ADDRESS.sub("...", UNPRINTABLE.sub(" ", text))
        for hidden in (recipient, self._account.password):
            if hidden:
                text = re.sub(re.escape(hidden), "...", text, flags=re.IGNORECASE)
        return text[:REPLY_LIMIT]

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._open is not None:
            try:
                self._open.quit()
            except (smtplib.SMTPException, OSError):
                self._open.close()
            self._open = None


def _envelope(
    smtp: smtplib.SMTP, sender: str, recipient: str, content: bytes
) -> tuple[str, list[str], bytes, list[str]]:
    """Arguments of `sendmail`: the domain in ASCII, other letters only where the server takes them (RFC 6531)."""
    local, _, domain = recipient.rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise MailRefused("the domain of the address is none", permanent=True, address_dead=True) from None
    if address.isascii():
        return sender, [address], content, []
    if not smtp.has_extn("smtputf8"):
        raise MailRefused("the mail server does not take addresses with letters beyond ASCII", permanent=True)
    return sender, [address], content, ["SMTPUTF8"]


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
