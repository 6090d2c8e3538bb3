"""Many invitations to answer, and whether every answer that was acknowledged is stored and counted."""

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import select

from app import clock
from app.storage.database import Database
from surveys.responses import cells, tallies
from surveys.responses.cells import Slice
from surveys.responses.responses import response_id
from surveys.tables import Invitation, Response, Turnout
from tests.factories import make_contact, make_organisation, make_survey


def issue(database: Database, count: int) -> list[UUID]:
    """So many invitations to a survey of a new organisation, in five languages; their ids."""
    now = clock.now()
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_survey(session, organisation.id)
        contact = make_contact(session, organisation.id)
        slices = [Slice(survey.key, channel="email", locale=locale) for locale in ("da", "de", "en", "fi", "nl")]
        cells.ensure(session, organisation.id, slices)
        ids = [uuid4() for _ in range(count)]
        rows = [
            {
                "organisation_id": 1, "id": id_, "survey_key": survey.key, "contact_id": contact.id,
                "cell_id": slices[n % 5].id, "deliver": "email", "created_at": now, "invited_on": now.date(),
                "expires_at": now + timedelta(days=30),
            }
            for n, id_ in enumerate(ids)
        ]  # fmt: skip
        session.execute(sa.insert(Invitation), rows)
    return ids


def check(database: Database, acknowledged: dict[UUID, int]) -> None:
    """Every answer that was acknowledged is there, once, and all counts agree with what is stored."""
    expected = {response_id("nps", "invitation", id_.hex): score for id_, score in acknowledged.items()}
    with database.reading() as session:
        stored = {r.id: r.score for r in session.exec(select(Response))}
        answered = session.execute(
            sa.select(sa.func.count()).select_from(Invitation).where(Invitation.answered_at.is_not(None))  # type: ignore[union-attr]
        ).scalar_one()
        turnout = session.execute(sa.select(sa.func.coalesce(sa.func.sum(Turnout.answered), 0))).scalar_one()
        assert {id_: stored.get(id_) for id_ in expected} == expected
        assert answered == len(stored) == turnout
        assert tallies.check(session, 1) == []
