"""Transports: ways to hand a mail over. An SMTP server, or a folder where there is none."""

import os
from email import message_from_bytes
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from app.mail.handover import MailSettingWrong, ServerTrouble, Transport, check_address
from app.mail.smtp import Account, Smtp

TIMEOUT_SECONDS = 30.0
STARTTLS = ("required", "offered", "never")


def transport(url: str, *, timeout: float = TIMEOUT_SECONDS) -> Transport:
    """The transport that SOUNDINGS_MAIL names. Raises MailSettingWrong.

    `smtp://` and `smtps://` take `?starttls=required|offered|never` and `?ca=FILE` (PEM of the authority to trust).
    """
    if url.startswith("folder:") and url != "folder:":
        return Folder(Path(url.removeprefix("folder:")))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise MailSettingWrong("SOUNDINGS_MAIL: the port must be a number; write '@', ':' and '/' in a password "
                               "as %40, %3A and %2F.") from None  # fmt: skip
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise MailSettingWrong("SOUNDINGS_MAIL: smtp://user:password@host:port, smtps://... or folder:PATH is wanted.")
    return Smtp(_account(parts, port), timeout)


def _account(parts: SplitResult, port: int | None) -> Account:
    options = dict(parse_qsl(parts.query))
    host = parts.hostname or ""
    implicit = parts.scheme == "smtps"
    user = unquote(parts.username or "")
    # A password must not cross a network in the clear because somebody on the way hid the server's offer of TLS.
    starttls = options.pop("starttls", "required" if user and not _loopback(host) else "offered")
    ca = options.pop("ca", None)
    if starttls not in STARTTLS or options or parts.path.strip("/"):
        raise MailSettingWrong(f"SOUNDINGS_MAIL: after host and port only ?starttls={'|'.join(STARTTLS)} and ?ca=FILE "
                               "are known; write '?', '#' and '/' in a password as %3F, %23 and %2F.")  # fmt: skip
    return Account(
        host, port or (465 if implicit else 587 if user else 25), user, unquote(parts.password or ""), implicit,
        starttls, ca,
    )  # fmt: skip


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Folder(Transport):
    """A folder with one .eml file per mail, whole or not there; a mail handed over twice is one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self) -> None:
        """Make the folder, and a file in it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise ServerTrouble(f"the mail folder cannot be written: {error.strerror}") from None

    def send(self, content: bytes, *, sender: str, recipient: str) -> None:
        """Write one mail: beside its name first, then moved in place once it is on disk."""
        check_address(sender)
        check_address(recipient)
        header = message_from_bytes(content.partition(b"\r\n\r\n")[0])
        identity = str(header["Message-ID"] or "").encode() or content
        name = sha256(identity).hexdigest()[:32]
        beside = self.path / f".{name}.{os.getpid()}.part"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path / f"{name}.eml")
            _sync_folder(self.path)
        except OSError as error:
            raise ServerTrouble(f"the mail folder cannot be written: {error.strerror}") from None


def _sync_folder(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
