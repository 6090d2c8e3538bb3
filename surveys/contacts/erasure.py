"""Erasure: taking away what is held about a person (GDPR, article 17)."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from surveys.anonymity import pseudonyms
from surveys.anonymity.seals import Secrets
from surveys.contacts import choices, contacts
from surveys.organisation.organisations import take_turn
from surveys.responses import responses
from surveys.tables import Contact, Interaction, Invitation, Response
from surveys.tables.columns import core


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure met: invitations delinked, responses delinked or deleted."""

    invitations: int
    responses: int


def erase(
    session: Session, organisation_id: int, ref: str, now: datetime, secrets: Secrets, *, keep_responses: bool = True
) -> Erased:
    """Remove a contact; links die, and responses lose their person or, where not kept, go with their counts.

    Interactions lose their person and all that was said about it; the hash of their id stays, so that an old one
    sent again does not bring the person back.
    Waves chosen by ref lose theirs. How many were invited and answered stays. Raises Unknown.
    """
    take_turn(session, organisation_id)
    contact = contacts.get(session, organisation_id, ref)
    # In the order in which an answer takes its locks: whoever answers now is waited for, whoever comes later
    # finds the link dead. The contact is locked before its responses are read, so that none can be added then.
    pseudonyms.keep_together(session, contact, secrets)
    invited = _delink_invitations(session, contact, now)
    choices.leave_out(session, contact)
    _delink_interactions(session, contact)
    session.execute(
        sa.select(col(Contact.id))
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.id) == contact.id)
        .with_for_update()
    )
    stored = session.exec(
        select(Response).where(Response.organisation_id == organisation_id, Response.contact_id == contact.id)
    ).all()
    if keep_responses:
        table = core(Response)
        session.execute(
            sa.update(table)
            .where(table.c.organisation_id == organisation_id, table.c.contact_id == contact.id)
            .values(contact_id=None)
        )
    else:
        responses.delete(session, stored)
    table = core(Contact)
    session.execute(sa.delete(table).where(table.c.organisation_id == organisation_id, table.c.id == contact.id))
    session.expire_all()
    return Erased(invited, len(stored))


def _delink_invitations(session: Session, contact: Contact, now: datetime) -> int:
    table = core(Invitation)
    done = session.connection().execute(
        sa.update(table)
        .where(table.c.organisation_id == contact.organisation_id, table.c.contact_id == contact.id)
        .values(
            contact_id=None,
            withdrawn_at=sa.func.coalesce(table.c.withdrawn_at, sa.bindparam(None, now, table.c.withdrawn_at.type)),
            send_at=None,
            failure=None,
        )
    )
    return done.rowcount


def _delink_interactions(session: Session, contact: Contact) -> None:
    table = core(Interaction)
    session.execute(
        sa.update(table)
        .where(table.c.organisation_id == contact.organisation_id, table.c.contact_id == contact.id)
        .values(contact_id=None, external_id=None, attributes={})
    )
