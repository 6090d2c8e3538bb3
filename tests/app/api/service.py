"""A running service with an organisation that the tests of the whole API ask, and the document they hold it against."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple

import httpx

from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from tests.app.api import existing
from tests.app.client import make_key
from tests.app.served import served
from tests.conftest import SECRET
from tests.factories import make_organisation

DOCUMENT = create_app(Settings(secret=SECRET, database_url="sqlite://")).openapi()
NUMBERS = count(1)
PATIENCE_SECONDS = 60  # on a machine on which others work too
FEW = 8  # requests of a kind that CI has time for; `make fuzz` makes up more
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", FEW))
FEWER = EXAMPLES == FEW
SEED = 1 if FEWER else random.SystemRandom().randrange(2**32)


class Service(NamedTuple):
    """A running service, its database, the key of an owner, and the ids of what is in the owner's organisation."""

    address: str
    dialect: str
    key: str
    chosen: dict[str, list[Any]]

    def headers(self, key: str | None = None) -> dict[str, str]:
        """What the owner sends; from a place of their own each time, as one place may not guess at keys for long."""
        number = next(NUMBERS)
        place = ".".join(str(number >> bits & 255) for bits in (16, 8, 0))
        return {"Authorization": f"Bearer {key or self.key}", "X-Forwarded-For": f"10.{place}"}


@contextmanager
def started(database_url: str) -> Iterator[str]:
    """The address of a service."""
    with served(Settings(secret=SECRET, database_url=database_url, worker=False)) as address:
        yield address


def furnish(address: str, database_url: str) -> Service:
    """A new organisation with a little in it."""
    database = Database(database_url)
    with database.writing() as session:
        key = make_key(session, make_organisation(session, f"fjord-{next(NUMBERS)}").id)
    database.close()
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60) as http:
        chosen = existing.make(http)
    return Service(address, database_url.partition(":")[0], key, chosen)
