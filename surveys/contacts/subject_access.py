"""Everything held about a person, as they may ask for it (GDPR, article 15)."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from surveys.contacts import contacts
from surveys.tables import Answer, Cell, Contact, Interaction, Invitation, Response
from surveys.tables.columns import core

NOT_SHOWN = ("organisation_id", "contact_id", "cell_id", "former_id")
SHOWING_ANSWERED = ("send_at", "reminders_sent", "attempts")
OF_REMINDERS = ("failed_at", "failure")  # once the first mail has gone out


def held(session: Session, organisation_id: int, ref: str) -> dict[str, Any]:
    """The contact, its interactions, its invitations and its responses with their answers. Raises Unknown.

    Whether somebody took part in an anonymous wave is for them alone to see, by their link, and not for whoever asks.
    """
    contact = contacts.get(session, organisation_id, ref)
    responses = _of(session, Response, contact)
    answers = _answers(session, contact)
    return {
        "contact": {
            name: value for name, value in contact.model_dump().items() if name not in ("organisation_id", "id")
        },
        "interactions": _interactions(session, contact),
        "invitations": _of(session, Invitation, contact),
        "responses": [r | {"answers": answers.get(r["id"], {})} for r in responses],
    }


def _interactions(session: Session, contact: Contact) -> list[dict[str, Any]]:
    rows = core(Interaction)
    held_rows = session.execute(
        sa.select(*(c for c in rows.c if c.name not in ("organisation_id", "contact_id")))
        .where(rows.c.organisation_id == contact.organisation_id, rows.c.contact_id == contact.id)
        .order_by(rows.c.occurred_at, rows.c.id)
    ).mappings()
    return [dict(row) for row in held_rows]


def _of(session: Session, table: type[SQLModel], contact: Contact) -> list[dict[str, Any]]:
    """The rows that name the contact, with the dimensions of their cell."""
    rows, cell = core(table), core(Cell)
    dimensions = [cell.c[name] for name in ("touchpoint_key", "unit_key", "channel", "locale", "segments")]
    own = [c for c in rows.c if c.name not in NOT_SHOWN]
    held_rows = session.execute(
        sa.select(*own, *dimensions)
        .join(cell, (cell.c.organisation_id == rows.c.organisation_id) & (cell.c.id == rows.c.cell_id))
        .where(rows.c.organisation_id == contact.organisation_id, rows.c.contact_id == contact.id)
        .order_by(rows.c.id)
    ).mappings()
    return [_without_participation(dict(row)) for row in held_rows]


def _without_participation(row: dict[str, Any]) -> dict[str, Any]:
    """An invitation to an anonymous survey, which alone has no channel, without what shows that it was answered."""
    if row["channel"] is not None:
        return row
    hidden = SHOWING_ANSWERED if row["sent_at"] is None else SHOWING_ANSWERED + OF_REMINDERS
    return {name: value for name, value in row.items() if name not in hidden}


def _answers(session: Session, contact: Contact) -> dict[Any, dict[str, Any]]:
    answers: dict[Any, dict[str, Any]] = {}
    rows = session.execute(
        sa.select(col(Answer.response_id), col(Answer.question_key), col(Answer.number), col(Answer.text))
        .join(
            Response,
            (col(Response.organisation_id) == col(Answer.organisation_id))
            & (col(Response.id) == col(Answer.response_id)),
        )
        .where(col(Response.organisation_id) == contact.organisation_id, col(Response.contact_id) == contact.id)
    )
    for response_id, key, number, text in rows:
        answers.setdefault(response_id, {})[key] = text if number is None else number
    return answers
