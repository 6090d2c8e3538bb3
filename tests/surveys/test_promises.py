"""What an anonymous survey has promised holds whatever is done to surveys, floors and mail meanwhile."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.database import Database
from surveys import holdings, invitation_states, outbox, participation, questionnaires, waves
from surveys.facts import Refused
from surveys.tables import Cell, Contact, Invitation, Survey, Tally, Turnout
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, cast, hire, hold_wave, make_enps, make_units, open_wave, team

TOMORROW = NOW.date() + timedelta(days=1)
QUESTIONS = [{"key": "score", "kind": "score", "required": True, "texts": {"en": {"question": "?"}}}]


def facts(survey: Survey, **changed: object) -> dict[str, object]:
    """The survey's columns as they are put again, some of them changed."""
    return survey.model_dump(exclude={"organisation_id", "key", "created_at"}) | changed


def put(session: Session, survey: Survey, **changed: object) -> None:
    questionnaires.put(
        session, survey.organisation_id, survey.key, facts=facts(survey, **changed), questions=QUESTIONS, now=NOW
    )


def test_who_was_asked_confidentially_is_not_moved_to_an_urn_that_nobody_counts(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_enps(session, organisation.id, mode="confidential")
        staff = team(None, 6)
        hire(session, organisation.id, staff)
        open_wave(session, survey, "w1", staff)
        with pytest.raises(Refused):
            put(session, survey, mode="anonymous")


def test_segments_stay_while_people_are_asked(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_enps(session, organisation.id, segments=["contract"])
        staff = team(None, 6, contract="hourly")
        hire(session, organisation.id, staff)
        open_wave(session, survey, "w1", staff)
        with pytest.raises(Refused):
            put(session, survey, segments=[])
        waves.close(session, organisation.id, "w1", NOW + LASTS)
        put(session, survey, segments=[])


@pytest.mark.parametrize("permanent", [True, False, None])
def test_a_reminder_that_fails_does_not_tell_who_has_not_answered(database: Database, permanent: bool | None) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_enps(session, organisation.id)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        waves.create(
            session, organisation.id, "enps", "w1", opens_at=NOW, closes_at=NOW + LASTS, now=NOW,
            reminders_after_days=[1],
        )  # fmt: skip
        waves.open_now(session, organisation.id, "w1", NOW)
        outbox.record_sent(session, [(mail, NOW) for mail in outbox.claim(session, NOW) or []])
        invitations = list(session.exec(select(Invitation).order_by(col(Invitation.id))))
        cast(session, invitations[0], 9)
    later = NOW + timedelta(days=1)
    with database.writing() as session:
        reminders = outbox.claim(session, later) or []
        assert len(reminders) == 11
        if permanent is None:
            outbox.hand_back(session, reminders, later + timedelta(hours=1), "connection refused")
        for mail in reminders if permanent is not None else []:
            outbox.record_refused(session, mail, "452 mailbox full", later, permanent=bool(permanent))
            outbox.record_dead_address(session, mail, later)
    with database.reading() as session:
        listed = invitation_states.listed(session, organisation.id, now=later, limit=99)
        held = [holdings.held(session, organisation.id, one.ref)["invitations"][0] for one in staff]
        dead = session.exec(select(col(Contact.ref)).where(col(Contact.bounced_at).is_not(None))).all()
    assert {(one["state"], one["reason"]) for one in listed} == {("sent", None)}
    assert len({str(one | {"id": None}) for one in held}) == 1
    assert dead == []


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
        wave = waves.get(session, organisation.id, "w1")
        shown = {
            g.unit: (g.invited, g.answered) for g in participation.participation(session, wave, NOW.date() + LASTS)
        }
        waves.close(session, organisation.id, "w1", NOW + LASTS)
        rows = session.execute(
            sa.select(col(Cell.unit_key), col(Turnout.invited), col(Turnout.answered)).join(
                Turnout, col(Turnout.cell_id) == col(Cell.id)
            )
        )
        released = {unit: (invited, answered) for unit, invited, answered in rows}
    assert shown == {"b": (12, 6), "dept": (12, 12)}
    assert released == {"dept": (24, 18)}  # c alone, less the twelve shown before, would be the one of a


def test_a_lower_floor_later_does_not_lower_that_of_an_earlier_wave(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"a": None, "b": None})
        survey = make_enps(session, organisation.id, floor=10, total_always=True)
        staff = [*team("a", 20), *team("b", 30)]
        hire(session, organisation.id, staff)
        hold_wave(session, survey, "w1", staff, {one.ref: 9 for one in staff})
        survey.floor = 3
        session.flush()
        stayed = [one for one in staff if one.ref not in ("a-0", "a-1", "a-2")]
        hold_wave(session, survey, "w2", stayed, {one.ref: 9 for one in stayed}, now=NOW + 2 * LASTS)
        units = session.execute(
            sa.select(col(Cell.unit_key))
            .join(Tally, col(Tally.cell_id) == col(Cell.id))
            .where(col(Cell.wave_key) == "w2")
        ).scalars()
        assert list(units) == [None]


def test_a_higher_floor_of_others_does_not_hold_for_people_who_were_not_asked_then(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"a": None, "b": None})
        staff = {unit: team(unit, count) for unit, count in (("a", 40), ("b", 12))}
        hire(session, organisation.id, [*staff["a"], *staff["b"]])
        counted = []
        for n, (unit, floor) in enumerate((("a", 20), ("b", 5))):
            survey = make_enps(session, organisation.id, key=unit, floor=floor)
            scores = {one.ref: 9 for one in staff[unit]}
            wave = hold_wave(session, survey, f"w{n}", staff[unit], scores, now=NOW + 2 * n * LASTS)
            counted.append(wave.counted_on is not None)
    assert counted == [True, True]


