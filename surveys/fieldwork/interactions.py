"""Interactions: a contact met a touchpoint; the survey bound to the touchpoint follows after its delay."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col
from uuid_utils.compat import uuid7

from surveys.contacts import contacts
from surveys.contacts import items as contact_items
from surveys.facts import Malformed
from surveys.fieldwork import invitations
from surveys.fieldwork.invitations import Detail, Issued
from surveys.organisation.organisations import take_turn
from surveys.refusals import Refusal, past_instant
from surveys.tables import Contact, Interaction, Touchpoint, bulk


@dataclass(frozen=True, slots=True)
class Item:
    """One interaction as it was handed over; `row` counts from 1, the organisation's own `id` makes a repeat known."""

    row: int
    contact: Mapping[str, Any]
    touchpoint: str
    occurred_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None

    @property
    def stored_id(self) -> UUID:
        """128 bits of BLAKE2b (RFC 7693) over the organisation's own id, so that a repeat has the same."""
        if self.id is None:
            return uuid7()
        return UUID(bytes=blake2b(f"interaction\0{self.id}".encode(), digest_size=16).digest())


@dataclass(slots=True)
class Taken:
    """What became of the interactions: who was invited, which were there already, which were refused."""

    issued: Issued = field(default_factory=Issued)
    already_there: int = 0
    refused: list[Refusal] = field(default_factory=list)


def record(session: Session, organisation_id: int, items: Iterable[Item], now: datetime) -> Taken:
    """Store the interactions that are sound and new, each with its contact, and ask what their touchpoints ask.

    A contact is made or changed as contacts.import_contacts does it. The survey bound to the touchpoint is sent its
    delay after the interaction, or now where that has passed; whatever keeps a contact from being asked is recorded
    as invitations.invite does. One whose id was stored before changes nothing, not even its contact.
    """
    take_turn(session, organisation_id)
    done = Taken()
    known = _touchpoints(session, organisation_id)
    sound, again = _sound(items, known, done, now)
    there = _there(session, organisation_id, list(sound))
    fresh = {id_: item for id_, item in sound.items() if id_ not in there}
    met = _meet(session, organisation_id, list(fresh.values()), done, now)
    stored = {id_: item for id_, item in fresh.items() if item.row in met}
    _store(session, organisation_id, stored, met, now)
    _count_again(done, again, there | set(stored))
    done.already_there += len(there)
    asked = [(item, known[item.touchpoint], met[item.row]) for item in stored.values()]
    done.issued = _invite(session, organisation_id, asked, now)
    done.refused.sort(key=lambda refusal: refusal.row)
    return done


def _touchpoints(session: Session, organisation_id: int) -> dict[str, Touchpoint]:
    rows = session.execute(sa.select(Touchpoint).where(col(Touchpoint.organisation_id) == organisation_id)).scalars()
    return {row.key: row for row in rows}


def _sound(
    items: Iterable[Item], known: Mapping[str, Touchpoint], done: Taken, now: datetime
) -> tuple[dict[UUID, Item], list[tuple[UUID, Item]]]:
    """The items that are right, by their stored id, and those that repeat the id of an earlier row."""
    sound: dict[UUID, Item] = {}
    again: list[tuple[UUID, Item]] = []
    for item in items:
        try:
            checked = _checked(item, known, now)
        except Malformed as wrong:
            done.refused.append(Refusal(item.row, wrong.field, wrong.message))
            continue
        id_ = item.stored_id
        if id_ in sound:
            again.append((id_, item))
        else:
            sound[id_] = checked
    return sound, again


def _checked(item: Item, known: Mapping[str, Touchpoint], now: datetime) -> Item:
    """The item, cleaned. Raises Malformed naming its field; the contact is checked by its import."""
    if item.touchpoint not in known:
        raise Malformed("touchpoint", f"there is no touchpoint '{item.touchpoint[:64]}'.")
    if known[item.touchpoint].archived_at is not None:
        raise Malformed("touchpoint", f"touchpoint '{item.touchpoint}' is archived; put it again to use it.")
    occurred_at = past_instant("occurred_at", item.occurred_at or now, now)
    attributes = contact_items.check({"ref": "-", "attributes": item.attributes}, ()).get("attributes", {})
    return replace(item, occurred_at=occurred_at, attributes=attributes)


