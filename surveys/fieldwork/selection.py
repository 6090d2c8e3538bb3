"""Selection: which contacts a sender means, page by page, each with what keeps it from being asked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlmodel import Session

from surveys import keys
from surveys.contacts import items
from surveys.facts import Malformed
from surveys.fieldwork import withholding
from surveys.fieldwork.withholding import Asking
from surveys.organisation import units
from surveys.tables import Contact, Unit
from surveys.tables.columns import core
from surveys.tables.organisations import AUDIENCES

PAGE = 10_000
REFS_PAGE = 2_000
FILTERS = ("refs", "audience", "unit", "attributes")
_CONTACT = core(Contact).c
_RAW_ID = sa.type_coerce(_CONTACT.id, sa.types.NullType())
Choice = Sequence[str] | Literal["all"] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The contacts a sender means: those with the refs, or else all of an audience that fit unit and attributes."""

    refs: tuple[str, ...] | None = None
    audience: str | None = None
    unit: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """The choice as JSON; `choose` reads it back."""
        fields = {name: getattr(self, name) for name in FILTERS}
        return {name: value for name, value in fields.items() if value is not None and value != {}}


def choose(choice: Choice) -> Chosen:
    """Read a choice: a list of refs, "all", or an object of audience, unit (with those below), attributes, refs.

    Raises Malformed naming the field.
    """
    if choice == "all":
        return Chosen()
    if isinstance(choice, Mapping):
        return _filter(choice)
    if isinstance(choice, str) or not isinstance(choice, Sequence):
        raise Malformed("contacts", 'a list of refs, "all" or an object with a filter is wanted.')
    return Chosen(refs=_refs(choice))


def check(session: Session, organisation_id: int, chosen: Chosen) -> None:
    """Raise Malformed where the choice names a unit or refs that are not there at present."""
    _within(session, organisation_id, chosen)
    for part in _parts(chosen.refs or ()):
        _check_known(session, organisation_id, part, chosen.refs or ())


def _filter(fields: Mapping[str, Any]) -> Chosen:
    for name in fields:
        if name not in FILTERS:
            raise Malformed(f"contacts.{str(name)[:64]}", f"a filter has {', '.join(FILTERS)} and nothing else.")
    if fields.get("audience") is not None and fields["audience"] not in AUDIENCES:
        raise Malformed("contacts.audience", f"one of {', '.join(AUDIENCES)} is wanted.")
    if not isinstance(fields.get("unit"), str | None):
        raise Malformed("contacts.unit", "the key of a unit is wanted.")
    try:
        attributes = items.check({"ref": "-", "attributes": fields.get("attributes")}, ()).get("attributes", {})
    except Malformed as wrong:
        raise Malformed(f"contacts.{wrong.field}", wrong.message) from None
    refs = fields.get("refs")
    return Chosen(None if refs is None else _refs(refs), fields.get("audience"), fields.get("unit"), attributes)


def _refs(refs: Any) -> tuple[str, ...]:
    if isinstance(refs, str) or not isinstance(refs, Sequence):
        raise Malformed("contacts.refs", "a list of refs is wanted.")
    for position, ref in enumerate(refs):
        if not isinstance(ref, str):
            raise Malformed(f"contacts.{position}", "a ref is text.")
    return tuple(refs)


def pages(
    session: Session,
    organisation_id: int,
    chosen: Chosen,
    asking: Asking,
    *,
    strict: bool = True,
    further: Sequence[sa.ColumnElement[Any]] = (),
) -> Iterator[Sequence[sa.Row[Any]]]:
    """The chosen contacts, each once: id as the driver has it, ref, unit_key, locale, attributes as JSON, reason.

    `reason` says why the contact is withheld, or is null; columns `further` come after these. `strict` raises Malformed
    naming the position of a ref that is unknown; otherwise it is passed over, as for a wave whose contact was erased
    meanwhile.
    """
    statement = _statement(session, organisation_id, chosen, asking).add_columns(*further)
    unfiltered = (
        _everyone(session, statement)
        if chosen.refs is None
        else _named(session, organisation_id, statement, chosen.refs, strict=strict)
    )
    for rows in unfiltered:
        yield [row for row in rows if _fits(row, chosen.attributes)] if chosen.attributes else rows


