"""A name is one line: what would break a mail's headers does not get into the database."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session

from app.storage.database import Database
from culture import initiatives
from surveys.answering.imports.touchpoints import Touchpoints
from surveys.contacts import contacts
from surveys.facts import Malformed
from surveys.organisation import organisations, touchpoints, units
from tests.factories import NOW, make_organisation, make_survey

UNSAFE = ["Fjord\nLine", "Fjord\r\nBcc: eve@example.org", "Fjord\u2028Line", "Fjord\0Line", " \t"]


def create_organisation(session: Session, name: str) -> None:
    organisations.create(session, "other", name=name, time_zone="UTC", locale="en", now=NOW)


def change_organisation(session: Session, name: str) -> None:
    organisations.change(session, 1, name=name)


def put_unit(session: Session, name: str) -> None:
    units.put(session, 1, "north", name=name, parent=None)


def put_touchpoint(session: Session, name: str) -> None:
    touchpoints.put(session, 1, "phone", name=name, audience="customers", promise="", unit_key=None)


def put_survey(session: Session, name: str) -> None:
    make_survey(session, 1, "spring", name=name)


def put_initiative(session: Session, name: str) -> None:
    day = date(2026, 1, 1)
    initiatives.put(
        session, 1, "call", name=name, kind="inform", scope={}, comparison=None, starts_on=day, ends_on=None
    )


PUTS = [create_organisation, change_organisation, put_unit, put_touchpoint, put_survey, put_initiative]


@pytest.mark.parametrize("put", PUTS)
def test_a_name_of_several_lines_is_refused_by_its_field(
    database: Database, put: Callable[[Session, str], None]
) -> None:
    with database.writing() as session:
        make_organisation(session)
        for name in UNSAFE:
            with pytest.raises(Malformed) as wrong:
                put(session, name)
            assert wrong.value.field == "name"
        put(session, "Fjord Line")


def test_a_contact_whose_name_has_several_lines_is_refused_alone(database: Database) -> None:
    with database.writing() as session:
        make_organisation(session)
        people = [{"ref": "a", "name": "Ada\nLovelace"}, {"ref": "b", "name": "Ben"}]
        done = contacts.import_contacts(session, 1, people, NOW)
    assert [(wrong.row, wrong.field) for wrong in done.refused] == [(1, "name")]
    assert done.created == 1


def test_a_touchpoint_that_an_import_makes_from_several_lines_has_one(database: Database) -> None:
    with database.writing() as session:
        survey = make_survey(session, make_organisation(session).id)
        imported = Touchpoints(session, survey)
        assert imported.key("Front\ndesk") == imported.key("front  DESK") == "front-desk"
        imported.save(session)
        assert touchpoints.get(session, 1, "front-desk").name == "Front desk"
        assert Touchpoints(session, survey).key("Front\ndesk") == "front-desk"
        with pytest.raises(Malformed):
            imported.key("Front\0desk")
