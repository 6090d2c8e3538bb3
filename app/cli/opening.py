"""Opening the database of the settings, and the organisation a command is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlmodel import Session

from app.database import Database
from app.migrations import current_revision, head_revision
from app.settings import Settings
from surveys.facts import Refused

OrganisationKey = Annotated[str, typer.Option("--organisation", help="Key of the organisation.")]


@contextmanager
def database(*, migrated: bool = True) -> Iterator[Database]:
    """The database of the settings. Raises Refused where its schema is not this release's."""
    opened = Database(Settings().database_url)
    try:
        if migrated:
            with opened.writer.connect() as connection:
                if current_revision(connection) != head_revision():
                    raise Refused("The database is not at this release's schema. Run: soundings migrate")
        yield opened
    finally:
        opened.close()


@contextmanager
def writing() -> Iterator[Session]:
    """A session that commits when the command ends well."""
    with database() as opened, opened.writing() as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A session that cannot write."""
    with database() as opened, opened.reading() as session:
        yield session
