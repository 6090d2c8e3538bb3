"""Mail is handed over to a real server or into a folder, or a named reason says why not."""

from pathlib import Path

import pytest

from app.mail.handover import MailRefused, MailSettingWrong, ServerTrouble, Transport, sender_of
from app.mail.transports import transport
from tests.app.mail.server import free_port, mail_server, make_certificate

SENDER = "survey@fjord.example"
# aiosmtpd forgets the plain half of a connection that went over to TLS.
tls = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
# aiosmtpd warns its own code about itself on every login.
login = pytest.mark.filterwarnings("ignore:Session.login_data:DeprecationWarning", "ignore:Requiring AUTH:UserWarning")
PASSWORD = "p@ss:w/rd%1"
QUOTED = "p%40ss%3Aw%2Frd%251"


def content(number: int = 1) -> bytes:
    return f"Message-ID: <{number}@fjord.example>\r\nSubject: Hello\r\n\r\nHow was it?\r\n.dot\r\n".encode()


def send(through: Transport, recipient: str = "ada@example.org", number: int = 1) -> None:
    through.send(content(number), sender=SENDER, recipient=recipient)


def test_a_batch_goes_over_one_connection() -> None:
    with mail_server() as inbox, transport(f"smtp://127.0.0.1:{inbox.port}") as through:
        for number in range(3):
            send(through, f"contact{number}@example.org", number)
    assert inbox.recipients == [f"contact{n}@example.org" for n in range(3)]
    assert inbox.mails[2][0] == SENDER
    assert inbox.mails[2][2] == content(2)
    assert inbox.connections == 1


def test_a_connection_that_dropped_is_opened_again() -> None:
    port = free_port()
    with transport(f"smtp://127.0.0.1:{port}") as through:
        with mail_server(port=port) as first:
            send(through, number=1)
        with mail_server(port=port) as second:
            send(through, number=2)
    assert (first.message_ids, second.message_ids) == (["<1@fjord.example>"], ["<2@fjord.example>"])