def _everyone(session: Session, statement: sa.Select[Any]) -> Iterator[Sequence[sa.Row[Any]]]:
    """Pages by key instead of one open cursor: what is read is written about in between."""
    behind = statement
    while True:
        rows = session.execute(behind.order_by(_CONTACT.id).limit(PAGE)).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        behind = statement.where(sa.bindparam("last", rows[-1].id, sa.types.NullType()) < _RAW_ID)


def _named(
    session: Session, organisation_id: int, statement: sa.Select[Any], refs: Sequence[str], *, strict: bool
) -> Iterator[Sequence[sa.Row[Any]]]:
    seen: set[Any] = set()
    for part in _parts(refs):
        if strict:
            _check_known(session, organisation_id, part, refs)
        wanted = sorted({*part, *part.values()})
        rows = session.execute(statement.where(_CONTACT.ref.in_(wanted)).order_by(_CONTACT.id)).all()
        there = {row.ref for row in rows}
        meant = {ref if ref in there else other for ref, other in part.items()}
        fresh = [row for row in rows if row.ref in meant and row.id not in seen]
        seen.update(row.id for row in fresh)
        yield fresh


def _parts(refs: Sequence[str]) -> Iterator[dict[str, str]]:
    """The refs, each once, with what else they may be: a contact imported without a ref has its address for one."""
    once = list(dict.fromkeys(refs))
    for start in range(0, len(once), REFS_PAGE):
        yield {ref: ref.lower() if "@" in ref else ref for ref in once[start : start + REFS_PAGE]}


def _check_known(session: Session, organisation_id: int, part: Mapping[str, str], refs: Sequence[str]) -> None:
    wanted = sorted({*part, *part.values()})
    known = set(
        session.execute(
            sa.select(_CONTACT.ref).where(_CONTACT.organisation_id == organisation_id, _CONTACT.ref.in_(wanted))
        ).scalars()
    )
    for ref, other in part.items():
        if ref not in known and other not in known:
            raise Malformed(f"contacts.{refs.index(ref)}", f"there is no contact '{ref[:320]}'.")


def _statement(session: Session, organisation_id: int, chosen: Chosen, asking: Asking) -> sa.Select[Any]:
    # Ids and attributes stay as the driver gives them: turning 100,000 into objects costs as much as the rest.
    needed = chosen.attributes or asking.survey.segments
    attributes = sa.cast(_CONTACT.attributes, sa.Text) if needed else sa.null()
    statement: Any = sa.select(
        _RAW_ID.label("id"),
        _CONTACT.ref,
        _CONTACT.unit_key,
        _CONTACT.locale,
        sa.type_coerce(attributes, sa.types.NullType()).label("attributes"),
        withholding.reason(asking).label("reason"),
    ).where(_CONTACT.organisation_id == organisation_id)
    audience = chosen.audience or (asking.survey.audience if chosen.refs is None else None)
    if audience is not None:
        statement = statement.where(_CONTACT.audience == audience)
    if chosen.unit is not None:
        statement = statement.where(_CONTACT.unit_key.in_(sorted(_within(session, organisation_id, chosen))))
    return cast("sa.Select[Any]", statement)


def _within(session: Session, organisation_id: int, chosen: Chosen) -> set[str]:
    """The unit chosen with what is below it."""
    if chosen.unit is None:
        return set()
    keys.check_offered(session, organisation_id, Unit, "contacts.unit", chosen.unit)
    return units.below(session, organisation_id, [chosen.unit])


def _fits(row: sa.Row[Any], attributes: Mapping[str, Any]) -> bool:
    """Attributes are compared as text, as segments are: 7 from a register and "7" from a file are the same."""
    stored = json.loads(row.attributes)
    return all(str(stored.get(name)) == str(value) for name, value in attributes.items())
