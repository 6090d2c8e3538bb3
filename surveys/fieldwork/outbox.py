"""The outbox: invitations with a mail due are claimed for a lease, sent by the caller, and recorded.

Claim, commit, send, record: the sending happens between two transactions. A claim moves `send_at` ahead by the
lease, so whoever dies with mails in hand loses them to the next claim, and nothing waits for a lock.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.anonymity.seals import Secrets
from surveys.fieldwork import admission, mails, reminders, validity
from surveys.fieldwork.mails import Mail, next_reminder_at
from surveys.responses import turnouts
from surveys.tables import Contact, Invitation
from surveys.tables.columns import UtcDateTime, core

BATCH = 200
LEASE = timedelta(minutes=10)
TRIES = 20  # with the back-off below about three days
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=6)
FAILURE_LIMIT = 500


def claim(
    session: Session, now: datetime, secrets: Secrets, *, limit: int = BATCH, lease: timedelta = LEASE
) -> list[Mail] | None:
    """Take up to `limit` mails that are due, the longest due first; None where nothing is due.

    What is due but must not be sent any more is settled on the way, so the list may be empty. Two workers never
    get the same mail before the lease is over: the UPDATE holds only where `send_at` is still due.

    Reminders of anonymous waves are noted here and now, whether the person has answered or not: nothing that is written
    tells the two apart, and only mails to those who have not are given. Such a reminder goes out at most once.
    """
    table = core(Invitation)
    due = session.execute(
        sa.select(table.c.organisation_id, table.c.id)
        .where(table.c.send_at <= now)
        .order_by(table.c.send_at)
        .limit(limit)
    ).all()
    if not due:
        return None
    _lock(session, [(row.organisation_id, row.id) for row in due])
    leased_until = now + lease
    taken = session.execute(
        sa.update(table)
        .where(
            table.c.organisation_id.in_({row.organisation_id for row in due}),
            table.c.id.in_({row.id for row in due}),
            table.c.send_at <= now,
        )
        .values(send_at=leased_until, attempts=table.c.attempts + 1)
        .returning(table.c.organisation_id, table.c.id)
    ).all()
    return _written(session, mails.claimed(session, taken), now, secrets, leased_until=leased_until)


def _written(
    session: Session, rows: Sequence[sa.Row[Any]], now: datetime, secrets: Secrets, *, leased_until: datetime
) -> list[Mail]:
    """The mails of claimed rows; what must not be sent any more is settled."""
    stopped = {(row.organisation_id, row.id): why for row in rows if (why := _reason_to_stop(row, now))}
    _settle(session, [row for row in rows if (row.organisation_id, row.id) in stopped], stopped, now)
    going = [row for row in rows if (row.organisation_id, row.id) not in stopped]
    reminded = [row for row in going if mails.reminds_anonymously(row)]
    alike = reminders.note(session, reminded, now)
    idle = reminders.idle(session, reminded, secrets)
    return mails.write(
        session, [row for row in going if (row.organisation_id, row.id) not in idle], leased_until, alike
    )


def _lock(session: Session, ids: Sequence[tuple[int, UUID]]) -> None:
    """Lock what is due, answered or not, in the order in which answering and closing do: nobody waits in a circle."""
    i = core(Invitation).c
    session.execute(
        sa.select(i.id)
        .where(i.organisation_id.in_({org for org, _ in ids}), i.id.in_({id_ for _, id_ in ids}))
        .order_by(i.organisation_id, i.id)
        .with_for_update()
    ).all()


def _reason_to_stop(row: sa.Row[Any], now: datetime) -> str | None:
    """Why this mail must not be sent any more: a word of `withheld_reason` about the contact, or `over`."""
    if validity.MAILABLE(row, now):
        return None
    if not validity.ANSWERABLE(row, now) or validity.REMINDS_ANOTHER_ADDRESS(row, now):
        return "over"
    return next(reason for reason, holds in validity.UNREACHABLE.items() if holds(row, now))


def _settle(session: Session, rows: Sequence[sa.Row[Any]], why: Mapping[tuple[int, UUID], str], now: datetime) -> None:
    """Send nothing more. What was never tried is withheld for its reason."""
    with turnouts.following(session, [(row.organisation_id, row.id) for row in rows]):
        for row in rows:
            _update(session, row.organisation_id, row.id, _settled(row, why[row.organisation_id, row.id], now))


def _settled(row: sa.Row[Any], reason: str, now: datetime) -> dict[str, Any]:
    if reason == "over" or row.sent_at is not None:
        return {"send_at": None}
    if row.attempts == 1:
        return {"send_at": None, "withheld_reason": reason}
    # A try that was cut short may have reached the person, so the link must go on working.
    return {"send_at": None, "failed_at": now, "failure": reason}


def _update(session: Session, organisation_id: int, invitation_id: UUID, values: dict[str, Any]) -> None:
    table = core(Invitation)
    session.execute(
        sa.update(table).where(table.c.organisation_id == organisation_id, table.c.id == invitation_id).values(values)
    )


def back_off(attempts: int, chance: float) -> timedelta:
    """How long to wait after try `attempts` (1 upward): doubling from 30 s to 6 h, times 0.5 to 1 by `chance` (0-1)."""
    longest: timedelta = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    return longest * (0.5 + chance / 2)


def record_sent(session: Session, sent: Sequence[tuple[Mail, datetime]]) -> None:
    """Note which mails were handed over and when; sets when the next is due, unless things changed meanwhile.

    Reminders of anonymous waves were noted before.
    """
    sent = [(mail, at) for mail, at in sent if not mail.alike]
    table = core(Invitation)
    held = table.c.send_at == sa.bindparam("lease", type_=UtcDateTime)
    number = sa.bindparam("number", type_=sa.Integer)
    statement = (
        sa.update(table)
        .where(table.c.organisation_id == sa.bindparam("org"), table.c.id == sa.bindparam("iid"))
        .values(
            sent_at=sa.func.coalesce(table.c.sent_at, sa.bindparam("at", type_=UtcDateTime)),
            reminders_sent=sa.case((table.c.reminders_sent < number, number), else_=table.c.reminders_sent),
            attempts=0,
            failure=None,
            # Answered meanwhile: null stays null. Lease lost: the other claim goes on.
            send_at=sa.case((held, sa.bindparam("next", type_=UtcDateTime)), else_=table.c.send_at),
        )
    )
    rows = [
        {
            "org": mail.organisation_id, "iid": mail.invitation_id, "lease": mail.leased_until, "at": at,
            "number": mail.number,
            "next": next_reminder_at(at, mail.number, mail.reminders_after_days, mail.expires_at),
        }
        for mail, at in sorted(sent, key=lambda pair: (pair[0].organisation_id, pair[0].invitation_id))
    ]  # fmt: skip
    if rows:
        invitations = [(mail.organisation_id, mail.invitation_id) for mail, _ in sent]
        admission.lock(session, invitations)
        with turnouts.following(session, invitations):
            session.execute(statement, rows)


def record_refused(session: Session, mail: Mail, reply: str, now: datetime, *, permanent: bool) -> None:
    """Note what was said instead of taking the mail: it is tried again after a while, or no more.

    Of a reminder of an anonymous wave it is not noted: only those get one who have not answered.
    """
    if mail.alike:
        return
    over = permanent or mail.attempts >= TRIES
    values = {
        "failure": reply[:FAILURE_LIMIT],
        "failed_at": now if over else None,
        "send_at": None if over else now + back_off(mail.attempts, random.random()),  # noqa: S311 - spreads load
    }
    invitation = (mail.organisation_id, mail.invitation_id)
    admission.lock(session, [invitation])
    with turnouts.following(session, [invitation]):
        _while_held(session, mail, values)


def record_dead_address(session: Session, mail: Mail, now: datetime) -> None:
    """Note that nothing can reach this contact's address any more, so that nobody writes there again.

    Of a reminder of an anonymous wave it is not noted: only those get one who have not answered.
    """
    if mail.anonymous and mail.number > 0:
        return
    session.execute(
        sa.update(core(Contact))
        .where(
            col(Contact.organisation_id) == mail.organisation_id,
            col(Contact.id) == mail.contact_id,
            col(Contact.email) == mail.email,
            col(Contact.bounced_at).is_(None),
        )
        .values(bounced_at=now)
    )


def hand_back(session: Session, untried: Sequence[Mail], due_at: datetime, reason: str | None = None) -> None:
    """Give back mails that were claimed and not tried; `reason` says what was in the way.

    With a reminder of an anonymous wave go all that were claimed with it, those to people who have answered too.
    """
    if alike := next((mail.alike for mail in untried if mail.alike), ()):
        reminders.change(session, [(org, id_, number - 1, due_at) for org, id_, number in alike])
    plain = (mail for mail in untried if not mail.alike)
    for mail in sorted(plain, key=lambda mail: (mail.organisation_id, mail.invitation_id)):
        values = {"send_at": due_at, "attempts": mail.attempts - 1}
        _while_held(session, mail, values | ({"failure": reason[:FAILURE_LIMIT]} if reason else {}))


def _while_held(session: Session, mail: Mail, values: dict[str, Any]) -> None:
    """Change the invitation unless it was answered, or claimed by another, since the claim."""
    table = core(Invitation)
    session.execute(
        sa.update(table)
        .where(
            table.c.organisation_id == mail.organisation_id,
            table.c.id == mail.invitation_id,
            table.c.send_at == mail.leased_until,
        )
        .values(values)
    )
