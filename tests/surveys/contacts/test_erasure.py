"""A person is told what is held, and can be erased with or without their answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.storage.database import Database
from surveys.answering import answers
from surveys.answering.answers import Submission
from surveys.contacts import erasure, subject_access
from surveys.facts import InvitationWithdrawn, Unknown
from surveys.responses import tallies
from surveys.tables import Answer, Contact, Invitation, Response, Tally, Turnout
from tests.conftest import SECRETS
from tests.factories import SCORE, WHY, make_contact, make_invitation, make_organisation, make_survey

SCALE = {"key": "ease", "kind": "scale", "required": False, "texts": {"en": {"text": "Was it easy?"}}}


def answered(session: Session, now: datetime) -> list[UUID]:
    """Two contacts; the first answered 9, the second 3, and the first has a second link that waits."""
    make_organisation(session)
    survey = make_survey(session, 1, questions=[SCORE, WHY, SCALE])
    ada, bo = (make_contact(session, 1, ref) for ref in ("ada", "bo"))
    links = [make_invitation(session, survey, who, created_at=now) for who in (ada, bo, ada)]
    given: list[dict[str, Any]] = [{"comment": "Quick", "answers": {"ease": 4}}, {"comment": "Slow"}]
    answers.answer(session, [Submission(1, links[n].id, (9, 3)[n], given[n]) for n in (0, 1)], now, SECRETS)
    return [link.id for link in links]


def test_kept_responses_lose_their_person_and_stay_counted(database: Database, now: datetime) -> None:
    with database.writing() as session:
        answered(session, now)
        done = erasure.erase(session, 1, "ada", now, SECRETS)
    assert (done.invitations, done.responses) == (2, 1)
    with database.reading() as session:
        assert [c.ref for c in session.exec(select(Contact)).all()] == ["bo"]
        responses = session.exec(select(Response)).all()
        assert sorted((r.score, r.contact_id is None) for r in responses) == [(3, False), (9, True)]
        assert [a.number for a in session.exec(select(Answer)).all()] == [4]
        assert tallies.check(session, 1) == []
        erased = [i for i in session.exec(select(Invitation)).all() if i.contact_id is None]
        assert [(i.withdrawn_at, i.send_at) for i in erased] == [(now, None)] * 2


def test_deleted_responses_leave_the_counts_and_turnout_stays(database: Database, now: datetime) -> None:
    with database.writing() as session:
        answered(session, now)
        erasure.erase(session, 1, "ada", now, SECRETS, keep_responses=False)
    with database.reading() as session:
        assert [r.score for r in session.exec(select(Response)).all()] == [3]
        assert session.exec(select(Answer)).all() == []
        assert tallies.check(session, 1) == []
        assert sum(t.s9 for t in session.exec(select(Tally)).all()) == 0
        assert sum(t.invited for t in session.exec(select(Turnout)).all()) == 2  # the mail to the third has to wait
        assert sum(t.answered for t in session.exec(select(Turnout)).all()) == 2


def test_the_links_of_an_erased_person_are_dead(database: Database, now: datetime) -> None:
    with database.writing() as session:
        first, _, waiting = answered(session, now)
        erasure.erase(session, 1, "ada", now, SECRETS)
        outcomes = answers.answer(session, [Submission(1, link, 0) for link in (first, waiting)], now, SECRETS)
        assert [type(o) for o in outcomes] == [InvitationWithdrawn] * 2
        assert tallies.check(session, 1) == []


def test_nobody_is_erased_for_another_tenant(database: Database, now: datetime) -> None:
    with database.writing() as session:
        answered(session, now)
        make_organisation(session, "other")
        with pytest.raises(Unknown):
            erasure.erase(session, 2, "ada", now, SECRETS)
        with pytest.raises(Unknown):
            subject_access.held(session, 2, "ada")


def test_a_person_is_told_everything_that_is_held_and_nothing_about_others(database: Database, now: datetime) -> None:
    with database.writing() as session:
        answered(session, now)
        told = subject_access.held(session, 1, "ada")
    assert (told["contact"]["ref"], told["contact"]["email"]) == ("ada", "ada@example.org")
    assert len(told["invitations"]) == 2
    (response,) = told["responses"]
    assert (response["score"], response["comment"], response["answers"]) == (9, "Quick", {"ease": 4})
    assert response["channel"] == "email"
