"""Plain functions that make rows, with everything left out filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import Session
from uuid_utils.compat import uuid7

from surveys.organisation import organisations
from surveys.organisation.organisations import day_of
from surveys.questionnaire import definitions
from surveys.responses import cells, tallies
from surveys.responses.cells import Slice, segments_of
from surveys.tables import Contact, Invitation, Organisation, Survey, Touchpoint, Unit

NOW = datetime(2026, 4, 14, 10, 0, tzinfo=UTC)
SCORE = {
    "key": "score",
    "kind": "score",
    "required": True,
    "texts": {"en": {"text": "How likely are you to recommend us to a friend or colleague?"}},
}
WHY = {"key": "comment", "kind": "text", "required": False, "texts": {"en": {"text": "Why?"}}}


def make_organisation(session: Session, key: str = "fjord", **columns: Any) -> Organisation:
    """A tenant in Copenhagen."""
    row = {"name": "Fjord Ferries", "time_zone": "Europe/Copenhagen", "locale": "en", "now": NOW, **columns}
    return organisations.create(session, key, **row)


def make_unit(session: Session, organisation_id: int, key: str, parent: str | None = None) -> Unit:
    """A unit named after its key."""
    unit = Unit(organisation_id=organisation_id, key=key, name=key.title(), parent_key=parent)
    session.add(unit)
    session.flush()
    return unit


def make_touchpoint(session: Session, organisation_id: int, key: str = "support", **columns: Any) -> Touchpoint:
    """A touchpoint of customers."""
    row = {"name": key.title(), "audience": "customers", "promise": ""} | columns
    touchpoint = Touchpoint(organisation_id=organisation_id, key=key, **row)
    session.add(touchpoint)
    session.flush()
    return touchpoint


def make_survey(session: Session, organisation_id: int, key: str = "nps", **columns: Any) -> Survey:
    """A confidential survey with the score question and a comment."""
    questions = columns.pop("questions", [SCORE, WHY])
    row = {
        "template": "nps", "name": "Customer survey", "audience": "customers", "mode": "confidential",
        "segments": [], "rest_days": 30, "edit_hours": 48, "expires_days": 30,
    } | columns  # fmt: skip
    survey, _ = definitions.put(session, organisation_id, key, columns=row, questions=questions, now=NOW)
    return survey


def make_contact(session: Session, organisation_id: int, ref: str | None = None, **columns: Any) -> Contact:
    """A customer with an address made from the ref."""
    ref = ref or uuid4().hex
    row: dict[str, Any] = {
        "id": uuid7(), "email": f"{ref}@example.org", "name": None, "locale": "en", "audience": "customers",
        "attributes": {}, "created_at": NOW, "updated_at": NOW,
    } | columns  # fmt: skip
    email_key = row["email"].lower() if row["email"] else None
    contact = Contact(organisation_id=organisation_id, ref=ref, email_key=email_key, **row)
    session.add(contact)
    session.flush()
    return contact


def make_invitation(session: Session, survey: Survey, contact: Contact, **columns: Any) -> Invitation:
    """An invitation issued at NOW, with its cell and turnout, as issuing makes it."""
    organisation = organisations.get(session, survey.organisation_id)
    created_at = columns.get("created_at", NOW)
    s = Slice(
        survey.key, columns.get("wave_key"), columns.pop("touchpoint", None), contact.unit_key,
        columns.get("deliver", "email"), contact.locale or organisation.locale,
        segments_of(survey.segments, contact.attributes),
    )  # fmt: skip
    cells.ensure(session, survey.organisation_id, [s])
    row: dict[str, Any] = {
        "id": uuid4(), "deliver": "email", "created_at": created_at, "send_at": created_at,
        "expires_at": created_at + timedelta(days=survey.expires_days),
        "invited_on": day_of(created_at, organisation.time_zone),
    } | columns  # fmt: skip
    invitation = Invitation(
        organisation_id=survey.organisation_id, survey_key=survey.key, contact_id=contact.id, cell_id=s.id, **row
    )
    session.add(invitation)
    session.flush()
    went_out = invitation.deliver == "link" or invitation.sent_at or invitation.failed_at or invitation.answered_at
    invited = 1 if went_out and not invitation.withheld_reason else 0
    tallies.count_turnout(session, [(survey.organisation_id, s.id, invitation.invited_on, invited, 0, 0)])
    return invitation


def invited(session: Session, **columns: Any) -> tuple[Survey, Contact, Invitation]:
    """A whole setting in one go: an organisation, a survey, a contact and an invitation."""
    organisation = make_organisation(session)
    survey = make_survey(session, organisation.id, **columns)
    contact = make_contact(session, organisation.id)
    return survey, contact, make_invitation(session, survey, contact)
