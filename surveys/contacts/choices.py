"""Choices of a wave's people by ref: kept in step with the refs of contacts, and without those of erased ones."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from surveys.tables import Contact, Wave
from surveys.tables.columns import core

_W = core(Wave).c


def leave_out(session: Session, contact: Contact) -> None:
    """Take a contact who is erased off the lists of refs that waves were chosen by, whatever their ref was then."""
    own = {contact.ref, contact.first_ref}
    _rewrite(session, contact.organisation_id, lambda ref: None if _names_any(ref, own) else ref)


def rename(session: Session, organisation_id: int, renamed: Mapping[str, str]) -> None:
    """Give contacts their new refs, by the old ones, on those lists: else erasure would not meet the old one there."""
    if renamed:
        _rewrite(session, organisation_id, lambda ref: renamed.get(ref) or renamed.get(_addressed(ref), ref))


def _addressed(ref: str) -> str:
    """What else a ref may be: a contact imported without one has its address in small letters for it."""
    return ref.lower() if "@" in ref else ref


def _names_any(ref: str, own: set[str | None]) -> bool:
    return ref in own or _addressed(ref) in own


def _rewrite(session: Session, organisation_id: int, new: Callable[[str], str | None]) -> None:
    """Put for each ref on a list what `new` gives for it, or nothing where that is None."""
    for key, choice in _by_ref(session, organisation_id):
        refs = [ref for ref in map(new, choice["refs"]) if ref is not None]
        if refs != choice["refs"]:
            session.execute(
                sa.update(core(Wave))
                .where(_W.organisation_id == organisation_id, _W.key == key)
                .values(contacts={**choice, "refs": refs})
            )


def _by_ref(session: Session, organisation_id: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The waves whose choice names refs, in the order in which all lock them."""
    rows = session.execute(
        sa.select(_W.key, _W.contacts)
        .where(_W.organisation_id == organisation_id, sa.cast(_W.contacts, sa.Text).contains('"refs"'))
        .order_by(_W.key)
    ).all()
    yield from ((row.key, row.contacts) for row in rows if "refs" in row.contacts)
