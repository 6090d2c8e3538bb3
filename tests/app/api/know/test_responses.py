"""Rows of responses: stable pages, equal exports, and nothing beyond what the key may see."""

import asyncio
import contextlib
import csv
import io
import random
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.api.know.stored import store
from tests.app.client import ask, client, make_key
from tests.factories import SCORE, make_contact, make_organisation, make_survey, make_touchpoint, make_unit

EASE = {"key": "ease", "kind": "scale", "required": False, "texts": {"en": {"text": "How easy?"}}}
LABELS = {"a": "A", "b": "B"}
USED = {"key": "used", "kind": "choices", "required": False, "texts": {"en": {"text": "Used?", "choices": LABELS}}}


@pytest.fixture
def owner(database: Database) -> str:
    with database.writing() as session:
        organisation = make_organisation(session)
        for key, parent in (("north", None), ("harbour", "north"), ("south", None)):
            make_unit(session, organisation.id, key, parent)
        make_touchpoint(session, organisation.id, "phone")
        make_survey(session, organisation.id, "first", segments=["plan"], questions=[SCORE, EASE, USED])
        make_survey(session, organisation.id, "second")
        contact = make_contact(session, organisation.id, "anna")
        answers: dict[str, Any] = {"ease": 4.0, "used": ["a", "b"]}
        store(
            session, "first", range(30), unit="harbour", touchpoint="phone", segments=(("plan", "+gold"),),
            comment='=1+1 "x",\nø', contact_id=contact.id, answers=answers,
        )  # fmt: skip
        store(session, "second", range(100, 121), unit="south")
        return make_key(session, organisation.id)


def pages(settings: Settings, key: str, path: str) -> list[Any]:
    items: list[Any] = []
    cursor = ""
    while cursor is not None:
        (reply,) = ask(settings, key, ("GET", f"{path}{'&after=' + cursor if cursor else ''}"))
        assert reply.status_code == 200, reply.text
        items += reply.json()["items"]
        cursor = reply.json()["next"]
    return items


def test_an_item_tells_the_whole_answer(settings: Settings, owner: str) -> None:
    (reply,) = ask(settings, owner, ("GET", "/responses?survey=first&limit=1"))
    (item,) = reply.json()["items"]
    assert item.pop("id")
    assert item.pop("score") in (28 % 11, 29 % 11)
    assert item == {
        "survey": "first", "wave": None, "touchpoint": "phone", "unit": "harbour", "channel": "api", "locale": None,
        "segments": {"plan": "+gold"}, "day": "2026-04-02", "answered_at": "2026-04-02T02:00:00Z",
        "comment": '=1+1 "x",\nø', "answers": {"ease": 4.0, "used": ["a", "b"]}, "contact": "anna",
    }  # fmt: skip


def test_pages_hold_every_row_once_newest_first(settings: Settings, owner: str) -> None:
    items = pages(settings, owner, "/responses?limit=7")
    assert len({item["id"] for item in items}) == len(items) == 51
    assert [item["answered_at"] for item in items] == sorted((item["answered_at"] for item in items), reverse=True)


def test_no_row_is_skipped_or_repeated_while_others_are_written(
    settings: Settings, database: Database, owner: str
) -> None:
    before = {item["id"] for item in pages(settings, owner, "/responses?limit=1000")}
    luck = random.Random(7)

    async def run() -> list[str]:
        seen: list[str] = []
        cursor: str | None = ""
        async with client(settings, owner) as http:
            while cursor is not None:
                query = {"limit": "5"} | ({"after": cursor} if cursor else {})
                reply = (await http.get("/api/v1/responses", params=query)).json()
                seen += [item["id"] for item in reply["items"]]
                cursor = reply["next"]
                with database.writing() as session:
                    at = luck.randrange(1_000, 100_000)
                    store(session, "second", range(at, at + 3), unit="south")
                    past = luck.randrange(-100_000, -1_000)
                    store(session, "first", range(past, past + 1))
        return seen

    seen = asyncio.run(run())
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def flat(item: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{name}.{inner}" if inner else name: value
        for name, given in item.items()
        for inner, value in (given.items() if isinstance(given, dict) else [("", given)])
    }


