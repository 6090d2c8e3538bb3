"""Waves open once when they are due, remind within their time, and close for good."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.storage.database import Database
from surveys.answering import answers
from surveys.answering.answers import Submission
from surveys.contacts import erasure
from surveys.facts import Malformed, Refused, Unknown, WaveClosed
from surveys.fieldwork import waves
from surveys.tables import Invitation, Wave
from tests.conftest import SECRETS
from tests.factories import make_contact, make_organisation, make_survey, make_touchpoint

DAY = timedelta(days=1)


def planned(session: Session, now: datetime, **facts: Any) -> Wave:
    given = {"opens_at": now + DAY, "closes_at": now + 8 * DAY, "now": now} | facts
    return waves.create(session, 1, "nps", given.pop("key", "spring"), **given)


@pytest.fixture(autouse=True)
def contacts(database: Database) -> None:
    with database.writing() as session:
        make_organisation(session)
        make_survey(session, 1)
        make_touchpoint(session, 1)
        for n in range(10):
            make_contact(session, 1, f"c{n}")


def issued(session: Session) -> list[Invitation]:
    return list(session.exec(select(Invitation)).all())


def test_a_wave_opens_when_it_is_due_and_only_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        planned(session, now, touchpoint="support", reminders_after_days=[7, 3, 3])
        assert waves.open_due(session, now, SECRETS) is None
        opened = waves.open_due(session, now + DAY, SECRETS)
        assert opened is not None
        assert opened.issued.invited == 10
        assert opened.wave.reminders_after_days == [3, 7]
        assert waves.open_due(session, now + DAY, SECRETS) is None
    with database.reading() as session:
        rows = issued(session)
        assert {(i.wave_key, i.send_at, i.expires_at) for i in rows} == {("spring", now + DAY, now + 8 * DAY)}
        assert waves.get(session, 1, "spring").invited_at == now + DAY


def test_a_wave_asks_its_sample_of_those_its_filter_chooses(database: Database, now: datetime) -> None:
    with database.writing() as session:
        planned(session, now, contacts=[f"c{n}" for n in range(8)], sample=0.5)
        opened = waves.open_due(session, now + DAY, SECRETS)
    assert opened is not None
    assert (opened.issued.invited, opened.issued.withheld["sampled_out"]) == (4, 4)


def test_a_contact_erased_before_the_wave_opens_does_not_stop_it(database: Database, now: datetime) -> None:
    with database.writing() as session:
        planned(session, now, contacts=["c1", "c2"])
        erasure.erase(session, 1, "c1", now, SECRETS)
        opened = waves.open_due(session, now + DAY, SECRETS)
    assert opened is not None
    assert opened.issued.invited == 1


def test_a_wave_that_names_nobody_asks_nobody(database: Database, now: datetime) -> None:
    with database.writing() as session:
        planned(session, now, contacts=[])
        opened = waves.open_due(session, now + DAY, SECRETS)
    assert opened is not None
    assert opened.issued.invited == 0


def test_several_workers_open_a_wave_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        planned(session, now)
    start = threading.Barrier(4)
    opened = []

    def work() -> None:
        start.wait()
        with database.writing() as session:
            found = waves.open_due(session, now + DAY, SECRETS)
            opened.append(found.issued.invited if found else None)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert Counter(opened) == {None: 3, 10: 1}


@pytest.mark.parametrize("by", ["closure", "its end"])
def test_a_closed_wave_takes_no_answer_and_sends_no_mail(database: Database, now: datetime, by: str) -> None:
    with database.writing() as session:
        planned(session, now)
        waves.open_due(session, now + DAY, SECRETS)
        later = now + (2 * DAY if by == "closure" else 9 * DAY)
        if by == "closure":
            first = waves.close(session, 1, "spring", later, SECRETS).closed_at
            assert waves.close(session, 1, "spring", later + DAY, SECRETS).closed_at == first == later
        else:
            due = waves.close_due(session, later, SECRETS)
            assert due is not None
            assert due.key == "spring"
            assert waves.close_due(session, later, SECRETS) is None
        session.expire_all()
        rows = issued(session)
        assert {i.send_at for i in rows} == {None}
        outcomes = answers.answer(session, [Submission(1, rows[0].id, 9)], later, SECRETS)
        assert [type(o) for o in outcomes] == [WaveClosed]


def test_a_wave_closed_before_it_opened_never_opens(database: Database, now: datetime) -> None:
    with database.writing() as session:
        planned(session, now)
        waves.close(session, 1, "spring", now, SECRETS)
        assert waves.open_due(session, now + DAY, SECRETS) is None
        assert issued(session) == []


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("key", {"key": "No Key"}),
        ("closes_at", {"closes_at": timedelta(days=1)}),
        ("closes_at", {"opens_at": timedelta(days=-3), "closes_at": timedelta(days=-1)}),
        ("opens_at", {"opens_at": timedelta(days=-365 * 2000)}),
        ("closes_at", {"closes_at": timedelta(days=365 * 7000)}),
        ("sample", {"sample": 1.5}),
        ("touchpoint", {"touchpoint": "nowhere"}),
        ("contacts.unit", {"contacts": {"unit": "nowhere"}}),
        ("contacts.1", {"contacts": ["c1", "nobody"]}),
        ("reminders_after_days", {"reminders_after_days": [0]}),
        ("reminders_after_days", {"reminders_after_days": [1, 2, 3, 4, 5, 6]}),
    ],
)
def test_a_wave_that_cannot_be_is_refused_by_field(
    database: Database, now: datetime, field: str, facts: dict[str, Any]
) -> None:
    given = {name: now + value if isinstance(value, timedelta) else value for name, value in facts.items()}
    with database.writing() as session, pytest.raises(Malformed) as wrong:
        planned(session, now, **given)
    assert wrong.value.field == field


def test_a_key_is_used_once_and_an_unknown_wave_is_told(database: Database, now: datetime) -> None:
    with database.writing() as session:
        planned(session, now)
        with pytest.raises(Refused):
            planned(session, now)
        with pytest.raises(Unknown):
            waves.close(session, 1, "autumn", now, SECRETS)
