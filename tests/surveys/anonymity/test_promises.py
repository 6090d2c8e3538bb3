"""What an anonymous survey has promised holds whatever is done to surveys, floors and mail meanwhile."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.storage.database import Database
from surveys.contacts import subject_access
from surveys.facts import Refused
from surveys.fieldwork import dispositions, outbox, waves
from surveys.questionnaire import definitions
from surveys.tables import Cell, Contact, Invitation, Survey, Tally
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, cast, hire, hold_wave, make_enps, make_units, open_wave, team

TOMORROW = NOW.date() + timedelta(days=1)
QUESTIONS = [{"key": "score", "kind": "score", "required": True, "texts": {"en": {"question": "?"}}}]


def facts(survey: Survey, **changed: object) -> dict[str, object]:
    """The survey's columns as they are put again, some of them changed."""
    return survey.model_dump(exclude={"organisation_id", "key", "created_at"}) | changed


def put(session: Session, survey: Survey, **changed: object) -> None:
    definitions.put(
        session, survey.organisation_id, survey.key, columns=facts(survey, **changed), questions=QUESTIONS, now=NOW
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
        waves.close(session, organisation.id, "w1", NOW + LASTS, SECRETS)
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
        waves.open_now(session, organisation.id, "w1", NOW, SECRETS)
        outbox.record_sent(session, [(mail, NOW) for mail in outbox.claim(session, NOW, SECRETS) or []])
        invitations = list(session.exec(select(Invitation).order_by(col(Invitation.id))))
        cast(session, invitations[0], 9)
    later = NOW + timedelta(days=1)
    with database.writing() as session:
        reminders = outbox.claim(session, later, SECRETS) or []
        assert len(reminders) == 11
        if permanent is None:
            outbox.hand_back(session, reminders, later + timedelta(hours=1), "connection refused")
        for mail in reminders if permanent is not None else []:
            outbox.record_refused(session, mail, "452 mailbox full", later, permanent=bool(permanent))
            outbox.record_dead_address(session, mail, later)
    with database.reading() as session:
        listed = dispositions.listed(session, organisation.id, now=later, limit=99)
        held = [subject_access.held(session, organisation.id, one.ref)["invitations"][0] for one in staff]
        dead = session.exec(select(col(Contact.ref)).where(col(Contact.bounced_at).is_not(None))).all()
    assert {(one["state"], one["reason"]) for one in listed} == {("sent", None)}
    assert len({str(one | {"id": None}) for one in held}) == 1
    assert dead == []


def test_a_lower_floor_later_does_not_lower_that_of_an_earlier_wave(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"a": None, "b": None})
        survey = make_enps(session, organisation.id, floor=10, always_release_total=True)
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
            survey = make_enps(session, organisation.id, key=key, always_release_total=True)
            invitations = open_wave(session, survey, key, asked)
            for one in asked:
                cast(session, invitations[one.ref], 9)
        organisation_id = organisation.id
    together = Barrier(2)

    def close(key: str) -> None:
        with database.writing() as session:
            together.wait(10) if database.dialect == "postgresql" else None
            waves.close(session, organisation_id, key, NOW + LASTS, SECRETS)

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