@pytest.mark.parametrize("query", ["", "survey=first&", "limit=9&", "unit=north&"])
def test_exports_equal_the_pages(settings: Settings, owner: str, query: str) -> None:
    (text, parquet, listed) = ask(
        settings,
        owner,
        ("GET", f"/responses?{query}format=csv"),
        ("GET", f"/responses?{query}format=parquet"),
        ("GET", f"/responses?{query if 'limit' in query else query + 'limit=1000'}"),
    )
    items = [flat(item) for item in listed.json()["items"]]
    rows = list(csv.DictReader(io.StringIO(text.text, newline="")))
    assert text.headers["content-disposition"] == 'attachment; filename="responses.csv"'
    assert text.text.count("\r\n") == len(rows) + 1
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    for row, item in zip(rows, items, strict=True):
        assert datetime.fromisoformat(row["answered_at"]) == datetime.fromisoformat(item["answered_at"])
        assert (row["day"], row["score"]) == (item["day"], str(item["score"]))
        if item["survey"] == "first":
            assert (row["comment"], row["segments.plan"]) == ("'" + item["comment"], "'+gold")
            assert (row["answers.ease"], row["answers.used"]) == ("4", '["a","b"]')
    typed = pq.read_table(io.BytesIO(parquet.content)).to_pylist()
    assert [str(row["id"]) for row in typed] == [item["id"] for item in items]
    assert [(row["score"], row["day"].isoformat()) for row in typed] == [(i["score"], i["day"]) for i in items]
    assert [row["comment"] for row in typed] == [item["comment"] for item in items]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("survey=first", 30), ("survey=first&survey=second", 51), ("touchpoint=phone", 30), ("unit=north", 30),
        ("unit=south", 21), ("unit=north&unit=south", 51), ("channel=api", 51), ("channel=email", 0),
        ("segment.plan=%2Bgold", 30), ("segment.plan=tin", 0), ("from=2026-04-03", 21), ("to=2026-04-01", 24),
    ],
)  # fmt: skip
def test_filters_narrow_the_rows(settings: Settings, owner: str, query: str, count: int) -> None:
    (reply,) = ask(settings, owner, ("GET", f"/responses?limit=1000&{query}"))
    assert len(reply.json()["items"]) == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("survey=none", "survey"), ("unit=none", "unit"), ("from=yesterday", "from"), ("after=x", "after"),
        ("after=WzFd", "after"), ("limit=0", "limit"), ("limit=1001", "limit"), ("colour=red", "colour"),
        ("by=unit", "by"),
    ],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused_by_name(
    settings: Settings, owner: str, query: str, field: str
) -> None:
    for path in ("/responses", "/comments"):
        (reply,) = ask(settings, owner, ("GET", f"{path}?{query}"))
        assert (reply.status_code, [e["field"] for e in reply.json()["errors"]]) == (422, [field])


def test_comments_are_the_rows_with_words(settings: Settings, owner: str) -> None:
    items = pages(settings, owner, "/comments?limit=10")
    assert len(items) == 30
    assert all(item["comment"] and "answers" not in item for item in items)


def test_a_reader_gets_no_contact_and_a_manager_only_their_unit(
    settings: Settings, database: Database, owner: str
) -> None:
    with database.writing() as session:
        reader = make_key(session, 1, "reader")
        north, south = (make_key(session, 1, "manager", unit) for unit in ("north", "south"))
    for format_ in ("json", "csv"):
        listed, comments = ask(
            settings, reader, ("GET", f"/responses?format={format_}"), ("GET", f"/comments?format={format_}")
        )
        assert listed.status_code == comments.status_code == 200
        assert "anna" not in listed.text + comments.text
        assert "contact" not in listed.text + comments.text
    assert len(pages(settings, north, "/responses?limit=1000")) == 30
    assert len(pages(settings, south, "/responses?limit=1000")) == 21
    below, outside = ask(settings, north, ("GET", "/responses?unit=harbour"), ("GET", "/responses?unit=south"))
    assert (below.status_code, outside.status_code) == (200, 403)


def test_another_organisations_rows_are_not_there(settings: Settings, database: Database, owner: str) -> None:
    with database.writing() as session:
        other = make_organisation(session, "other")
        make_survey(session, other.id, "first")
        store(session, "first", range(3), organisation_id=other.id)
        key = make_key(session, other.id)
    assert len(pages(settings, key, "/responses?limit=1000")) == 3
    assert len(pages(settings, owner, "/responses?survey=first&limit=1000")) == 30


def test_an_export_that_the_client_leaves_gives_its_connection_back(
    settings: Settings, database: Database, owner: str
) -> None:
    with database.writing() as session:
        store(session, "second", range(1_000, 41_000), comment="x" * 50)

    async def run(format_: str) -> int:
        async with client(settings, owner) as http:
            app: Any = http._transport.app  # type: ignore[attr-defined]
            scope = http.build_request("GET", f"/api/v1/responses?format={format_}")
            sent = 0

            async def receive() -> dict[str, Any]:
                await asyncio.sleep(0 if not sent else 60)
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: dict[str, Any]) -> None:
                nonlocal sent
                sent += len(message.get("body", b""))
                if sent > 0:
                    raise OSError

            headers = [(k.lower().encode(), v.encode()) for k, v in scope.headers.items()]
            asked = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "method": "GET"} | {
                "path": "/api/v1/responses", "query_string": f"format={format_}".encode(), "headers": headers,
                "http_version": "1.1", "scheme": "http", "server": ("test", 80), "client": ("127.0.0.1", 1),
            }  # fmt: skip
            with contextlib.suppress(Exception):  # what the server would see when the client is gone
                await app(asked, receive, send)
            held: int = app.state.database.exports.pool.checkedout()
            return held

    for format_ in ("csv", "parquet"):
        assert asyncio.run(run(format_)) == 0
