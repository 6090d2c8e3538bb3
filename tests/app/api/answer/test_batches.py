"""Answers handed over by another system: the good ones counted once, the bad ones named by row and field."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys.responses import tallies
from surveys.tables import Answer, Cell, Response
from tests.app.client import ask, client, make_key
from tests.factories import SCORE, make_organisation, make_survey, make_touchpoint, make_unit

PATH = "/surveys/nps/responses"
EASE = {"key": "ease", "kind": "scale", "required": False, "texts": {"en": {"text": "How easy?"}}}


@pytest.fixture
def sender(database: Database) -> str:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id, segments=["plan"], questions=[SCORE, EASE])
        make_touchpoint(session, organisation.id, "phone")
        make_unit(session, organisation.id, "north")
        return make_key(session, organisation.id, "sender")


def test_an_answer_is_stored_whole_in_its_cell(settings: Settings, database: Database, sender: str) -> None:
    item = {
        "score": 9, "comment": "Quick", "touchpoint": "phone", "unit": "north", "channel": "sms", "locale": "da",
        "attributes": {"plan": "gold", "shoe size": 43}, "answered_at": "2026-04-01T22:30:00Z", "id": "A-1",
        "answers": {"ease": 4},
    }  # fmt: skip
    (reply,) = ask(settings, sender, ("POST", PATH, {"items": [item]}))
    assert (reply.status_code, reply.json()) == (200, {"recorded": 1, "already_there": 0, "refused": []})
    with database.reading() as session:
        response, cell = session.exec(select(Response)).one(), session.exec(select(Cell)).one()
        answer = session.exec(select(Answer)).one()
        assert (response.score, response.comment, response.day.isoformat()) == (9, "Quick", "2026-04-02")
        assert (cell.touchpoint_key, cell.unit_key, cell.channel, cell.locale) == ("phone", "north", "sms", "da")
        assert cell.segments == {"plan": "gold"}
        assert (answer.question_key, answer.number) == ("ease", 4)
        assert tallies.check(session, 1) == []


def test_the_same_id_counts_once(settings: Settings, database: Database, sender: str) -> None:
    body = {"items": [{"score": n, "id": f"A-{n}"} for n in (1, 2, 2)]}
    first, second = ask(settings, sender, ("POST", PATH, body), ("POST", PATH, body))
    assert first.json() == {"recorded": 2, "already_there": 1, "refused": []}
    assert second.json() == {"recorded": 0, "already_there": 3, "refused": []}
    with database.reading() as session:
        assert len(session.exec(select(Response)).all()) == 2
        assert tallies.check(session, 1) == []


TOMORROW = (clock.now() + timedelta(days=1)).isoformat()
BAD = [
    ({"score": 11}, "score"),
    ({"score": -1}, "score"),
    ({"score": 7.5}, "score"),
    ({"score": "nine"}, "score"),
    ({"score": True}, "score"),
    ({"score": None}, "score"),
    ({}, "score"),
    ({"score": 5, "touchpoint": "nowhere"}, "touchpoint"),
    ({"score": 5, "unit": "nowhere"}, "unit"),
    ({"score": 5, "locale": "xx-nowhere"}, "locale"),
    ({"score": 5, "answered_at": "2026-04-01T10:00:00"}, "answered_at"),
    ({"score": 5, "answered_at": TOMORROW}, "answered_at"),
    ({"score": 5, "answered_at": "0001-01-01T00:00:00+14:00"}, "answered_at"),
    ({"score": 5, "answered_at": 1_700_000_000}, "answered_at"),
    ({"score": 5, "answers": {"colour": "red"}}, "answers.colour"),
    ({"score": 5, "answers": {"ease": 6}}, "answers.ease"),
    ({"score": 5, "channel": "x" * 33}, "channel"),
    ({"score": 5, "mood": "good"}, "mood"),
    ({"score": 5, "attributes": {"plan": "x" * 201}}, "attributes.plan"),
    ({"score": 5, "comment": "x" * 10_001}, "comment"),
]


def test_each_bad_row_is_named_and_the_good_ones_are_kept(settings: Settings, database: Database, sender: str) -> None:
    items = [{"score": 10, "id": "good-1"}, *(item for item, _ in BAD), {"score": 0, "id": "good-2"}]
    (reply,) = ask(settings, sender, ("POST", PATH, {"items": items}))
    assert reply.status_code == 200
    told = reply.json()
    assert (told["recorded"], told["already_there"]) == (2, 0)
    assert [(r["row"], r["field"]) for r in told["refused"]] == [(n, field) for n, (_, field) in enumerate(BAD, 2)]
    assert all(r["message"] for r in told["refused"])
    with database.reading() as session:
        assert sorted(r.score for r in session.exec(select(Response))) == [0, 10]
        assert tallies.check(session, 1) == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"items": [{"score": 9, "comment": "\xff"}]}', "body"),
        (b'{"items": [{"score": 9, "comment": "\\u0000"}]}', "body"),
        (b'{"items": [{"score": 9, "comment": "\\ud800"}]}', "body"),
        (b'{"items": [{"score": NaN}]}', "body"),
        (b'{"items": [', "body"),
        (b"[" * 100_000, "body"),
        (b"", "body"),
        (b"[]", "body"),
        (b"{}", "items"),
        (b'{"items": []}', "items"),
        (b'{"items": [1]}', "items.0"),
        (b'{"items": [{"score": 9}], "more": 1}', "more"),
    ],
)
def test_a_body_that_cannot_be_read_stores_nothing(
    settings: Settings, database: Database, sender: str, content: bytes, field: str
) -> None:
    async def run() -> Any:
        async with client(settings, sender) as http:
            return await http.post(f"/api/v1{PATH}", content=content, headers={"Content-Type": "application/json"})

    reply = asyncio.run(run())
    assert (reply.status_code, [e["field"] for e in reply.json()["errors"]]) == (422, [field])
    with database.reading() as session:
        assert session.exec(select(Response)).all() == []


def test_words_that_only_look_like_an_escape_are_kept(settings: Settings, database: Database, sender: str) -> None:
    (reply,) = ask(settings, sender, ("POST", PATH, {"items": [{"score": 9, "comment": "\\u0000 NaN \\ud800 😀"}]}))
    assert reply.json()["recorded"] == 1
    with database.reading() as session:
        assert session.exec(select(Response)).one().comment == "\\u0000 NaN \\ud800 😀"


def test_only_a_sender_hands_answers_over_and_only_to_their_own_surveys(
    settings: Settings, database: Database, sender: str
) -> None:
    with database.writing() as session:
        reader = make_key(session, 1, "reader")
        other = make_key(session, make_organisation(session, "other").id, "sender")
    body = {"items": [{"score": 9}]}
    (forbidden,) = ask(settings, reader, ("POST", PATH, body))
    (unknown,) = ask(settings, other, ("POST", PATH, body))
    assert (forbidden.status_code, unknown.status_code) == (403, 404)


def test_batches_at_once_are_all_counted(settings: Settings, database: Database, sender: str) -> None:
    async def run() -> list[Any]:
        async with client(settings, sender) as http:
            bodies = [{"items": [{"score": (n + m) % 11, "id": f"{n}-{m}"} for m in range(5)]} for n in range(30)]
            wrong = http.post("/api/v1/surveys/none/responses", json=bodies[0])
            replies = await asyncio.gather(wrong, *(http.post(f"/api/v1{PATH}", json=body) for body in bodies))
            assert replies[0].status_code == 404
            return [reply.json()["recorded"] for reply in replies[1:]]

    assert asyncio.run(run()) == [5] * 30
    with database.reading() as session:
        assert len(session.exec(select(Response)).all()) == 150
        assert tallies.check(session, 1) == []
