"""A link is opened and answered: stored once, counted, corrected in time, refused afterwards."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.responses import tallies
from surveys.tables import Invitation, Response, Tally
from tests.app.client import client
from tests.conftest import SECRET
from tests.factories import invited


def issue(database: Database, **facts: Any) -> tuple[str, Invitation]:
    with database.writing() as session:
        _, _, invitation = invited(session, **facts)
        invitation.created_at = clock.now()
        invitation.expires_at = clock.now() + timedelta(days=30)
    return links.sign(SECRET.encode(), "answer", invitation.organisation_id, invitation.id), invitation


def post(settings: Settings, token: str, *bodies: Any) -> list[Any]:
    async def run() -> list[Any]:
        async with client(settings) as http:
            return [await http.post(f"/s/{token}", **body) for body in bodies]

    return asyncio.run(run())


def test_an_answer_is_stored_and_counted(database: Database, settings: Settings) -> None:
    token, _ = issue(database)
    (reply,) = post(settings, token, {"json": {"score": 9, "comment": "Quick"}})
    assert reply.status_code == 201
    assert datetime.fromisoformat(reply.json()["recorded_at"])
    with database.reading() as session:
        response = session.exec(select(Response)).one()
        tally = session.exec(select(Tally)).one()
        assert (response.score, response.comment) == (9, "Quick")
        assert (tally.s9, tally.starts_on) == (1, response.day)
        assert tallies.check(session, 1) == []


def test_a_second_post_corrects_the_first_and_keeps_what_it_leaves_out(database: Database, settings: Settings) -> None:
    token, _ = issue(database)
    first, second = post(settings, token, {"json": {"score": 9, "comment": "Quick"}}, {"json": {"score": 3}})
    assert (first.status_code, second.status_code) == (201, 200)
    with database.reading() as session:
        response = session.exec(select(Response)).one()
        assert (response.score, response.comment) == (3, "Quick")
        assert tallies.check(session, 1) == []


@pytest.mark.parametrize("score", ["11", "-1", "7.5", '"nine"', "null", "true"])
def test_a_score_that_is_none_is_refused_by_name(settings: Settings, database: Database, score: str) -> None:
    token, _ = issue(database)
    (reply,) = post(settings, token, {"content": f'{{"score": {score}}}'})
    assert reply.status_code == 422
    assert [e["field"] for e in reply.json()["errors"]] == ["score"]
    with database.reading() as session:
        assert session.exec(select(Response)).all() == []


@pytest.mark.parametrize("cut", [slice(0, 47), slice(1, None), slice(0, 0)])
def test_a_cut_token_is_unknown(settings: Settings, database: Database, cut: slice) -> None:
    token, _ = issue(database)
    (reply,) = post(settings, token[cut] or "x", {"json": {"score": 9}})
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"


def test_many_posts_of_one_link_at_once_are_one_answer(database: Database, settings: Settings) -> None:
    token, _ = issue(database)

    async def run() -> list[int]:
        async with client(settings) as http:
            replies = await asyncio.gather(*(http.post(f"/s/{token}", json={"score": n % 11}) for n in range(50)))
            return [r.status_code for r in replies]

    statuses = asyncio.run(run())
    assert sorted(statuses) == [200] * 49 + [201]
    with database.reading() as session:
        assert len(session.exec(select(Response)).all()) == 1
        assert tallies.check(session, 1) == []


def test_what_json_gets_is_kept_by_nobody(database: Database, settings: Settings) -> None:
    token, _ = issue(database)
    for reply in post(settings, token, {"json": {"score": 9}}, {"json": {"score": 11}}, {"content": b"x"}):
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"


def test_a_link_with_a_slash_behind_leads_back_to_this_very_service(database: Database, settings: Settings) -> None:
    token, _ = issue(database)

    async def run() -> list[Any]:
        async with client(settings) as http:
            headers = {"Host": "evil.example"}
            return [await http.get(f"/s/{token}/?lang=da", headers=headers), await http.options(f"/s/{token}")]

    slash, options = asyncio.run(run())
    assert (slash.status_code, slash.headers["location"]) == (308, f"../{token}?lang=da")
    assert (options.status_code, options.headers["allow"]) == (405, "GET, HEAD, POST")
