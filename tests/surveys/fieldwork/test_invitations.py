"""Each chosen contact gets one invitation: sent, or withheld for the first reason that holds."""

import random
import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.storage.database import Database
from surveys.contacts import contacts
from surveys.facts import Malformed, Unknown
from surveys.fieldwork import invitations, selection
from surveys.fieldwork.invitations import Issued
from surveys.organisation.organisations import end_of_day
from surveys.tables import Cell, Contact, Invitation, Survey, Turnout
from tests.factories import (
    NOW,
    make_contact,
    make_invitation,
    make_organisation,
    make_survey,
    make_touchpoint,
    make_unit,
)

DAY = timedelta(days=1)


@pytest.fixture
def survey(database: Database) -> Survey:
    with database.writing() as session:
        make_organisation(session)
        for key in ("support", "invoice"):
            make_touchpoint(session, 1, key)
        return make_survey(session, 1)


def rows(session: Session) -> list[Invitation]:
    return list(session.exec(select(Invitation)).all())


def withheld(issued: Issued) -> dict[str, int]:
    return {reason: n for reason, n in issued.withheld.items() if n}


def test_mail_is_due_at_once_and_the_link_works_as_long_as_the_survey_says(
    database: Database, survey: Survey, now: datetime
) -> None:
    with database.writing() as session:
        make_contact(session, 1, "ada", locale=None)
        issued = invitations.invite(session, 1, "nps", contacts="all", touchpoint="support", now=now)
    with database.reading() as session:
        (invitation,) = rows(session)
        cell = session.get_one(Cell, (1, invitation.cell_id))
        assert session.exec(select(Turnout)).all() == []  # counted once the mail was handed over
    assert (issued.invited, withheld(issued)) == (1, {})
    assert (invitation.send_at, invitation.expires_at) == (now, end_of_day(now + 30 * DAY, "Europe/Copenhagen"))
    assert (invitation.attempts, invitation.reminders_sent, invitation.sent_at) == (0, 0, None)
    assert (cell.touchpoint_key, cell.channel, cell.locale) == ("support", "email", "en")


def test_mail_planned_for_later_waits_and_its_link_lasts_from_then(
    database: Database, survey: Survey, now: datetime
) -> None:
    with database.writing() as session:
        make_contact(session, 1, "ada")
        invitations.invite(session, 1, "nps", contacts=["ada"], send_at=now + 3 * DAY, now=now)
        (invitation,) = rows(session)
    ends = end_of_day(now + 33 * DAY, "Europe/Copenhagen")
    assert (invitation.send_at, invitation.expires_at) == (now + 3 * DAY, ends)


def test_links_are_handed_out_by_ref_and_never_mailed(database: Database, survey: Survey, now: datetime) -> None:
    with database.writing() as session:
        make_contact(session, 1, "ada", email=None)
        issued = invitations.invite(session, 1, "nps", contacts=["ada"], deliver="link", now=now)
        (invitation,) = rows(session)
    assert issued.ids == {"ada": invitation.id}
    assert (invitation.send_at, invitation.deliver) == (None, "link")


REASONS: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("unsubscribed", {"unsubscribed_at": "now", "bounced_at": "now"}, None),
    ("bounced", {"bounced_at": "now"}, {}),
    ("no_address", {"email": None}, {}),
    ("already_invited", {}, {}),
    ("resting", {}, {"touchpoint": "invoice"}),
    ("resting", {}, {"answered_at": "now"}),
]


@pytest.mark.parametrize(("reason", "contact", "earlier"), REASONS)
def test_the_first_reason_that_holds_is_recorded(
    database: Database, survey: Survey, now: datetime, reason: str, *, contact: dict[str, Any], earlier: Any
) -> None:
    with database.writing() as session:
        facts = {name: now if value == "now" else value for name, value in contact.items()}
        ada = make_contact(session, 1, "ada", **facts)
        if earlier is not None:
            given = {name: now if value == "now" else value for name, value in earlier.items()}
            make_invitation(session, survey, ada, created_at=now - DAY, **given)
        issued = invitations.invite(session, 1, "nps", contacts="all", now=now)
        new = [i for i in rows(session) if i.created_at == now]
    assert (issued.invited, withheld(issued)) == (0, {reason: 1})
    assert [(i.withheld_reason, i.send_at) for i in new] == [(reason, None)]


@pytest.mark.parametrize(
    "earlier",
    [
        {"withheld_reason": "no_address"},
        {"failed_at": "now"},
        {"withdrawn_at": "now"},
        {"created_at": "long ago"},
    ],
)
def test_what_never_reached_the_person_or_is_long_ago_is_no_reason(
    database: Database, survey: Survey, now: datetime, earlier: dict[str, Any]
) -> None:
    known = {"now": now - DAY, "long ago": now - 31 * DAY}
    with database.writing() as session:
        given = {"created_at": now - DAY} | {name: known.get(value, value) for name, value in earlier.items()}
        make_invitation(session, survey, make_contact(session, 1, "ada"), **given)
        issued = invitations.invite(session, 1, "nps", contacts=["ada"], now=now)
    assert issued.invited == 1


def test_a_dead_address_does_not_keep_a_link_from_being_handed_over(
    database: Database, survey: Survey, now: datetime
) -> None:
    with database.writing() as session:
        make_contact(session, 1, "ada", bounced_at=now)
        assert invitations.invite(session, 1, "nps", contacts=["ada"], deliver="link", now=now).invited == 1


