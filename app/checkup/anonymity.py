"""Checks of what could undo the promise of anonymous surveys: urns not yet swept, and a database that writes along."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from app.checkup.finding import Finding, ok, warn
from app.worker import write_ahead
from surveys.anonymity import swept
from surveys.anonymity.seals import Secrets
from surveys.fieldwork.planning import comparability, confirmation
from surveys.tables import Survey

SWEPT_WITHIN = timedelta(hours=1)
# Setting of PostgreSQL to the values that keep statements, their parameters or their times apart from the data.
QUIET = {
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_parameter_max_length_on_error": ("0",),
    "track_commit_timestamp": ("off",),
}


def findings(session: Session, now: datetime, secrets: Secrets) -> Iterator[Finding]:
    """Look at planned and closed anonymous waves, and at what PostgreSQL writes down about statements."""
    if session.get_bind().dialect.name == "postgresql":
        yield from _write_ahead(session)
    for key, lost in comparability.held_back(session, now, secrets).items() if secrets else ():
        yield warn("comparison", f"{key} does not open: it could not be compared with {', '.join(lost)}, whose secret "
                   "is lost, or of which it is not kept who answered",
                   "Put the secret of that time back, behind the others, in SOUNDINGS_SECRET; or plan the wave anew "
                   "with an owner's key and without_comparison.")  # fmt: skip
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


def _write_ahead(session: Session) -> Iterator[Finding]:
    """Whether the log of the database holds answers of waves that have closed, or will, and what is in the way."""
    waiting = swept.log_positions(session)
    reasons = write_ahead.hindrances(session.connection())
    asked = session.execute(sa.select(col(Survey.key)).where(col(Survey.mode) == "anonymous").limit(1)).first()
    if not waiting and not (reasons and asked):
        return
    holds = "it may still hold answers" if waiting else "after closing it will hold answers"
    way = f"; in the way of writing over them: {', '.join(reasons)}" if reasons else ""
    yield warn("write-ahead", f"{holds} of closed waves, each beside the instant it came{way}",
               "Grant EXECUTE on pg_switch_wal() and pg_ls_waldir(), and pg_checkpoint, to the user; drop the slot, or "
               "switch off what keeps old files, while waves close. Else traffic has to write over it."
               if reasons else "See that a worker runs; it writes over them at its next turn.")  # fmt: skip


def _writing_along(session: Session) -> Finding:
    loud = [name for name, quiet in QUIET.items() if session.execute(sa.text(f"SHOW {name}")).scalar_one() not in quiet]
    if not loud:
        return ok("log", "PostgreSQL writes down neither answers nor when they came")
    return warn("log", f"{', '.join(loud)}: PostgreSQL writes down answers, or when they came, outside the tables",
                "Switch it off for this database, at least while an anonymous wave is open.")  # fmt: skip
