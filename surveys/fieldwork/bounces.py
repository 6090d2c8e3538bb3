"""Bounces: mails of ours that came back, recognised by their Message-ID."""

import hmac
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.fieldwork import admission
from surveys.fieldwork.mails import message_hash
from surveys.links import Link
from surveys.responses import turnouts
from surveys.tables import Contact, Invitation, Organisation, Wave
from surveys.tables.columns import core


def find(session: Session, addresses: Iterable[str], message_id: str) -> Link | None:
    """The invitation whose mail to one of `addresses` had this Message-ID; None where no mail of ours did.

    The hash in it cannot be guessed, so nobody can make up a bounce for an address they do not get mail for.
    """
    hash_ = message_id.strip().strip("<>").partition(".")[0].lower().encode()
    # The tenant leads the index, so each is looked up in turn; there are few, and bounces are rare.
    tenants = sa.select(col(Organisation.id))
    sent = session.execute(
        sa.select(col(Invitation.organisation_id), col(Invitation.id))
        .join(
            Contact,
            (col(Contact.organisation_id) == col(Invitation.organisation_id))
            & (col(Contact.id) == col(Invitation.contact_id)),
        )
        .where(
            col(Contact.organisation_id).in_(tenants),
            col(Contact.email_key).in_({address.lower() for address in addresses}),
        )
    )
    for organisation_id, invitation_id in sent:
        if hmac.compare_digest(message_hash(organisation_id, invitation_id).encode(), hash_):
            return Link(organisation_id, invitation_id)
    return None


def is_first(message_id: str) -> bool:
    """Whether a Message-ID of ours is that of a first mail, and not of a reminder.

    The mail says so itself: a reminder may come back before it is noted that it went out.
    """
    return message_id.partition("@")[0].endswith(".0")


def bounce(session: Session, link: Link, said: str, now: datetime, *, address_dead: bool, first: bool) -> None:
    """Note that the mail did not arrive: nothing more is sent for it, nor to the contact where the address is dead.

    Whose reminder in an anonymous wave comes back, not the `first` mail, is not marked: it tells who has not answered.
    """
    mails, people, waves = core(Invitation), core(Contact), core(Wave)
    own = (mails.c.organisation_id == link.organisation_id) & (mails.c.id == link.id)
    invitation = (link.organisation_id, link.id)
    admission.lock(session, [invitation])
    with turnouts.following(session, [invitation]):
        session.execute(
            sa.update(mails)
            .where(own, mails.c.answered_at.is_(None), sa.true() if first else ~mails.c.anonymous)
            .values(failed_at=now, failure=said[:500], send_at=None)
        )
    if address_dead:
        same = (waves.c.organisation_id == mails.c.organisation_id) & (waves.c.key == mails.c.wave_key)
        contact = (
            sa.select(mails.c.contact_id)
            .outerjoin(waves, same)
            .where(own, sa.true() if first else ~mails.c.anonymous)
            .scalar_subquery()
        )
        session.execute(
            sa.update(people)
            .where(
                people.c.organisation_id == link.organisation_id, people.c.id == contact, people.c.bounced_at.is_(None)
            )
            .values(bounced_at=now)
        )
