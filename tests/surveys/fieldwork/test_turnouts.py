"""Who counts as invited and who as out of reach, from issue to bounce, the same on every route."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys.anonymity import participation
from surveys.answering.answers import Submission, answer
from surveys.fieldwork import bounces, outbox, waves
from surveys.links import Link
from surveys.tables import Survey
from tests.app.client import ask, make_key
from tests.conftest import SECRETS
from tests.factories import make_contact, make_organisation, make_survey
from tests.surveys.staff import hire, make_enps, open_wave, team

ROUTES = ("/scores", "/representation", "/waves/w1/participation", "/scores?wave=w1")


def ask_all(session: Session, count: int = 12, **facts: Any) -> int:
    """An organisation that has asked so many customers by mail, in a wave that opened just now."""
    number = make_organisation(session).id
    make_survey(session, number, **facts)
    for n in range(count):
        make_contact(session, number, f"c{n}")
    now = clock.now()
    waves.create(session, number, "nps", "w1", opens_at=now, closes_at=now + timedelta(days=7), now=now, contacts="all")
    waves.open_now(session, number, "w1", now, SECRETS)
    return number


def figures(settings: Settings, key: str) -> list[tuple[int, int, float | None]]:
    """Invited, undelivered and response rate as each route answers them."""
    bodies = [reply.json() for reply in ask(settings, key, *(("GET", path) for path in ROUTES))]
    totals = [body.get("total", body) for body in bodies]
    return [(body["invited"], body["undelivered"], body["response_rate_percent"]) for body in totals]


def test_mail_counts_once_it_was_handed_over_or_refused(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        key = make_key(session, ask_all(session))
    assert figures(settings, key) == [(0, 0, None)] * 4
    now = clock.now()
    with database.writing() as session:
        mails = outbox.claim(session, now, SECRETS) or []
    with database.writing() as session:
        outbox.record_sent(session, [(mail, now) for mail in mails[:9]])
        for mail in mails[9:11]:
            outbox.record_refused(session, mail, "550 no such address", now, permanent=True)
        outbox.record_refused(session, mails[11], "451 later", now, permanent=False)
    assert figures(settings, key) == [(11, 2, 0)] * 4
    with database.writing() as session:
        back = Link(mails[0].organisation_id, mails[0].invitation_id)
        for _ in range(2):  # a mail server may say it twice
            bounces.bounce(session, back, "550 gone", now, address_dead=True, first=True)
        outbox.record_sent(session, [(mail, now) for mail in mails[:9]])
        answer(session, [Submission(back.organisation_id, mail.invitation_id, 9) for mail in mails[1:3]], now, SECRETS)
    assert figures(settings, key) == [(11, 3, 18.18)] * 4


def test_who_answers_was_reached_whatever_is_noted_of_the_mail(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        key = make_key(session, ask_all(session))
        mails = outbox.claim(session, clock.now(), SECRETS) or []
    now = clock.now()
    with database.writing() as session:
        outbox.record_sent(session, [(mail, now) for mail in mails[2:]])
        link = Link(mails[2].organisation_id, mails[2].invitation_id)
        bounces.bounce(session, link, "550 gone", now, address_dead=False, first=True)
    assert figures(settings, key) == [(10, 1, 0)] * 4
    with database.writing() as session:
        answer(session, [Submission(link.organisation_id, mail.invitation_id, 9) for mail in mails[:3]], now, SECRETS)
        outbox.record_sent(session, [(mail, now) for mail in mails[:2]])
    assert figures(settings, key) == [(12, 0, 25)] * 4


def test_a_link_counts_when_it_is_given_out_and_nobody_who_is_withheld(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        for n in range(4):
            make_contact(session, number, f"c{n}", unsubscribed_at=clock.now() if n == 3 else None)
        key = make_key(session, number)
    given, scores, parts = ask(
        settings, key, ("POST", "/surveys/nps/invitations", {"contacts": "all", "deliver": "link"}), ("GET", "/scores"),
        ("GET", "/representation"),
    )  # fmt: skip
    assert given.json()["invited"] == 3
    assert [body["invited"] for body in (scores.json()["total"], parts.json())] == [3, 3]


def test_of_an_anonymous_wave_those_whose_mail_went_out_are_counted(database: Database, settings: Settings) -> None:
    staff = team(None, 24)
    with database.writing() as session:
        number = make_organisation(session).id
        make_enps(session, number)
        hire(session, number, staff)
        survey = session.get_one(Survey, (number, "enps"))
        yesterday = clock.now() - timedelta(days=1)
        invitations = open_wave(session, survey, "w1", staff, yesterday, mailed=False)
        key = make_key(session, number)
    (none,) = ask(settings, key, ("GET", "/waves/w1/participation"))
    assert none.json()["items"] == []
    with database.writing() as session:
        mails = outbox.claim(session, yesterday, SECRETS) or []
        outbox.record_sent(session, [(mail, yesterday) for mail in mails[:20]])
        for mail in mails[20:23]:
            outbox.record_refused(session, mail, "550 no such address", yesterday, permanent=True)
        assert len(invitations) == len(mails) == 24
        answer(
            session,
            [Submission(number, mail.invitation_id, n % 11) for n, mail in enumerate(mails[:8])],
            yesterday,
            SECRETS,
        )
        assert participation.count_due(session, clock.now()) == 1
    while_open, _, closed, scores = ask(
        settings, key, ("GET", "/waves/w1/participation"), ("POST", "/waves/w1/closure"),
        ("GET", "/waves/w1/participation"), ("GET", "/scores?survey=enps"),
    )  # fmt: skip
    for body in (while_open.json(), closed.json(), scores.json()):
        total = body["total"]
        assert (total["invited"], total["undelivered"], total["response_rate_percent"]) == (23, 3, pytest.approx(34.78))