@tls
@login
def test_starttls_is_used_where_offered_and_the_login_is_decoded(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with mail_server(certificate=certificate, login=("fjord@mail", PASSWORD)) as inbox:
        with transport(f"smtp://fjord%40mail:{QUOTED}@127.0.0.1:{inbox.port}?ca={certificate}") as through:
            send(through)
        assert inbox.logins == [("fjord@mail", PASSWORD)]
        assert inbox.encrypted == [True]


def test_implicit_tls_encrypts_from_the_first_byte(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with mail_server(certificate=certificate, implicit_tls=True) as inbox:
        with transport(f"smtps://127.0.0.1:{inbox.port}?ca={certificate}") as through:
            send(through)
        assert inbox.encrypted == [True]


@tls
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path, scheme: str) -> None:
    certificate = make_certificate(tmp_path)
    with (
        mail_server(certificate=certificate, implicit_tls=scheme == "smtps") as inbox,
        transport(f"{scheme}://127.0.0.1:{inbox.port}") as through,
        pytest.raises(ServerTrouble, match="certificate"),
    ):
        send(through)
    assert inbox.mails == []


def test_required_starttls_that_is_not_offered_sends_nothing() -> None:
    with (
        mail_server() as inbox,
        transport(f"smtp://127.0.0.1:{inbox.port}?starttls=required") as through,
        pytest.raises(ServerTrouble, match="STARTTLS"),
    ):
        send(through)
    assert inbox.mails == []


@login
def test_a_wrong_password_is_trouble_and_is_not_told() -> None:
    with (
        mail_server(login=("fjord", "another")) as inbox,
        transport(f"smtp://fjord:{QUOTED}@127.0.0.1:{inbox.port}") as through,
        pytest.raises(ServerTrouble) as trouble,
    ):
        send(through)
    assert "refused the login (535)" in str(trouble.value)
    assert PASSWORD not in str(trouble.value)


def test_nobody_listening_is_trouble() -> None:
    with transport(f"smtp://127.0.0.1:{free_port()}") as through, pytest.raises(ServerTrouble, match="refused"):
        send(through)


@pytest.mark.parametrize(
    ("reply", "permanent", "address_dead"),
    [
        ("550 5.1.1 <ada@example.org> unknown", True, True),
        ("550 5.1.10 Recipient not found", True, True),
        ("553 5.1.8 Sender's domain does not exist", True, False),
        ("550 5.7.1 Rejected by policy", True, False),
        ("552 5.2.2 Mailbox full", True, False),
        ("450 4.1.1 Try later", False, False),
        ("451 4.7.1 Greylisted", False, False),
    ],
)
def test_a_refused_recipient_tells_what_is_wrong(reply: str, permanent: bool, address_dead: bool) -> None:
    with (
        mail_server(recipient_replies=[reply]) as inbox,
        transport(f"smtp://127.0.0.1:{inbox.port}") as through,
        pytest.raises(MailRefused) as refused,
    ):
        send(through)
    assert (refused.value.permanent, refused.value.address_dead) == (permanent, address_dead)
    assert refused.value.reply.startswith(reply[:3])
    assert "ada@example.org" not in refused.value.reply


def test_a_refusal_does_not_end_the_connection() -> None:
    with mail_server(data_replies=["554 5.6.0 No"]) as inbox, transport(f"smtp://127.0.0.1:{inbox.port}") as through:
        with pytest.raises(MailRefused) as refused:
            send(through)
        send(through, "bo@example.org")
    assert (refused.value.permanent, refused.value.address_dead) == (True, False)
    assert (inbox.recipients, inbox.connections) == (["bo@example.org"], 1)


@pytest.mark.parametrize(
    "recipient",
    ["ada@example.org\r\nRCPT TO:<eve@example.org>", "ada@example.org\n", "a b@c", "ada", "", "a@b,c@d", "<a@b>"],
)
def test_an_address_that_is_more_than_an_address_is_refused(tmp_path: Path, recipient: str) -> None:
    with mail_server() as inbox:
        for url in (f"smtp://127.0.0.1:{inbox.port}", f"folder:{tmp_path / 'mail'}"):
            with transport(url) as through, pytest.raises(MailRefused, match="not one e-mail address"):
                send(through, recipient)
        assert inbox.mails == []
    assert not (tmp_path / "mail").exists()


@pytest.mark.parametrize("phase", ["recipient_replies", "data_replies"])
def test_what_the_server_says_is_kept_without_anybody_s_address(phase: str) -> None:
    said = "450 4.2.1 <Ada@Example.org> forwards to boss@intern.example, who is away"
    with mail_server() as inbox, transport(f"smtp://127.0.0.1:{inbox.port}") as through:
        getattr(inbox, phase).append(said)
        with pytest.raises(MailRefused) as refused:
            send(through)
    assert str(refused.value) == "450 4.2.1 <...> forwards to ..., who is away"


def test_a_domain_beyond_ascii_is_sent_in_its_ascii_form() -> None:
    with mail_server() as inbox, transport(f"smtp://127.0.0.1:{inbox.port}") as through:
        send(through, "ada@blåbær.example")
        with pytest.raises(MailRefused, match="beyond ASCII"):
            send(through, "blåbær@example.org")
    assert inbox.recipients == ["ada@xn--blbr-roah.example"]


@pytest.mark.parametrize("mail_from", ["", "Soundings", "a@b\r\nBcc: eve@example.org", "Sound\nings <a@b.example>"])
def test_a_sender_that_is_none_is_refused_before_any_mail(mail_from: str) -> None:
    with pytest.raises(MailSettingWrong, match="SOUNDINGS_MAIL_FROM"):
        sender_of(mail_from)
    assert sender_of("Fjord Ferries <survey@fjord.example>") == "survey@fjord.example"


def test_a_check_tells_whether_mail_could_go_out(tmp_path: Path) -> None:
    with mail_server() as inbox, transport(f"smtp://127.0.0.1:{inbox.port}") as through:
        through.check()
    with transport(f"smtp://127.0.0.1:{inbox.port}") as through, pytest.raises(ServerTrouble):
        through.check()
    transport(f"folder:{tmp_path / 'mail'}").check()
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerTrouble):
        transport(f"folder:{tmp_path / 'file'}").check()


@login
def test_letters_beyond_ascii_in_a_login_are_told_without_the_password() -> None:
    with (
        mail_server(login=("fjord", "blå")) as inbox,
        transport(f"smtp://fjord:bl%C3%A5@127.0.0.1:{inbox.port}") as through,
        pytest.raises(ServerTrouble, match="plain ASCII"),
    ):
        send(through)


@pytest.mark.parametrize(
    "url",
    ["", "folder:", "http://x", "smtp://", "smtp://u:s3cret@host:mail", "smtp://u:s3cret/x@host",
     "smtp://u:s3cret@host?tls=yes", "smtp://u:s3cret@host?starttls=maybe", "smtp://u:s3cret@[::1"],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(MailSettingWrong, match="SOUNDINGS_MAIL") as wrong:
        transport(url)
    assert "s3cret" not in str(wrong.value)


def test_a_folder_holds_one_whole_file_per_mail(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "mail"
    with transport(f"folder:{folder}") as through:
        send(through, number=1)
        send(through, number=2)
        send(through, number=2)
    files = sorted(folder.iterdir())
    assert [f.suffix for f in files] == [".eml", ".eml"]
    assert {f.read_bytes() for f in files} == {content(1), content(2)}


def test_a_folder_that_cannot_be_written_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with transport(f"folder:{tmp_path / 'mail'}") as through, pytest.raises(ServerTrouble, match="mail folder"):
        send(through)