def test_two_waves_closed_at_the_same_instant_are_compared_with_each_other(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"a": None, "b": None})
        staff = [*team("a", 12), *team("b", 12)]
        hire(session, organisation.id, staff)
        for key, asked in (("one", staff), ("two", staff[1:])):
            survey = make_enps(session, organisation.id, key=key, total_always=True)
            invitations = open_wave(session, survey, key, asked)
            for one in asked:
                cast(session, invitations[one.ref], 9)
        organisation_id = organisation.id
    together = Barrier(2)

    def close(key: str) -> None:
        with database.writing() as session:
            together.wait(10) if database.dialect == "postgresql" else None
            waves.close(session, organisation_id, key, NOW + LASTS)

    threads = [Thread(target=close, args=(key,)) for key in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        rows = session.execute(
            sa.select(col(Cell.wave_key), sa.func.count(sa.distinct(col(Cell.id))))
            .join(Tally, col(Tally.cell_id) == col(Cell.id))
            .group_by(col(Cell.wave_key))
        )
        assert sorted(count for _, count in rows) == [1, 2]


def told(session: Session, day: date) -> dict[str | None, tuple[int, int]]:
    wave = waves.get(session, 1, "w1")
    return {group.unit: (group.invited, group.answered) for group in participation.participation(session, wave, day)}


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
        waves.close(session, organisation.id, "w1", NOW + LASTS)
        make_units(session, organisation.id, {"a": "x"})
        assert told(session, TOMORROW) == before


def test_answers_of_today_are_told_tomorrow(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        cast(session, invitations["nobody-0"], 9)
        assert (told(session, NOW.date()), told(session, TOMORROW)) == ({None: (12, 0)}, {None: (12, 1)})


def test_withdrawing_links_leaves_no_single_one_to_be_told(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        for ref in [one.ref for one in staff][:2]:
            invitation_states.withdraw(session, organisation.id, invitations[ref].id, NOW)
        assert told(session, TOMORROW) == {None: (12, 0)}
        invitation_states.withdraw(session, organisation.id, invitations["nobody-2"].id, NOW)
        assert told(session, TOMORROW) == {}