def test_every_chosen_contact_has_one_row_and_the_reasons_add_up(
    database: Database, survey: Survey, now: datetime
) -> None:
    chance = random.Random(20261121)
    with database.writing() as session:
        chosen = []
        for n in range(60):
            contact = make_contact(
                session, 1, f"c{n}",
                email=chance.choice([None, f"c{n}@example.org"]),
                unsubscribed_at=chance.choice([None, None, now]),
                bounced_at=chance.choice([None, None, now]),
                audience=chance.choice(["customers", "customers", "staff"]),
            )  # fmt: skip
            if chance.random() < 0.5:
                at = now - chance.randrange(1, 60) * DAY
                make_invitation(session, survey, contact, created_at=at, answered_at=chance.choice([None, at]))
            if contact.audience == "customers":
                chosen.append(contact.id)
        before = {i.id for i in rows(session)}
        turnout = -sum(session.exec(select(Turnout.invited)).all())
        issued = invitations.invite(session, 1, "nps", contacts="all", deliver="link", sample=0.5, now=now)
        new = [i for i in rows(session) if i.id not in before]
        turnout += sum(session.exec(select(Turnout.invited)).all())
    assert sorted(i.contact_id for i in new if i.contact_id) == sorted(chosen)
    reasons = Counter(i.withheld_reason for i in new)
    assert issued.invited == reasons.pop(None) == turnout
    assert withheld(issued) == reasons
    assert issued.invited + sum(issued.withheld.values()) == len(chosen)
    assert abs(issued.invited - issued.withheld["sampled_out"]) <= 1


def test_a_sample_asks_its_share_over_several_pages(database: Database, survey: Survey, now: datetime) -> None:
    count = selection.PAGE + 2_000
    with database.writing() as session:
        contacts.import_contacts(session, 1, ({"email": f"c{n}@example.org"} for n in range(count)), now)
        issued = invitations.invite(session, 1, "nps", contacts="all", sample=0.25, now=now)
        assert len({i.contact_id for i in rows(session)}) == count
    assert (issued.invited, withheld(issued)) == (count // 4, {"sampled_out": count * 3 // 4})


def test_a_filter_takes_the_unit_with_what_is_below_it(database: Database, survey: Survey, now: datetime) -> None:
    with database.writing() as session:
        make_unit(session, 1, "nord")
        make_unit(session, 1, "team", parent="nord")
        make_contact(session, 1, "a", unit_key="team", attributes={"plan": "gold", "seats": 7})
        make_contact(session, 1, "b", unit_key="nord", attributes={"plan": "gold", "seats": "7"})
        make_contact(session, 1, "c", unit_key="nord", attributes={"plan": "free"})
        make_contact(session, 1, "d", attributes={"plan": "gold"})
        chosen = {"unit": "nord", "attributes": {"plan": "gold", "seats": 7}}
        issued = invitations.invite(session, 1, "nps", contacts=chosen, deliver="link", now=now)
    assert set(issued.ids) == {"a", "b"}


def test_a_ref_named_twice_is_asked_once_and_an_address_is_found_in_any_case(
    database: Database, survey: Survey, now: datetime
) -> None:
    with database.writing() as session:
        make_contact(session, 1, "ada@example.org")
        given = ["Ada@Example.org", "ada@example.org", "ADA@EXAMPLE.ORG"]
        assert invitations.invite(session, 1, "nps", contacts=given, now=now).invited == 1
        assert len(rows(session)) == 1


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("contacts.2", {"contacts": ["ada", "ada", "bo"]}),
        ("contacts.1", {"contacts": ["ada", 7]}),
        ("contacts", {"contacts": "everybody"}),
        ("contacts.unit", {"contacts": {"unit": "nowhere"}}),
        ("contacts.age", {"contacts": {"age": 7}}),
        ("contacts.attributes.a", {"contacts": {"attributes": {"a": []}}}),
        ("touchpoint", {"touchpoint": "nowhere"}),
        ("deliver", {"deliver": "pigeon"}),
        ("sample", {"sample": 0}),
        ("send_at", {"deliver": "link", "send_at": NOW}),
        ("send_at", {"send_at": NOW + 7000 * 365 * DAY}),
    ],
)
def test_what_is_not_there_is_refused_by_name_and_nothing_is_issued(
    database: Database, survey: Survey, now: datetime, field: str, given: dict[str, Any]
) -> None:
    with database.writing() as session:
        make_contact(session, 1, "ada")
    with pytest.raises(Malformed) as wrong, database.writing() as session:
        invitations.invite(session, 1, "nps", **{"contacts": "all", "now": now, **given})
    assert wrong.value.field == field
    with database.reading() as session:
        assert rows(session) == []


def test_another_tenant_s_survey_and_contacts_are_unknown(database: Database, survey: Survey, now: datetime) -> None:
    with database.writing() as session:
        make_organisation(session, "other")
        make_contact(session, 1, "ada")
        with pytest.raises(Unknown):
            invitations.invite(session, 2, "nps", contacts="all", now=now)
        make_survey(session, 2)
        assert invitations.invite(session, 2, "nps", contacts="all", now=now).invited == 0


def test_issuing_twice_at_the_same_time_asks_nobody_twice(database: Database, survey: Survey, now: datetime) -> None:
    with database.writing() as session:
        for n in range(30):
            make_contact(session, 1, f"c{n}")
        make_survey(session, 1, "other")
    start = threading.Barrier(4)
    invited = []

    def issue(key: str) -> None:
        start.wait()
        with database.writing() as session:
            invited.append(invitations.invite(session, 1, key, contacts="all", now=now).invited)

    threads = [threading.Thread(target=issue, args=(key,)) for key in ("nps", "other", "nps", "other")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(invited) == [0, 0, 0, 30]
    with database.reading() as session:
        asked = [i.contact_id for i in rows(session) if i.withheld_reason is None]
        assert len(asked) == len(set(asked)) == len(session.exec(select(Contact)).all())
