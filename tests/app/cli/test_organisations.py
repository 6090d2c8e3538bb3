"""Organisations and their keys are listed, and the only organisation need not be named."""

from datetime import timedelta

from app import clock
from app.access import keys
from app.storage.database import Database
from surveys.facts import Malformed, Refused, Unknown
from tests.app.cli.commands import run
from tests.factories import make_organisation, make_unit

NEEDS_ONE = [["key", "list"], ["tallies", "check"], ["key", "create", "--role", "reader"]]


def test_organisations_are_listed_by_key(database: Database, database_url: str) -> None:
    assert run(database_url, "organisation", "list").stdout == ""
    with database.writing() as session:
        make_organisation(session, "fjord")
        make_organisation(session, "bay", name="Bay Café", time_zone="UTC", locale="de")
    done = run(database_url, "organisation", "list")
    assert done.stdout.splitlines() == ["bay\tBay Café\tUTC\tde", "fjord\tFjord Ferries\tEurope/Copenhagen\ten"]


def test_keys_are_listed_with_what_became_of_them_and_never_with_their_text(
    database: Database, database_url: str
) -> None:
    now = clock.now()
    with database.writing() as session:
        number = make_organisation(session).id
        make_unit(session, number, "north")
        owner, _ = keys.create(session, number, role="owner", name="first", now=now)
        later, _ = keys.create(session, number, role="reader", expires_on=(now + timedelta(9)).date(), now=now)
        last = (now - timedelta(9)).date()
        over, _ = keys.create(session, number, role="sender", expires_on=last, now=now - timedelta(30))
        gone, _ = keys.create(session, number, role="manager", unit="north", name="Nora", now=now)
        keys.revoke(session, number, gone.id, now)
        other = make_organisation(session, "other")
        keys.create(session, other.id, role="owner", now=now)
    lines = run(database_url, "key", "list", "--organisation", "fjord").stdout.splitlines()
    assert sorted(lines) == sorted([
        f"{owner.id}\towner\tworks\tfirst",
        f"{later.id}\treader\tworks until {later.expires_on}\t",
        f"{over.id}\tsender\texpired after {over.expires_on}\t",
        f"{gone.id}\tmanager of north\trevoked on {now:%Y-%m-%d}\tNora",
    ])  # fmt: skip


def test_the_only_organisation_need_not_be_named(database: Database, database_url: str) -> None:
    for command in NEEDS_ONE:
        assert isinstance(run(database_url, *command).exception, Refused)
    with database.writing() as session:
        make_organisation(session, "fjord")
    for command in NEEDS_ONE:
        assert run(database_url, *command).exit_code == 0
        assert isinstance(run(database_url, *command, "--organisation", "nowhere").exception, Unknown)
    with database.writing() as session:
        make_organisation(session, "bay")
    for command in NEEDS_ONE:
        refused = run(database_url, *command).exception
        assert isinstance(refused, Malformed)
        assert str(refused) == "--organisation: there are several; name one of bay, fjord."
        assert run(database_url, *command, "--organisation", "bay").exit_code == 0