def _there(session: Session, organisation_id: int, ids: Sequence[UUID]) -> set[UUID]:
    dialect = bulk.dialect(session)
    rows = sa.select(col(Interaction.id)).where(
        col(Interaction.organisation_id) == organisation_id, bulk.among(dialect, col(Interaction.id), "ids")
    )
    return set(session.execute(rows, {"ids": bulk.ids(dialect, ids)}).scalars())


def _meet(session: Session, organisation_id: int, items: Sequence[Item], done: Taken, now: datetime) -> dict[int, UUID]:
    """Import the contacts; the id of each row's contact. Those refused are noted by `contact.` and their field."""
    met: dict[int, UUID] = {}
    rows = [(item.row, item.contact) for item in items]
    imported = contacts.import_rows(session, organisation_id, rows, now, met=met)
    done.refused += [Refusal(wrong.row, f"contact.{wrong.field}", wrong.message) for wrong in imported.refused]
    return met


def _store(
    session: Session, organisation_id: int, items: Mapping[UUID, Item], met: Mapping[int, UUID], now: datetime
) -> None:
    rows = [
        {
            "organisation_id": organisation_id,
            "id": id_,
            "external_id": item.id,
            "contact_id": met[item.row],
            "touchpoint_key": item.touchpoint,
            "occurred_at": item.occurred_at,
            "attributes": dict(item.attributes),
            "created_at": now,
        }
        for id_, item in items.items()
    ]
    bulk.insert(session, Interaction, rows)


def _count_again(done: Taken, again: Sequence[tuple[UUID, Item]], stored: set[UUID]) -> None:
    """Rows that repeat the id of an earlier row: it is there already, unless the earlier one was refused."""
    for id_, item in again:
        if id_ in stored:
            done.already_there += 1
        else:
            done.refused.append(Refusal(item.row, "id", "an earlier row with this id was refused; send it alone."))


def _invite(
    session: Session, organisation_id: int, stored: Sequence[tuple[Item, Touchpoint, UUID]], now: datetime
) -> Issued:
    """Ask about each interaction, in one issuing for those at the same touchpoint.

    A contact is asked once in an issuing, so the second time it met the touchpoint goes into another.
    """
    refs = _refs(session, organisation_id, [contact for _, _, contact in stored])
    turns: Counter[tuple[str, UUID]] = Counter()
    groups: dict[tuple[str, str, int], dict[str, Detail]] = {}
    for item, met, contact in stored:
        if met.survey_key is None:
            continue
        due = (item.occurred_at or now) + timedelta(hours=met.survey_delay_hours or 0)
        turns[met.key, contact] += 1
        group = (met.survey_key, met.key, turns[met.key, contact])
        groups.setdefault(group, {})[refs[contact]] = Detail(max(now, due), item.attributes)
    total = Issued()
    for (survey, touchpoint, _), details in groups.items():
        asked = invitations.invite(
            session, organisation_id, survey, contacts=list(details), touchpoint=touchpoint, details=details, now=now
        )
        total.invited += asked.invited
        total.withheld = {name: n + asked.withheld[name] for name, n in total.withheld.items()}
    return total


def _refs(session: Session, organisation_id: int, ids: Sequence[UUID]) -> dict[UUID, str]:
    dialect = bulk.dialect(session)
    rows = sa.select(col(Contact.id), col(Contact.ref)).where(
        col(Contact.organisation_id) == organisation_id, bulk.among(dialect, col(Contact.id), "ids")
    )
    people = session.execute(rows, {"ids": bulk.ids(dialect, sorted(set(ids)))})
    return {row.id: row.ref for row in people}
