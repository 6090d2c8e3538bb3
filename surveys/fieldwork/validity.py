"""Validity: whether an invitation may still be answered or mailed, each rule in Python and beside it in SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from surveys.tables import Contact, Invitation, Wave
from surveys.tables.columns import UtcDateTime, core

_I, _CONTACT, _W = (core(table).c for table in (Invitation, Contact, Wave))


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on an invitation and, where the rule says so, its wave and its contact.

    `holds` reads a row that has the columns by their names. `sql` is for a statement with the tables of those columns,
    wave and contact by an outer join. Both are true or false, never null, so that rules combine by `&`, `|` and `~`.
    """

    holds: Callable[[Any, datetime], bool]
    sql: Callable[[datetime], sa.ColumnElement[bool]]

    def __call__(self, row: Any, now: datetime) -> bool:
        return self.holds(row, now)

    def __or__(self, other: "Rule") -> "Rule":
        return Rule(
            lambda row, now: self.holds(row, now) or other.holds(row, now), lambda now: self.sql(now) | other.sql(now)
        )

    def __and__(self, other: "Rule") -> "Rule":
        return Rule(
            lambda row, now: self.holds(row, now) and other.holds(row, now), lambda now: self.sql(now) & other.sql(now)
        )

    def __invert__(self) -> "Rule":
        return Rule(lambda row, now: not self.holds(row, now), lambda now: ~self.sql(now))


def _at(now: datetime) -> sa.BindParameter[datetime]:
    return sa.bindparam(None, now, UtcDateTime())


# Of the invitation.
WITHHELD = Rule(lambda row, _: row.withheld_reason is not None, lambda _: _I.withheld_reason.is_not(None))
WITHDRAWN = Rule(lambda row, _: row.withdrawn_at is not None, lambda _: _I.withdrawn_at.is_not(None))
ERASED = Rule(lambda row, _: row.contact_id is None, lambda _: _I.contact_id.is_(None))
ANSWERED = Rule(lambda row, _: row.answered_at is not None, lambda _: _I.answered_at.is_not(None))
EXPIRED = Rule(lambda row, now: row.expires_at <= now, lambda now: _I.expires_at <= _at(now))
SENT = Rule(lambda row, _: row.sent_at is not None, lambda _: _I.sent_at.is_not(None))
FAILED = Rule(lambda row, _: row.failed_at is not None, lambda _: _I.failed_at.is_not(None))
HANDED_OUT = Rule(lambda row, _: row.deliver == "link", lambda _: _I.deliver == "link")

# Of its wave, if it has one.
ANONYMOUS = Rule(lambda row, _: row.anonymous, lambda _: Wave.anonymous.expression)
WAVE_CLOSED = Rule(lambda row, _: row.closed_at is not None, lambda _: _W.closed_at.is_not(None))
WAVE_OVER = WAVE_CLOSED | Rule(
    lambda row, now: row.closes_at is not None and row.closes_at <= now,
    lambda now: _W.closes_at.is_not(None) & (_W.closes_at <= _at(now)),
)

# Of its contact, if it was not erased.
UNSUBSCRIBED = Rule(lambda row, _: row.unsubscribed_at is not None, lambda _: _CONTACT.unsubscribed_at.is_not(None))
BOUNCED = Rule(lambda row, _: row.bounced_at is not None, lambda _: _CONTACT.bounced_at.is_not(None))
NO_ADDRESS = Rule(lambda row, _: row.email is None, lambda _: _CONTACT.email.is_(None))
READDRESSED = Rule(
    lambda row, _: row.readdressed_at is not None and row.readdressed_at > row.created_at,
    lambda _: _CONTACT.readdressed_at.is_not(None) & (_CONTACT.readdressed_at > _I.created_at),
)

REVOKED = WITHDRAWN | ERASED
LAPSED = REVOKED | WAVE_OVER | EXPIRED
# May be answered for the first time, unless an urn has its ballot; `admission` says when an answer may be corrected.
ANSWERABLE = ~(WITHHELD | ANSWERED | LAPSED)
# Whoever changes addresses could lead a reminder to themselves, and know by it who has not answered.
REMINDS_ANOTHER_ADDRESS = ANONYMOUS & SENT & READDRESSED
# By the word for it in `withheld_reason`, the person's wish first.
UNREACHABLE = {"unsubscribed": UNSUBSCRIBED, "bounced": BOUNCED, "no_address": NO_ADDRESS}
MAILABLE = ANSWERABLE & ~(REMINDS_ANOTHER_ADDRESS | UNSUBSCRIBED | BOUNCED | NO_ADDRESS)
# Reached the person or still will; what failed or was withdrawn before it went out did not.
REACHES = ~WITHHELD & (SENT | (~WITHDRAWN & ~FAILED) | HANDED_OUT)
# Of an anonymous wave everybody's counts as open, or not being asked again would tell who has answered.
OPEN = ~ANSWERED & ~LAPSED
