"""Former contacts: while an anonymous wave that asked them is open, an erased person's invitations belong together.

Otherwise the wave, compared with an earlier one, would take them for two people, and so hide somebody else who alone is
different. A random number joins the invitations, and goes when the wave closes.
"""

import os
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.tables import Contact, Invitation, Wave
from surveys.tables.columns import core

_I, _W = core(Invitation).c, core(Wave).c
# The same for one and the same person in all waves that are compared.
PERSON = sa.func.coalesce(_I.contact_id, _I.former_id, _I.id)


def keep_together(session: Session, contact: Contact) -> None:
    """Join the anonymous invitations of a contact who is about to be erased, where a wave is open that asked them."""
    own = (_I.organisation_id == contact.organisation_id, _I.contact_id == contact.id)
    open_ = _anonymous(contact.organisation_id, _W.closed_at.is_(None))
    asked = sa.select(_I.id).where(*own, _I.wave_key.in_(open_))
    if session.execute(asked.limit(1)).first():
        session.execute(
            sa.update(core(Invitation))
            .where(*own, _I.wave_key.in_(_anonymous(contact.organisation_id)))
            .values(former_id=UUID(bytes=os.urandom(16)))
        )


def forget(session: Session, organisation_id: int) -> None:
    """Part the invitations of those erased whom no wave asked that is still open."""
    joined = (_I.organisation_id == organisation_id, _I.former_id.is_not(None))
    needed = sa.select(_I.former_id).where(
        *joined, _I.wave_key.in_(_anonymous(organisation_id, _W.closed_at.is_(None)))
    )
    session.execute(sa.update(core(Invitation)).where(*joined, _I.former_id.not_in(needed)).values(former_id=None))


def _anonymous(organisation_id: int, *further: sa.ColumnElement[bool]) -> sa.Select[tuple[str]]:
    """The keys of the anonymous waves that were opened."""
    return sa.select(_W.key).where(_W.organisation_id == organisation_id, Wave.anonymous, *further)
