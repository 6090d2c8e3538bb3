"""Surveys and links as the page tests need them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.storage.database import Database
from surveys import links
from surveys.answering import open_pages
from surveys.links import Purpose
from surveys.questionnaire import library
from surveys.tables import Invitation, Wave
from tests.app.client import make_key
from tests.conftest import SECRET
from tests.factories import make_contact, make_invitation, make_organisation, make_survey, make_touchpoint, make_unit
from tests.surveys.staff import hire, make_enps, make_units, open_wave, team

FURTHER: list[dict[str, Any]] = [
    {
        "key": "ease",
        "kind": "scale",
        "required": True,
        "texts": {
            "en": {"text": "How easy was it to get help?", "low": "Very hard", "high": "Very easy"},
            "de": {"text": "Wie leicht war es, Hilfe zu bekommen?", "low": "Sehr schwer", "high": "Sehr leicht"},
        },
    },
    {
        "key": "first-time",
        "kind": "choice",
        "required": False,
        "texts": {
            "en": {"text": "Was it solved the first time?", "choices": {"yes": "Yes", "no": "No"}},
            "de": {"text": "War es beim ersten Mal gelöst?", "choices": {"yes": "Ja", "no": "Nein"}},
        },
    },
    {
        "key": "topics",
        "kind": "choices",
        "required": False,
        "texts": {
            "en": {"text": "What was it about?", "choices": {"fare": "The fare", "time": "The timetable"}},
            "de": {"text": "Worum ging es?", "choices": {"fare": "Preise", "time": "Fahrplan"}},
        },
    },
]


@dataclass(frozen=True)
class Issued:
    """An invitation and the paths of its links."""

    organisation_id: int
    contact_id: Any
    invitation: Any
    page: str
    unsubscribe: str


def issue(database: Database, *, locale: str | None = "en", further: bool = False, **facts: Any) -> Issued:
    """An invitation after a contact with support, open for thirty days unless `facts` say otherwise."""
    of_survey = {name: facts.pop(name) for name in ("edit_hours", "questions") if name in facts}
    questions = library.template("nps-touchpoint").questions + (FURTHER if further else [])
    now = clock.now()
    with database.writing() as session:
        organisation = make_organisation(session)
        make_touchpoint(session, organisation.id, "support", name="Customer support")
        survey = make_survey(session, organisation.id, **{"questions": questions, **of_survey})
        contact = make_contact(session, organisation.id, "anna", name="Anna Berg", locale=locale)
        given = {"created_at": now, "expires_at": now + timedelta(days=30), "touchpoint": "support"} | facts
        invitation = make_invitation(session, survey, contact, **given)
    return _issued(invitation)


def token(purpose: Purpose, invitation: Any) -> str:
    """The token of an invitation's link."""
    return links.sign(SECRET.encode(), purpose, invitation.organisation_id, invitation.id)


def open_page(database: Database) -> tuple[str, str]:
    """The path of an open page of support for the unit desk, and a sender's key."""
    with database.writing() as session:
        make_organisation(session)
        make_unit(session, 1, "desk")
        make_touchpoint(session, 1, "support", name="Customer <support>")
        make_survey(session, 1, questions=library.template("nps-touchpoint").questions + FURTHER)
        page = open_pages.make(session, 1, "support", survey="nps", unit="desk", now=clock.now())
        return f"/q/{links.sign(SECRET.encode(), 'open', 1, page.id)}", make_key(session, 1, "sender")


def poll(database: Database, people: int = 12, now: datetime | None = None, **facts: Any) -> list[Issued]:
    """The invitations of an anonymous wave that is open since `now`, to so many people of one team."""
    given = {"questions": library.template("enps").questions} | facts
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"crew": None})
        survey = make_enps(session, organisation.id, **given)
        staff = team("crew", people)
        hire(session, organisation.id, staff)
        opened = open_wave(session, survey, "w1", staff, now or clock.now())
    return [_issued(opened[one.ref]) for one in staff]


def _issued(invitation: Any) -> Issued:
    page, unsubscribe = f"/s/{token('answer', invitation)}", f"/u/{token('unsubscribe', invitation)}"
    return Issued(invitation.organisation_id, invitation.contact_id, invitation, page, unsubscribe)


def over(database: Database, case: str) -> Issued:
    """A link that is over, in one of the ways a link can be."""
    now = clock.now()
    if case == "expired":
        return issue(database, locale="fi", expires_at=now - timedelta(minutes=1))
    if case == "withdrawn":
        return issue(database, locale="fi", withdrawn_at=now)
    issued = issue(database, locale="fi", answered_at=now - timedelta(days=9) if case == "answered" else None)
    if case == "closed":
        with database.writing() as session:
            session.add(
                Wave(
                    organisation_id=1, key="spring", survey_key="nps", opens_at=now - timedelta(days=2),
                    closes_at=now - timedelta(days=1), contacts={}, reminders_after_days=[],
                )
            )  # fmt: skip
            session.flush()
            session.execute(sa.update(Invitation).values(wave_key="spring"))
    return issued
