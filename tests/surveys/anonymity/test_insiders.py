"""What people with keys do while an anonymous wave is open tells them of nobody whether they have answered."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.mail.bounces import take_back
from app.storage.database import Database
from surveys.anonymity import participation
from surveys.contacts import contacts, erasure
from surveys.facts import Refused
from surveys.fieldwork import dispositions, outbox, waves
from surveys.fieldwork.mails import message_id
from surveys.organisation import organisations
from surveys.tables import Contact, Invitation, WaveParticipant
from tests.app.mail.returned import failed, report
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, cast, hire, hold_wave, make_enps, open_wave, team

TOMORROW = NOW + timedelta(days=1)
Told = list[tuple[int, int]]


def told(session: Session, at: datetime) -> Told:
    """The invited and the answered of each group of the one wave, where a worker runs."""
    participation.count_due(session, at)
    wave = waves.get(session, 1, "w1")
    return [(group.invited, group.answered) for group in participation.participation(session, wave)]


def withdrawn(database: Database, answering: str, number: int, *, at: datetime, erase: bool = False) -> list[Told]:
    """What is told after each of the links of 0, 1, ... of a team of twelve is gone; 2 to 6 answered, and one more."""
    seen = []
    with database.writing() as session:
        organisation = make_organisation(session)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        for ref in [answering, *(f"nobody-{n}" for n in range(2, 7))]:
            cast(session, invitations[ref], 9)
        if at > NOW + LASTS:
            waves.close(session, organisation.id, "w1", NOW + LASTS, SECRETS)
        for n in range(number):
            if erase:
                erasure.erase(session, organisation.id, f"nobody-{n}", at, SECRETS)
            else:
                dispositions.withdraw(session, organisation.id, invitations[f"nobody-{n}"].id, at)
            seen.append(told(session, TOMORROW))
        session.rollback()
    return seen


def test_withdrawing_the_link_of_one_does_not_tell_whether_they_had_answered(database: Database) -> None:
    for erase in (False, True):
        ours = withdrawn(database, "nobody-0", 3, at=TOMORROW, erase=erase)
        assert ours == [[(12, 6)], [(12, 6)], []]
        assert withdrawn(database, "nobody-11", 3, at=TOMORROW, erase=erase) == ours


def test_what_is_withdrawn_after_closing_takes_nothing_from_participation(database: Database) -> None:
    seen = withdrawn(database, "nobody-0", 8, at=NOW + 2 * LASTS, erase=True)
    assert seen == [[(12, 6)]] * 8


def test_no_other_time_zone_makes_answers_of_today_those_of_yesterday(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session, time_zone="Etc/GMT+12")  # 22 o'clock of the day before
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        cast(session, invitations["nobody-0"], 9)
        with pytest.raises(Refused):
            organisations.change(session, organisation.id, time_zone="Etc/GMT-12", name="Nordlys")
        assert told(session, NOW) == [(12, 0)]
        organisations.change(session, organisation.id, time_zone="Etc/GMT+12", name="Nordlys")
        waves.close(session, organisation.id, "w1", NOW + LASTS, SECRETS)
        assert organisations.change(session, organisation.id, time_zone="Etc/GMT-12").name == "Nordlys"


def test_a_reminder_that_comes_back_does_not_tell_who_has_not_answered(database: Database) -> None:
    """Nor does one that comes back before it is noted that it went out; first mails are marked, however late."""
    with database.writing() as session:
        organisation = make_organisation(session)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        for number, noted, ref in ((1, 0, "nobody-0"), (1, 1, "nobody-1"), (0, 0, "nobody-2"), (0, 1, "nobody-3")):
            one = invitations[ref]
            one.sent_at, one.reminders_sent = NOW, noted
            session.flush()
            identity = message_id(organisation.id, one.id, number, "fjord.example")
            header = f"Message-ID: {identity}\r\nTo: {ref}@example.org\r\n\r\nHi"
            assert take_back(session, report(header, failed("5.1.1", address=f"{ref}@example.org")), TOMORROW)
        marked = session.exec(select(col(Contact.ref)).where(col(Contact.bounced_at).is_not(None))).all()
    assert sorted(marked) == ["nobody-2", "nobody-3"]


@pytest.mark.parametrize("erased", [[], ["nobody-0", "nobody-1"]])
def test_who_is_erased_having_answered_twice_does_not_hide_a_newcomer(database: Database, erased: list[str]) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_enps(session, organisation.id)
        staff = team(None, 31)
        hire(session, organisation.id, staff)
        hold_wave(session, survey, "w1", staff[:30], {one.ref: 9 for one in staff[:30]})
        later = NOW + 2 * LASTS
        invitations = open_wave(session, survey, "w2", staff, later)
        for one in staff:
            cast(session, invitations[one.ref], 9, now=later)
        for ref in erased:
            erasure.erase(session, organisation.id, ref, later, SECRETS)
        assert waves.close(session, organisation.id, "w2", later + LASTS, SECRETS).counted_on is None


def test_what_stands_for_who_was_erased_is_the_same_in_every_anonymous_wave_and_nowhere_else(
    database: Database,
) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        staff = team(None, 12)
        hire(session, organisation.id, staff)
        survey = make_enps(session, organisation.id)
        hold_wave(session, survey, "w1", staff, {one.ref: 9 for one in staff})
        open_wave(session, make_enps(session, organisation.id, key="linked", mode="confidential"), "w2", staff)
        open_wave(session, make_enps(session, organisation.id, key="w3"), "w3", staff)
        for ref in ("nobody-0", "nobody-1"):
            erasure.erase(session, organisation.id, ref, NOW, SECRETS)
        waves.close(session, organisation.id, "w3", NOW + LASTS, SECRETS)
        formers = session.execute(
            sa.select(col(Invitation.former_id), col(Invitation.wave_key)).where(col(Invitation.former_id).is_not(None))
        ).all()
        persons = set(session.execute(sa.select(col(WaveParticipant.person))).scalars())
    assert sorted(row.wave_key for row in formers) == ["w1", "w1", "w3", "w3"]
    assert len({row.former_id for row in formers}) == 2
    assert len(persons) == 12
    assert persons.isdisjoint(row.former_id for row in formers)


def test_a_reminder_does_not_go_where_an_address_was_led_meanwhile(database: Database) -> None:
    """Only those get one who have not answered: it would tell whoever may change addresses."""
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_enps(session, organisation.id)
        asked = [{"ref": f"p{n}", "email": f"p{n}@example.org", "audience": "staff"} for n in range(12)]
        contacts.import_contacts(session, organisation.id, asked, NOW - LASTS)
        moved = [one | {"email": f"new{n}@example.org"} for n, one in enumerate(asked)]
        contacts.import_contacts(session, organisation.id, moved[:2], NOW - timedelta(days=1))
        waves.create(
            session, organisation.id, survey.key, "w1", opens_at=NOW, closes_at=NOW + LASTS, now=NOW,
            reminders_after_days=[1, 2],
        )  # fmt: skip
        waves.open_now(session, organisation.id, "w1", NOW, SECRETS)
        first = outbox.claim(session, NOW, SECRETS) or []
        outbox.record_sent(session, [(mail, NOW) for mail in first])
        contacts.import_contacts(
            session, organisation.id, [*asked[1:4], moved[4], {"ref": "p5", "name": "Ada"}], TOMORROW
        )
        reminded = outbox.claim(session, TOMORROW, SECRETS) or []
        outbox.record_sent(session, [(mail, TOMORROW) for mail in reminded])
        contacts.import_contacts(session, organisation.id, [asked[4]], TOMORROW)
        again = outbox.claim(session, TOMORROW + timedelta(days=1), SECRETS) or []
        states = {row["state"] for row in dispositions.listed(session, organisation.id, now=TOMORROW, limit=99)}
    stayed = {"new0@example.org", *(f"p{n}@example.org" for n in (2, 3, *range(5, 12)))}
    assert {mail.email for mail in first} == stayed | {"new1@example.org", "p4@example.org"}
    assert ({mail.email for mail in reminded}, {mail.email for mail in again}) == (stayed, stayed)
    assert states == {"sent"}
