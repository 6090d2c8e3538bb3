"""A real SMTP server on loopback, which keeps what it got and can be told to refuse."""

# ruff: noqa: ARG002, N802 - the handler methods of aiosmtpd have fixed names and arguments

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass
class Inbox:
    """What the server got, and how it behaves.

    `recipient_replies` and `data_replies` are given out one by one before mails are taken; the reply to mail number
    `hold_at` (1 upward) waits for `release`, and `held` tells that it does.
    """

    port: int = 0
    recipient_replies: list[str] = field(default_factory=list)
    data_replies: list[str] = field(default_factory=list)
    hold_at: int | None = None
    held: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    connections: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, replies: list[str]) -> Any:
        session.host_name = hostname
        self.connections += 1
        return replies

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient_replies:
            return self.recipient_replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data_replies:
            return self.data_replies.pop(0)
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        if len(self.mails) == self.hold_at:
            self.held.set()
            while not self.release.is_set():
                await asyncio.sleep(0.01)
        return "250 OK"

    @property
    def recipients(self) -> list[str]:
        """Envelope recipients in the order of arrival."""
        return [recipient for _, recipient, _ in self.mails]

    @property
    def message_ids(self) -> list[str]:
        """The Message-ID of each mail in the order of arrival."""
        return [str(message_from_bytes(content)["Message-ID"]) for _, _, content in self.mails]


def free_port() -> int:
    """A port of loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(
    *, login: tuple[str, str] | None = None, certificate: Path | None = None, implicit_tls: bool = False,
    port: int | None = None, **facts: Any,
) -> Iterator[Inbox]:  # fmt: skip
    """A started server; with `login` it wants that user and password, with `certificate` (PEM) it has TLS."""
    inbox = Inbox(port=port or free_port(), **facts)
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        inbox.logins.append(given)
        return AuthResult(success=given == login, handled=False)

    options: dict[str, Any] = {"enable_SMTPUTF8": False}
    if login:
        options |= {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    if context and not implicit_tls:
        options |= {"tls_context": context, "require_starttls": False}
    started, stop = threading.Event(), asyncio.Event()
    tls = context if implicit_tls else None

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loops.append(loop)
        server = await loop.create_server(lambda: SMTP(inbox, **options), "127.0.0.1", inbox.port, ssl=tls)
        started.set()
        await stop.wait()
        server.close()

    loops: list[asyncio.AbstractEventLoop] = []
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(10)
    try:
        yield inbox
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()


def make_certificate(folder: Path) -> Path:
    """A self-made certificate and key for 127.0.0.1 in one PEM file."""
    made = folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + (folder / "key.pem").read_text())
    return made
