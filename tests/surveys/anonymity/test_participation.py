"""How many have answered an anonymous wave is told so that no sum or difference of it tells of a single person."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from app.storage.database import Database
from surveys.anonymity import participation
from surveys.fieldwork import dispositions, waves
from surveys.tables import Cell, Turnout
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, cast, hire, make_enps, make_units, open_wave, team

TOMORROW = NOW + timedelta(days=1)


def told(session: Session, at: datetime) -> dict[str | None, tuple[int, int]]:
    """What is shown at that time, where a worker runs."""
    participation.count_due(session, at)
    wave = waves.get(session, 1, "w1")
    return {group.unit: (group.invited, group.answered) for group in participation.participation(session, wave)}


def test_units_that_move_while_a_wave_is_open_do_not_tell_one_from_another(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"x": None, "y": None, "a": "x", "b": "x", "c": "y"})
        survey = make_enps(session, organisation.id)
        staff = [*team("a", 1), *team("b", 12), *team("c", 11)]
        hire(session, organisation.id, staff)
        invitations = open_wave(session, survey, "w1", staff)
        for one in ["a-0", *(f"b-{n}" for n in range(6)), *(f"c-{n}" for n in range(7))]:
            cast(session, invitations[one], 9)
        before = told(session, TOMORROW)
        make_units(session, organisation.id, {"a": "y"})
        assert told(session, TOMORROW) == before == {"c": (11, 7), "x": (13, 7)}
        waves.close(session, organisation.id, "w1", NOW + LASTS, SECRETS)
        make_units(session, organisation.id, {"a": "x"})
        assert told(session, TOMORROW) == before


def test_no_number_moves_within_a_day(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        cast(session, invitations["nobody-0"], 9)
        almost = TOMORROW - timedelta(seconds=1)
        assert [told(session, at) for at in (NOW, almost, TOMORROW)] == [{None: (12, n)} for n in (0, 0, 1)]
        cast(session, invitations["nobody-1"], 9)
        assert told(session, almost + timedelta(days=1)) == {None: (12, 1)}
        assert told(session, TOMORROW + timedelta(days=1)) == {None: (12, 2)}


def test_withdrawing_links_leaves_no_single_one_to_be_told(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        for ref in [one.ref for one in staff][:2]:
            dispositions.withdraw(session, organisation.id, invitations[ref].id, NOW)
        assert told(session, TOMORROW) == {None: (12, 0)}
        dispositions.withdraw(session, organisation.id, invitations["nobody-2"].id, NOW)
        assert told(session, TOMORROW) == {}


def test_participation_less_what_is_released_tells_of_nobody(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"dept": None, "a": "dept", "b": "dept", "c": "dept"})
        survey = make_enps(session, organisation.id)
        staff = [*team("a", 1), *team("b", 12), *team("c", 11)]
        hire(session, organisation.id, staff)
        invitations = open_wave(session, survey, "w1", staff)
        for one in ["a-0", *(f"b-{n}" for n in range(6)), *(f"c-{n}" for n in range(11))]:
            cast(session, invitations[one], 9)
        shown = told(session, NOW + LASTS)
        waves.close(session, organisation.id, "w1", NOW + LASTS, SECRETS)
        rows = session.execute(
            sa.select(col(Cell.unit_key), col(Turnout.invited), col(Turnout.answered)).join(
                Turnout, col(Turnout.cell_id) == col(Cell.id)
            )
        )
        released = {unit: (invited, answered) for unit, invited, answered in rows}
    assert shown == {"b": (12, 6), "dept": (12, 12)}
    assert released == {"dept": (24, 18)}  # c alone, less the twelve shown before, would be the one of a
