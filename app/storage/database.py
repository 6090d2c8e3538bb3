"""Sessions: those that write, those that only read, each kind of work on connections of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlmodel import Session

from app.storage import engines
from app.storage.engines import engine, with_driver
from app.storage.outages import Outages
from app.storage.probes import write


class Database:
    """Engines by what they are for, so that none of them waits for another's connections.

    `writer` and `reader` serve API, pages and worker; `answers` the intake and `links` what a respondent opens;
    `reports` figures and `exports` downloads, both on a replica, which may lag, where there is one. The reading ones
    cannot write: SQLite runs them with `query_only`, PostgreSQL with read-only transactions.
    """

    def __init__(self, url: str, report_url: str | None = None) -> None:
        self.url = with_driver(url)
        replica = with_driver(report_url) if report_url else self.url
        self.writer = engine(self.url, engines.WRITES, writes=True)
        self.reader = engine(self.url, engines.READS, writes=False)
        self.answers = engine(self.url, engines.ANSWERS, writes=True)
        self.links = engine(self.url, engines.LINKS, writes=False)
        self.reports = engine(replica, engines.READS, writes=False) if report_url else self.reader
        self.exports = engine(replica, engines.EXPORTS, writes=False)
        self._probes = engine(self.url, engines.PROBES, writes=True)
        self.outages = Outages(self.try_write)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.writer.dialect.name

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it raises."""
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def answering(self) -> Iterator[Session]:
        """`writing`, for the thread of the intake alone: nothing else can keep answers from their connection."""
        with Session(self.answers, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot change it."""
        with Session(self.reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def opening(self) -> Iterator[Session]:
        """`reading`, for the pages that a respondent's link opens: managers and figures cannot keep them waiting."""
        with Session(self.links, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def reporting(self) -> Iterator[Session]:
        """A session for figures; what was written a moment ago may not be seen yet."""
        with Session(self.reports, expire_on_commit=False) as session:
            yield session

    def try_write(self) -> None:
        """Write something that leaves nothing behind. Raises what the database raises where it takes no writes."""
        write(self._probes)

    def close(self) -> None:
        """Let go of every connection."""
        self.outages.close()
        opened: list[sa.Engine] = [self.writer, self.reader, self.answers, self.links, self.reports, self.exports]
        for each in (*opened, self._probes):
            each.dispose()
