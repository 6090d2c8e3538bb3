"""Looking up what links open: many at once, over a lost connection, and never mixed up."""

import asyncio
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from app.answering.openings import Openings
from app.storage.database import Database
from surveys.facts import LinkUnknown
from surveys.links import Link
from surveys.tables import Contact, Invitation
from tests.conftest import SECRETS
from tests.factories import invited, make_contact, make_invitation, make_organisation, make_survey


def invite(database: Database, people: int) -> dict[Link, str]:
    """Links of two organisations, each with the locale of the person asked."""
    links = {}
    with database.writing() as session:
        for key in ("fjord", "sound"):
            organisation = make_organisation(session, key)
            survey = make_survey(session, organisation.id)
            for n in range(people):
                locale = ("da", "de", "fi")[n % 3]
                contact = make_contact(session, organisation.id, f"{key}-{n}", locale=locale)
                links[Link(organisation.id, make_invitation(session, survey, contact).id)] = locale
    return links


def look_up(database: Database, *links: Link) -> list[Any]:
    async def run() -> list[Any]:
        openings = Openings(database, SECRETS)
        try:
            return await asyncio.gather(*map(openings.find, links), return_exceptions=True)
        finally:
            await openings.close()

    return asyncio.run(run())


def test_each_gets_what_its_own_link_opens(database: Database) -> None:
    links = invite(database, 20)
    opened = look_up(database, *links, *links)
    assert [(one.link, one.contact_locale) for one in opened] == [*links.items(), *links.items()]


def test_a_link_of_nothing_is_unknown_and_takes_no_neighbour_with_it(database: Database) -> None:
    with database.writing() as session:
        _, _, invitation = invited(session)
    link = Link(invitation.organisation_id, invitation.id)
    wrong, right, foreign = look_up(database, Link(link.organisation_id, uuid4()), link, Link(99, link.id))
    assert isinstance(wrong, LinkUnknown)
    assert right.link == link
    assert isinstance(foreign, LinkUnknown)


def test_what_was_committed_a_moment_ago_is_seen(database: Database) -> None:
    with database.writing() as session:
        _, _, invitation = invited(session)
    link = Link(invitation.organisation_id, invitation.id)

    async def run() -> list[str | None]:
        openings = Openings(database, SECRETS)
        spoken = []
        for locale in ("da", "fi"):
            with database.writing() as session:
                session.execute(sa.update(Contact).values(locale=locale))
            spoken.append((await openings.find(link)).contact_locale)
        await openings.close()
        return spoken

    assert asyncio.run(run()) == ["da", "fi"]


def test_a_table_that_is_missing_fails_those_who_ask_and_heals(database: Database) -> None:
    with database.writing() as session:
        _, _, invitation = invited(session)
    link = Link(invitation.organisation_id, invitation.id)

    async def run() -> list[Any]:
        openings = Openings(database, SECRETS)
        outcomes: list[Any] = []
        for statement in (None, "RENAME TO gone", "gone"):
            with database.writing() as session:
                if statement == "gone":
                    session.execute(sa.text("ALTER TABLE gone RENAME TO contact"))
                elif statement:
                    session.execute(sa.text("ALTER TABLE contact RENAME TO gone"))
            outcomes += await asyncio.gather(openings.find(link), return_exceptions=True)
        await openings.close()
        return outcomes

    first, broken, healed = asyncio.run(run())
    assert first.link == healed.link == link
    assert isinstance(broken, sa.exc.DBAPIError)


def test_who_has_read_holds_up_no_writer(database: Database) -> None:
    """A read that stayed open would keep SQLite's log from being emptied and PostgreSQL's old rows alive."""
    with database.writing() as session:
        _, _, invitation = invited(session)

    async def run() -> None:
        openings = Openings(database, SECRETS)
        await openings.find(Link(invitation.organisation_id, invitation.id))
        with database.writing() as session:
            session.execute(sa.update(Invitation).values(attempts=1))
        if database.dialect == "sqlite":
            with database.writer.connect() as connection:
                connection.rollback()
                driver: Any = connection.connection.driver_connection
                busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                assert busy == 0
        else:
            with database.reading() as session:
                idle = (
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
                )
                assert session.execute(sa.text(idle)).scalar_one() == 0
        await openings.close()

    asyncio.run(run())
