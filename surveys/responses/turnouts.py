"""Turnouts: how many were invited, have answered, and could not be reached, in step with each invitation."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.responses import tallies
from surveys.tables import Invitation, Wave
from surveys.tables.columns import core

_I, _W = core(Invitation).c, core(Wave).c
Key = tuple[int, UUID, date]


def went_out() -> sa.ColumnElement[bool]:
    """Whether the mail was handed over to a server, or refused by it, or the link was given out."""
    return (_I.deliver == "link") | _I.sent_at.is_not(None) | _I.failed_at.is_not(None)


def invited() -> sa.ColumnElement[bool]:
    """Whether its person counts as invited: the mail was handed over or refused, or the link given out.

    An answer shows that it did, even where the mail is not yet noted as handed over. Of anonymous waves nobody knows
    who has answered.
    """
    return _I.withheld_reason.is_(None) & (went_out() | _I.answered_at.is_not(None))


def undelivered() -> sa.ColumnElement[bool]:
    """Whether the mail of an invited person was refused or came back, and no answer shows that it arrived after all.

    Of an anonymous wave it is seen by the first mail alone: only those are reminded who have not answered. The
    statement joins the wave, if there is one.
    """
    first = _I.sent_at.is_(None) | ~Wave.anonymous
    return _I.withheld_reason.is_(None) & _I.failed_at.is_not(None) & _I.answered_at.is_(None) & first


@contextmanager
def following(session: Session, invitations: Collection[tuple[int, UUID]]) -> Iterator[None]:
    """Bring the turnouts in step with what is done inside to these invitations, which the caller has locked.

    Those of anonymous waves are left out: they are counted when the wave closes.
    """
    before = _counts(session, invitations)
    yield
    after = _counts(session, invitations)
    changes = {key: [a - b for a, b in zip(after[key], before[key], strict=True)] for key in after}
    tallies.count_turnout(session, [(*key, change[0], 0, change[1]) for key, change in changes.items()])


def _counts(session: Session, invitations: Collection[tuple[int, UUID]]) -> dict[Key, tuple[int, int]]:
    """Of these invitations, the invited and the undelivered in each cell and on each day of issue."""
    counts: dict[Key, tuple[int, int]] = defaultdict(lambda: (0, 0))
    rows = session.execute(
        sa.select(
            _I.organisation_id, _I.cell_id, _I.invited_on, sa.func.count().filter(invited()),
            sa.func.count().filter(undelivered()),
        )
        .join_from(
            core(Invitation), core(Wave), (_W.organisation_id == _I.organisation_id) & (_W.key == _I.wave_key),
            isouter=True,
        )
        .where(
            _I.organisation_id.in_({organisation_id for organisation_id, _ in invitations}),
            _I.id.in_({id_ for _, id_ in invitations}), ~Wave.anonymous,
        )
        .group_by(_I.organisation_id, _I.cell_id, _I.invited_on)
    )  # fmt: skip
    counts |= {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}
    return counts
