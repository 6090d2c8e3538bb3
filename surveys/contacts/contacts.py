"""Contacts: people we may write to, imported by their ref or their e-mail address."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select
from uuid_utils.compat import uuid7

from surveys.contacts import choices
from surveys.contacts import items as contact_items
from surveys.contacts.matching import Known
from surveys.facts import Malformed, Unknown
from surveys.organisation.organisations import take_turn
from surveys.refusals import Refusal
from surveys.tables import Contact, Unit
from surveys.tables.columns import core

CHUNK = 2_000  # two look-ups with a value per row stay below SQLite's 32,766 parameters
FROM_ITEM = {"name": "name", "locale": "locale", "unit": "unit_key"}
WRITTEN = (
    "ref",
    "first_ref",
    "email",
    "email_key",
    "name",
    "locale",
    "audience",
    "unit_key",
    "attributes",
    "updated_at",
    "bounced_at",
    "readdressed_at",
)


@dataclass(slots=True)
class Imported:
    """What an import did: rows that made a contact, rows that met one, rows refused."""

    created: int = 0
    updated: int = 0
    refused: list[Refusal] = field(default_factory=list)


def import_contacts(session: Session, organisation_id: int, items: Iterable[Any], now: datetime) -> Imported:
    """Make or change a contact per item, known by `ref`, else by e-mail; an item that is wrong is refused alone.

    It is as if the items came one after the other; they are numbered from 1. Fields left out stay
    as they are, null empties them; attributes are merged by name, null removes one.
    """
    return import_rows(session, organisation_id, enumerate(items, 1), now)


def import_rows(
    session: Session,
    organisation_id: int,
    rows: Iterable[tuple[int, Any]],
    now: datetime,
    *,
    met: dict[int, UUID] | None = None,
) -> Imported:
    """The same for items that bring their row number; a Malformed in an item's place is a row to refuse.

    The id of each row's contact is put into `met`, where the caller wants to know.
    """
    take_turn(session, organisation_id)
    offered = (col(Unit.organisation_id) == organisation_id, col(Unit.archived_at).is_(None))
    units = set(session.execute(sa.select(col(Unit.key)).where(*offered)).scalars())
    done = Imported()
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        items = _checked(chunk, units, done)
        with _fresh_plans(session):
            known = _known(session, organisation_id, [fields for _, fields in items])
            before = {row["id"]: row["ref"] for row in known.by_ref.values()}
        made, changed = _apply(organisation_id, items, known, done, now, met=met)
        _write(session, organisation_id, made, changed)
        renamed = {before[row["id"]]: row["ref"] for row in changed if before[row["id"]] != row["ref"]}
        choices.rename(session, organisation_id, renamed)
    done.refused.sort(key=lambda refusal: refusal.row)
    return done


def get(session: Session, organisation_id: int, ref: str) -> Contact:
    """The contact with this ref. Raises Unknown."""
    contact = session.exec(
        select(Contact).where(Contact.organisation_id == organisation_id, Contact.ref == ref)
    ).one_or_none()
    if contact is None:
        raise Unknown("contact", ref)
    return contact


Rows = list[dict[str, Any]]


def _checked(chunk: list[tuple[int, Any]], units: set[str], done: Imported) -> list[tuple[int, dict[str, Any]]]:
    checked = []
    for row, item in chunk:
        try:
            if isinstance(item, Malformed):
                raise item
            checked.append((row, contact_items.check(item, units)))
        except Malformed as wrong:
            done.refused.append(Refusal(row, wrong.field, wrong.message))
    return checked


def _apply(
    organisation_id: int,
    items: list[tuple[int, dict[str, Any]]],
    known: Known,
    done: Imported,
    now: datetime,
    *,
    met: dict[int, UUID] | None,
) -> tuple[Rows, Rows]:
    """Give each item to the contact it means; the contacts made, and those changed."""
    made: dict[UUID, dict[str, Any]] = {}
    changed: dict[UUID, dict[str, Any]] = {}
    for row, fields in items:
        try:
            contact = known.meant(fields.get("ref"), fields.get("email"))
        except Malformed as wrong:
            done.refused.append(Refusal(row, wrong.field, wrong.message))
            continue
        if contact is None:
            contact = _new(organisation_id, fields, now)
            known.add(contact)
            made[contact["id"]] = contact
            done.created += 1
        else:
            if contact["id"] not in made:
                changed[contact["id"]] = contact
            done.updated += 1
        _give(known, contact, fields, now)
        if met is not None:
            met[row] = contact["id"]
    return list(made.values()), list(changed.values())


@contextmanager
def _fresh_plans(session: Session) -> Iterator[None]:
    """On PostgreSQL, plan each look-up anew: one prepared while the table was small is 100 times slower later.

    Not for the whole import, since foreign keys would be planned anew for every row.
    """
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    session.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))
    yield
    session.execute(sa.text("SET LOCAL plan_cache_mode = auto"))


def _known(session: Session, organisation_id: int, items: list[dict[str, Any]]) -> Known:
    emails = {fields["email"].lower() for fields in items if fields.get("email")}
    refs = {fields["ref"] for fields in items if fields.get("ref")} | emails
    table = core(Contact)
    mine = table.c.organisation_id == organisation_id
    stored: dict[UUID, dict[str, Any]] = {}
    for column, values in ((table.c.ref, refs), (table.c.email_key, emails)):
        rows = session.execute(sa.select(table).where(mine, column.in_(sorted(values)))).mappings()
        stored.update({row["id"]: dict(row) for row in rows})
    return Known(stored.values())


def _new(organisation_id: int, fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    email: str | None = fields.get("email")
    return {
        "organisation_id": organisation_id,
        "id": uuid7(),
        "ref": fields.get("ref") or str(email).lower(),
        "email": email,
        "email_key": email.lower() if email else None,
        "name": None,
        "locale": None,
        "audience": "customers",
        "unit_key": None,
        "attributes": {},
        "created_at": now,
        "bounced_at": None,
        "readdressed_at": None,
        "first_ref": None,
    }


def _give(known: Known, contact: dict[str, Any], fields: dict[str, Any], now: datetime) -> None:
    known.change(contact, fields.get("ref") or contact["ref"], fields.get("email", contact["email"]), now)
    for name, column in FROM_ITEM.items():
        if name in fields:
            contact[column] = fields[name]
    contact["audience"] = fields.get("audience") or contact["audience"]
    merged = contact["attributes"] | fields.get("attributes", {})
    contact["attributes"] = {name: value for name, value in merged.items() if value is not None}
    contact["updated_at"] = now


def _write(session: Session, organisation_id: int, made: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    table = core(Contact)
    if changed:
        session.execute(
            sa.update(table)
            .where(table.c.organisation_id == organisation_id, table.c.id == sa.bindparam("contact"))
            .values({name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in WRITTEN}),
            [{"contact": row["id"]} | {f"new_{name}": row[name] for name in WRITTEN} for row in changed],
        )
    if made:
        session.execute(sa.insert(table), made)
