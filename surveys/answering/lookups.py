"""Look-ups: invitations and responses by their primary keys, as fast as the driver finds them."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from surveys.fieldwork import admission
from surveys.links import Link
from surveys.tables import Ballot, Cell, Contact, Invitation, Organisation, Response, Survey, Touchpoint, Wave, bulk
from surveys.tables.columns import core
from surveys.tables.prepared import Prepared

Lookup = Literal["seen", "responses", "ballots"]
SEEN: Lookup = "seen"
RESPONSES: Lookup = "responses"
BALLOTS: Lookup = "ballots"


def run(connection: sa.Connection, lookup: Lookup, links: Collection[Link]) -> list[Any]:
    """The rows of those of `links` that there are, in any order.

    SQLite is asked for each, since it answers within the process; PostgreSQL once for all of an organisation.
    """
    statement, dialect = _prepared(lookup, connection.dialect), connection.dialect.name
    if dialect == "sqlite":
        return [
            row
            for link in links
            for row in statement.run(connection, {"organisation": link.organisation_id, "id": link.id.hex})
        ]
    ids: dict[int, set[UUID]] = {}
    for link in links:
        ids.setdefault(link.organisation_id, set()).add(link.id)
    return [
        row
        for organisation_id, own in ids.items()
        for row in statement.run(connection, {"organisation": organisation_id, "ids": bulk.ids(dialect, own)})
    ]


@lru_cache(maxsize=16)
def _prepared(lookup: Lookup, dialect: sa.Dialect) -> Prepared:
    rows, id_ = {SEEN: _seen, RESPONSES: _responses, BALLOTS: _ballots}[lookup]()
    if dialect.name == "sqlite":
        return Prepared(rows.where(sa.type_coerce(id_, sa.Text) == sa.bindparam("id", type_=sa.Text)), dialect)
    return Prepared(_each(rows, id_), dialect)


def _seen() -> tuple[sa.Select[Any], sa.ColumnElement[Any]]:
    """All that decides what an invitation's link opens, and the text that stands on its page.

    Subqueries, not joins: a planner without statistics would walk through all cells and contacts of the tenant.
    """
    i, s, w, o, c = (core(table).c for table in (Invitation, Survey, Wave, Organisation, Contact))
    cell, t = core(Cell).c, core(Touchpoint).c
    of_cell = (cell.organisation_id == i.organisation_id, cell.id == i.cell_id)
    met = sa.select(cell.touchpoint_key).where(*of_cell).correlate(core(Invitation)).scalar_subquery()
    of_touchpoint = (t.organisation_id == i.organisation_id, t.key == met)
    name, names = (
        sa.select(column).where(*of_touchpoint).correlate(core(Invitation)).scalar_subquery()
        for column in (t.name, t.names)
    )
    of_contact = (c.organisation_id == i.organisation_id, c.id == i.contact_id)
    rows = (
        admission.asking()
        .add_columns(
            s.version,
            s.address,
            o.name.label("organisation"),
            o.locale.label("organisation_locale"),
            sa.select(c.locale)
            .where(*of_contact)
            .correlate(core(Invitation))
            .scalar_subquery()
            .label("contact_locale"),
            name.label("touchpoint"),
            names.label("touchpoint_names"),
            w.segments,
            w.floor,
            w.comment_floor,
            w.always_release_total,
            w.known_days,
            w.scores,
        )
        .where(i.organisation_id == sa.bindparam("organisation"))
    )
    return rows, i.id


def _responses() -> tuple[sa.Select[Any], sa.ColumnElement[Any]]:
    r = core(Response).c
    rows = sa.select(r.organisation_id, r.id, r.cell_id, r.day, r.score, r.comment, r.answered_at)
    return rows.where(r.organisation_id == sa.bindparam("organisation")), r.id


def _ballots() -> tuple[sa.Select[Any], sa.ColumnElement[Any]]:
    """Whether a ballot is in the urn, and nothing that is on it."""
    b = core(Ballot).c
    return sa.select(b.organisation_id, b.id).where(b.organisation_id == sa.bindparam("organisation")), b.id


def _each(rows: sa.Select[Any], id_: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Of `rows` those whose id is one of the parameter `ids`, each looked up by its primary key.

    PostgreSQL is held to that by OFFSET 0, behind which it plans for one id: for all at once it would, until it has
    statistics, rather read everything of the tenant.
    """
    array = sa.cast(sa.bindparam("ids", type_=postgresql.ARRAY(sa.Text)), postgresql.ARRAY(sa.Uuid))
    wanted = sa.func.unnest(array).table_valued("id", name="wanted").render_derived()
    row = rows.where(id_ == wanted.c.id).correlate(wanted).offset(sa.literal_column("0")).lateral("there")
    return sa.select(row).select_from(wanted.join(row, sa.true()))
