"""An answer posted again with the same Idempotency-Key counts once and is replied to as the first time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlmodel import select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.responses import tallies
from surveys.tables import Ballot, Invitation, RememberedRequest, Response, Survey
from tests.app.client import client
from tests.conftest import SECRET
from tests.factories import invited, make_organisation
from tests.surveys.staff import hire, make_enps, open_wave, team

Post = tuple[str, dict[str, Any]]  # Idempotency-Key and body


def issue(database: Database) -> str:
    """The token of a confidential survey's link."""
    with database.writing() as session:
        _, _, invitation = invited(session)
        invitation.created_at = clock.now()
        invitation.expires_at = clock.now() + timedelta(days=30)
    return sign(invitation)


def issue_anonymously(database: Database) -> str:
    """The token of an anonymous survey's link."""
    with database.writing() as session:
        number = make_organisation(session).id
        make_enps(session, number)
        hire(session, number, team(None, 12))
        survey = session.get_one(Survey, (number, "enps"))
        return sign(open_wave(session, survey, "w1", team(None, 12), clock.now())["nobody-3"])


def sign(invitation: Invitation) -> str:
    return links.sign(SECRET.encode(), "answer", invitation.organisation_id, invitation.id)


def post(settings: Settings, token: str, *posts: Post) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        async with client(settings) as http:
            return [await http.post(f"/s/{token}", json=body, headers={"Idempotency-Key": key}) for key, body in posts]

    return asyncio.run(run())


def test_a_repeat_is_answered_as_the_first_and_counts_once(database: Database, settings: Settings) -> None:
    token = issue(database)
    first, again, corrected = post(
        settings, token, ("a", {"score": 9, "comment": "Quick"}), ("a", {"score": 9, "comment": "Quick"}),
        ("b", {"score": 3}),
    )  # fmt: skip
    assert [reply.status_code for reply in (first, again, corrected)] == [201, 201, 200]
    assert again.content == first.content
    assert (again.headers["idempotent-replayed"], "idempotent-replayed" in first.headers) == ("true", False)
    with database.reading() as session:
        assert [row.score for row in session.exec(select(Response))] == [3]
        assert tallies.check(session, 1) == []


def test_a_time_ends_in_z(database: Database, settings: Settings) -> None:
    token = issue(database)
    for reply in post(settings, token, ("a", {"score": 9}), ("b", {"score": 8})):
        recorded_at = reply.json()["recorded_at"]
        assert recorded_at.endswith("Z")
        assert datetime.fromisoformat(recorded_at) <= clock.now()


def test_a_key_that_came_with_another_answer_or_is_none_is_refused(database: Database, settings: Settings) -> None:
    token = issue(database)
    _, other, none = post(settings, token, ("a", {"score": 9}), ("a", {"score": 8}), ("x" * 201, {"score": 8}))
    for reply in (other, none):
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    with database.reading() as session:
        assert [row.score for row in session.exec(select(Response))] == [9]


def test_what_was_refused_is_not_remembered(database: Database, settings: Settings) -> None:
    token = issue(database)
    refused, taken = post(settings, token, ("a", {"score": 9, "answers": {"none": 1}}), ("a", {"score": 9}))
    assert (refused.status_code, taken.status_code) == (422, 201)


def test_an_anonymous_answer_is_remembered_without_link_answer_and_time(database: Database, settings: Settings) -> None:
    token = issue_anonymously(database)
    first, again, other = post(settings, token, ("a", {"score": 7}), ("a", {"score": 7}), ("b", {"score": 7}))
    assert [(reply.status_code, reply.text) for reply in (first, again)] == [(201, "{}")] * 2
    assert other.status_code == 410
    with database.reading() as session:
        assert len(session.exec(select(Ballot)).all()) == 1
        (kept,) = session.exec(select(RememberedRequest)).all()
        invitations = session.exec(select(Invitation)).all()
    assert (kept.created_at.hour, kept.created_at.minute, kept.created_at.second) == (23, 59, 59)
    assert not any(one.id.hex in kept.idempotency_key for one in invitations)
    assert kept.answer["sealed"].startswith("gAAAAAAAAAAA")  # a Fernet token whose time is none
