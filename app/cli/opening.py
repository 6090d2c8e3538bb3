"""Opening the database of the settings, and the organisation a command is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from surveys.facts import Malformed, Refused

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.storage.database import Database
    from surveys.tables import Organisation

OrganisationKey = Annotated[
    str | None, typer.Option("--organisation", help="Key of the organisation; may be left out where there is only one.")
]
LISTED = 10


@contextmanager
def database(*, migrated: bool = True) -> Iterator["Database"]:
    """The database of the settings. Raises Refused where its schema is not this release's, SettingsWrong."""
    from sqlalchemy.exc import DBAPIError

    from app.settings import PREFIX, Settings, SettingsWrong
    from app.storage.database import Database
    from app.storage.migrations import current_revision, head_revision

    settings = Settings()
    try:
        opened = Database(settings.database_url)
        with opened.writer.connect() as connection:
            revision = current_revision(connection)
    except (DBAPIError, OSError) as error:
        reason = " ".join(str(getattr(error, "orig", error)).split())
        raise SettingsWrong([f"{PREFIX}DATABASE_URL: the database cannot be opened: {reason}"]) from None
    try:
        if migrated and revision != head_revision():
            raise Refused("The database is not at this release's schema. Run: soundings migrate")
        yield opened
    finally:
        opened.close()


@contextmanager
def writing() -> Iterator["Session"]:
    """A session that commits when the command ends well."""
    with database() as opened, opened.writing() as session:
        yield session


@contextmanager
def reading() -> Iterator["Session"]:
    """A session that cannot write."""
    with database() as opened, opened.reading() as session:
        yield session


@contextmanager
def naming_options(*arguments: str) -> Iterator[None]:
    """Name the option that a wrong setting came with, unless it is one of the `arguments`, which have no dashes."""
    try:
        yield
    except Malformed as fact:
        named = fact.field if fact.field in arguments or fact.field.startswith("-") else f"--{fact.field}"
        raise Malformed(named.replace("_", "-"), fact.message) from None


def tenants(session: "Session") -> list["Organisation"]:
    """Every organisation, by key."""
    from sqlmodel import col, select

    from surveys.tables import Organisation

    return list(session.exec(select(Organisation).order_by(col(Organisation.key))).all())


def tenant(session: "Session", key: str | None) -> "Organisation":
    """The organisation with this key; without one, the only organisation there is.

    Raises Unknown for a key that is not there, Refused where there is no organisation, Malformed where there are
    several to choose from.
    """
    from surveys.organisation import organisations

    if key is not None:
        return organisations.by_key(session, key)
    everybody = tenants(session)
    if not everybody:
        raise Refused("There is no organisation yet. Run: soundings organisation create KEY --name NAME")
    if len(everybody) > 1:
        keys = ", ".join(organisation.key for organisation in everybody[:LISTED])
        more = "" if len(everybody) <= LISTED else f" and {len(everybody) - LISTED} more"
        raise Malformed("--organisation", f"there are several; name one of {keys}{more}.")
    return everybody[0]
