"""A POST with an Idempotency-Key takes effect once, however often and however close together it is sent."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.settings import Settings
from app.storage.database import Database
from surveys.tables import ApiKey, RememberedRequest, Response
from tests.app.client import client, make_key
from tests.factories import make_organisation, make_survey

KEYS = "/api/v1/keys"
ANSWERS = "/api/v1/surveys/nps/responses"
EFFECTS: list[tuple[str, Any, Any]] = [
    (KEYS, {"role": "reader"}, ApiKey),
    (ANSWERS, {"items": [{"score": 9}]}, Response),
]


@pytest.fixture
def owner(database: Database) -> str:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id)
        return make_key(session, organisation.id)


def post(settings: Settings, bearer: str, *calls: tuple[str, str, Any], at_once: bool = False) -> list[httpx.Response]:
    """The replies to (path, Idempotency-Key, body)."""

    async def run() -> list[httpx.Response]:
        async with client(settings, bearer) as http:
            sent = [http.post(path, json=body, headers={"Idempotency-Key": key}) for path, key, body in calls]
            return list(await asyncio.gather(*sent)) if at_once else [await one for one in sent]

    return asyncio.run(run())


def number(database: Database, table: Any) -> int:
    with database.reading() as session:
        return len(session.exec(select(table)).all())


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_repeat_answers_as_the_first_did(
    settings: Settings, database: Database, owner: str, effect: tuple[str, Any, Any]
) -> None:
    path, body, table = effect
    before = number(database, table)
    first, again, other = post(settings, owner, (path, "one", body), (path, "one", body), (path, "two", body))
    assert first.is_success
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert other.is_success
    assert number(database, table) == before + 2


@pytest.mark.parametrize("effect", EFFECTS)
def test_repeats_at_once_take_effect_once(
    settings: Settings, database: Database, owner: str, effect: tuple[str, Any, Any]
) -> None:
    path, body, table = effect
    before = number(database, table)
    replies = post(settings, owner, *([(path, "one", body)] * 12), at_once=True)
    assert {(r.status_code, r.content) for r in replies} == {(replies[0].status_code, replies[0].content)}
    assert replies[0].is_success
    assert number(database, table) == before + 1


def test_the_same_key_with_another_request_is_refused(settings: Settings, database: Database, owner: str) -> None:
    first, body, path = post(
        settings,
        owner,
        (KEYS, "one", {"role": "reader"}),
        (KEYS, "one", {"role": "analyst"}),
        (ANSWERS, "one", {"items": [{"score": 9}]}),
    )
    assert first.status_code == 201
    for refused in (body, path):
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert number(database, Response) == 0


def test_a_refusal_is_not_remembered(settings: Settings, database: Database, owner: str) -> None:
    wrong, right = post(settings, owner, (KEYS, "one", {"role": "king"}), (KEYS, "one", {"role": "reader"}))
    assert (wrong.status_code, right.status_code) == (422, 201)


def test_a_key_is_kept_a_day_and_apart_for_each_caller(settings: Settings, database: Database, owner: str) -> None:
    with database.writing() as session:
        second = make_key(session, 1)
    (first,) = post(settings, owner, (KEYS, "one", {"role": "reader"}))
    (apart,) = post(settings, second, (KEYS, "one", {"role": "reader"}))
    with database.writing() as session:
        for row in session.exec(select(RememberedRequest)):
            row.created_at -= timedelta(hours=24, minutes=1)
    (later,) = post(settings, owner, (KEYS, "one", {"role": "analyst"}))
    assert [r.status_code for r in (first, apart, later)] == [201] * 3
    assert number(database, RememberedRequest) == 1


def test_what_is_remembered_gives_no_secret_away(settings: Settings, database: Database, owner: str) -> None:
    (made,) = post(settings, owner, (KEYS, "one", {"role": "owner", "name": "a-name-to-look-for"}))
    with database.reading() as session:
        stored = str(session.execute(sa.select(RememberedRequest)).scalar_one().answer)
    assert made.json()["key"] not in stored
    assert "a-name-to-look-for" not in stored


@pytest.mark.parametrize(("key", "status"), [("", 422), ("x" * 201, 422), ("x" * 200, 201)])
def test_a_key_that_is_none_is_refused(settings: Settings, owner: str, key: str, status: int) -> None:
    (reply,) = post(settings, owner, (KEYS, key, {"role": "reader"}))
    assert reply.status_code == status


def test_a_request_without_a_valid_api_key_is_401(settings: Settings, owner: str) -> None:
    (reply,) = post(settings, "snd_wrong", (KEYS, "one", {"role": "reader"}))
    assert reply.status_code == 401
