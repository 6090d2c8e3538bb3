"""Subscriptions: whether a person still wants our mail."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from surveys.facts import LinkUnknown
from surveys.links import Link
from surveys.tables import Contact, Invitation, Organisation
from surveys.tables.columns import core


def standing(session: Session, link: Link) -> tuple[Organisation, Contact | None]:
    """Who sent the mail of this link, and to whom; no contact once the person was erased. Raises LinkUnknown."""
    invitation = session.get(Invitation, (link.organisation_id, link.id))
    organisation = session.get(Organisation, link.organisation_id)
    if invitation is None or organisation is None:
        raise LinkUnknown
    return organisation, session.get(Contact, (link.organisation_id, invitation.contact_id or link.id))


def unsubscribe(session: Session, link: Link, now: datetime) -> tuple[Organisation, Contact | None]:
    """Send nothing more to the person of this link, nor to the same address under another name.

    What is still due stays for the outbox, which withholds it and says why. Doing it again changes nothing.
    Raises LinkUnknown.
    """
    return _set(session, link, now)


def resume(session: Session, link: Link) -> tuple[Organisation, Contact | None]:
    """Take back that nothing more is sent, to the same people as `unsubscribe`. Raises LinkUnknown."""
    return _set(session, link, None)


def _set(session: Session, link: Link, at: datetime | None) -> tuple[Organisation, Contact | None]:
    organisation, contact = standing(session, link)
    if contact is None:
        return organisation, None
    people = core(Contact)
    same = people.c.id == contact.id
    if contact.email_key is not None:
        same |= people.c.email_key == contact.email_key
    session.execute(
        sa.update(people)
        .where(people.c.organisation_id == link.organisation_id, same, _changing(at))
        .values(unsubscribed_at=at)
    )
    session.refresh(contact)
    return organisation, contact


def _changing(at: datetime | None) -> sa.ColumnElement[bool]:
    """Those whom it changes anything for: who has unsubscribed keeps the time of it."""
    unsubscribed_at = core(Contact).c.unsubscribed_at
    return unsubscribed_at.is_(None) if at is not None else unsubscribed_at.is_not(None)
