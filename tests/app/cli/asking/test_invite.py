"""`soundings invite` asks by mail or hands links out, and counts both."""

import re
from email import message_from_bytes, policy

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from app.cli import app
from app.settings import SecretMissing
from app.storage.database import Database
from surveys import links
from surveys.facts import Malformed, Refused, Unknown
from surveys.tables import Cell, Invitation
from tests.app.mail.server import mail_server
from tests.conftest import SECRET
from tests.factories import make_contact, make_organisation, make_survey, make_touchpoint
from tests.known import known


def invite(database_url: str, *options: str, secret: str = SECRET, mail: str = "folder:var/mail") -> Result:
    env = {
        "SOUNDINGS_DATABASE_URL": database_url, "SOUNDINGS_SECRET": secret,
        "SOUNDINGS_BASE_URL": "https://ask.example.org", "SOUNDINGS_MAIL": mail,
    }  # fmt: skip
    return CliRunner().invoke(app, ["invite", "--organisation", "fjord", "--survey", "nps", *options], env=env)


@pytest.fixture(autouse=True)
def contacts(database: Database) -> None:
    """Three customers, one of them without an address."""
    with database.writing() as session:
        make_survey(session, make_organisation(session).id)
        make_touchpoint(session, 1, "support")
        for ref in ("a", "b"):
            make_contact(session, 1, ref)
        make_contact(session, 1, "c", email=None)


def issued(database: Database) -> list[Invitation]:
    """What is stored."""
    with database.reading() as session:
        return list(session.exec(select(Invitation)))


def test_all_are_asked_by_mail_and_those_withheld_are_counted_by_reason(database: Database, database_url: str) -> None:
    done = invite(database_url, "--touchpoint", "support")
    assert done.stdout.splitlines() == ["invited 2, withheld 1, no_address 1"]
    assert sorted((i.deliver, i.send_at is not None) for i in issued(database)) == [
        ("email", False), ("email", True), ("email", True),
    ]  # fmt: skip
    with database.reading() as session:
        assert session.exec(select(Cell.touchpoint_key)).all() == ["support"]
    assert invite(database_url, "--touchpoint", "support").stdout.startswith("invited 0, withheld 3, no_address 1")


def test_links_are_printed_one_a_contact(database: Database, database_url: str) -> None:
    *given, last = invite(database_url, "--contacts", "a, c", "--deliver", "link").stdout.splitlines()
    assert last == "invited 2, withheld 0"
    addresses = dict(line.split("\t") for line in given)
    assert set(addresses) == {"a", "c"}
    tokens = [address.removeprefix("https://ask.example.org/s/") for address in addresses.values()]
    found = {links.verify([SECRET.encode()], "answer", token).id for token in tokens}
    assert found == {i.id for i in issued(database)}


def test_nobody_is_asked_where_something_is_not_there(database: Database, database_url: str) -> None:
    for options, field in (
        (["--contacts", "a,nobody"], "--contacts"),
        (["--touchpoint", "moon"], "--touchpoint"),
        (["--deliver", "pigeon"], "--deliver"),
        (["--contacts", ","], "--contacts"),
    ):
        refused = invite(database_url, *options).exception
        assert isinstance(refused, Malformed), options
        assert refused.field.startswith(field)
    assert isinstance(invite(database_url, secret="short").exception, SecretMissing)
    assert issued(database) == []


def test_a_dry_run_counts_what_would_be_and_stores_nothing(database: Database, database_url: str) -> None:
    for options in ([], ["--deliver", "link"]):
        *_, last = invite(database_url, "--dry-run", *options).stdout.splitlines()
        assert last == ("invited 3, withheld 0" if options else "invited 2, withheld 1, no_address 1")
        assert "/s/" not in invite(database_url, "--dry-run", *options).stdout
    assert issued(database) == []
    with database.reading() as session:
        assert session.exec(select(Cell)).all() == []
    refused = invite(database_url, "--dry-run", "--contacts", "nobody").exception
    assert isinstance(refused, Malformed)


def test_a_test_mail_goes_to_one_address_and_its_link_opens_nothing(database: Database, database_url: str) -> None:
    with mail_server() as inbox:
        done = invite(
            database_url, "--to", "me@example.org", "--touchpoint", "support", mail=f"smtp://127.0.0.1:{inbox.port}"
        )
    assert done.stdout.startswith("A test mail to me@example.org went out.\n")
    assert inbox.recipients == ["me@example.org"]
    mail = message_from_bytes(inbox.mails[0][2], policy=policy.default)
    text = str(known(mail.get_body(("plain",))).get_content())
    token = known(re.search(r"https://ask.example.org/s/(\S+)", text))[1]
    link = links.verify([SECRET.encode()], "answer", token)
    assert issued(database) == []
    with database.reading() as session:
        assert session.get(Invitation, (link.organisation_id, link.id)) is None


def test_a_test_mail_that_cannot_be_sent_says_why(database_url: str) -> None:
    with mail_server(recipient_replies=["550 5.1.1 No such user"]) as inbox:
        assert isinstance(
            invite(database_url, "--to", "me@example.org", mail=f"smtp://127.0.0.1:{inbox.port}").exception, Refused
        )
        assert isinstance(
            invite(database_url, "--to", "no address", mail=f"smtp://127.0.0.1:{inbox.port}").exception, Refused
        )
        assert isinstance(invite(database_url, "--to", "a@b.example", "--touchpoint", "moon").exception, Unknown)
    assert inbox.mails == []
