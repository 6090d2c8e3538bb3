"""Pools that are empty, as tests need them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import sqlalchemy as sa


@contextmanager
def all_held(engine: sa.Engine) -> Iterator[None]:
    """Take every connection that an engine gives, and hand them back in the end."""
    with ExitStack() as held:
        with suppress(sa.exc.TimeoutError):
            while True:
                held.enter_context(engine.connect())
        yield
