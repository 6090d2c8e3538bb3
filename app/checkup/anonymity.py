"""Checks of what could undo the promise of anonymous surveys: urns not yet swept, and a database that writes along."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from app.checkup.finding import Finding, ok, warn
from surveys.anonymity import swept
from surveys.fieldwork.planning import confirmation

SWEPT_WITHIN = timedelta(hours=1)
# Setting of PostgreSQL to the values that keep statements, their parameters or their times apart from the data.
QUIET = {
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_parameter_max_length_on_error": ("0",),
    "track_commit_timestamp": ("off",),
}


def findings(session: Session, now: datetime) -> Iterator[Finding]:
    """Look at closed anonymous waves, and at what PostgreSQL writes down about statements."""
    if swept.log_positions(session):
        yield warn("write-ahead log", "it may still hold answers of closed waves, each beside the instant it came",
                   "Grant EXECUTE on pg_switch_wal() and pg_ls_waldir(), and pg_checkpoint, to the user; see that "
                   "no slot, archive or wal_keep_size keeps old files. Else traffic has to write over it.")  # fmt: skip
    if waiting := confirmation.late(session, now):
        yield warn("waves", f"{', '.join(waiting)} should have opened, and wait for a second key's confirmation",
                   "Have another owner or analyst than who planned them see whom they ask, and confirm.")  # fmt: skip
    late = [key for _, key in swept.unswept(session, closed_before=now - SWEPT_WITHIN)]
    if late:
        yield warn("urns", f"the storage of {', '.join(sorted(late))} was not swept since the wave closed",
                   "See that a worker runs, and what it logs: it needs free space, and no long reads.")  # fmt: skip
    else:
        yield ok("urns", "nothing is left of the urns of closed waves")
    if session.get_bind().dialect.name == "postgresql":
        yield _writing_along(session)


def _writing_along(session: Session) -> Finding:
    loud = [name for name, quiet in QUIET.items() if session.execute(sa.text(f"SHOW {name}")).scalar_one() not in quiet]
    if not loud:
        return ok("log", "PostgreSQL writes down neither answers nor when they came")
    return warn("log", f"{', '.join(loud)}: PostgreSQL writes down answers, or when they came, outside the tables",
                "Switch it off for this database, at least while an anonymous wave is open.")  # fmt: skip
