"""Contacts come as JSON or CSV, are listed, and can be erased."""

import asyncio
from typing import Any

import httpx
import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import ask, client, make_key
from tests.factories import make_organisation, make_unit


@pytest.fixture
def key(database: Database) -> str:
    with database.writing() as session:
        make_organisation(session)
        make_unit(session, 1, "nord")
        return make_key(session, 1, "sender")


def post_csv(settings: Settings, key: str, content: bytes) -> httpx.Response:
    async def run() -> httpx.Response:
        async with client(settings, key) as http:
            return await http.post(
                "/api/v1/contacts", content=content, headers={"Content-Type": "text/csv; charset=utf-8"}
            )

    return asyncio.run(run())


def test_good_items_are_stored_and_bad_ones_named(settings: Settings, key: str) -> None:
    items: list[Any] = [
        {"ref": "1", "email": "ada@example.org", "unit": "nord", "attributes": {"plan": "gold"}},
        {"ref": "2", "email": "nonsense"},
        "nobody",
        {"email": "Bo@example.org", "colour": "red"},
        {"email": "Cy@example.org"},
    ]
    posted, listed = ask(settings, key, ("POST", "/contacts", {"items": items}), ("GET", "/contacts"))
    assert posted.status_code == 200
    told = posted.json()
    assert (told["created"], told["updated"]) == (2, 0)
    assert [(r["row"], r["field"]) for r in told["refused"]] == [(2, "email"), (3, "item"), (4, "colour")]
    assert [(c["ref"], c["unit"], c["attributes"]) for c in listed.json()["items"]] == [
        ("1", "nord", {"plan": "gold"}),
        ("cy@example.org", None, {}),
    ]


def test_a_file_is_taken_and_its_rows_are_counted_as_a_spreadsheet_does(settings: Settings, key: str) -> None:
    reply = post_csv(settings, key, "\ufeffref;email;Plan\n1;ada@example.org;gold\n2;none;\n".encode())
    assert reply.status_code == 200
    assert (reply.json()["created"], [r["row"] for r in reply.json()["refused"]]) == (1, [3])


@pytest.mark.parametrize(("content", "field"), [(b"", "file"), (b"name\nAda\n", "header"), (b"email\n\xe6\n", "file")])
def test_a_file_that_cannot_be_read_stores_nothing(settings: Settings, key: str, content: bytes, field: str) -> None:
    reply = post_csv(settings, key, content)
    assert reply.status_code == 422
    assert [e["field"] for e in reply.json()["errors"]] == [field]
    (listed,) = ask(settings, key, ("GET", "/contacts"))
    assert listed.json() == {"items": [], "next": None}


@pytest.mark.parametrize("body", [{}, {"items": {}}, {"items": [], "more": 1}, []])
def test_a_body_of_another_shape_is_refused(settings: Settings, key: str, body: Any) -> None:
    (reply,) = ask(settings, key, ("POST", "/contacts", body))
    assert reply.status_code == 422
    assert reply.json()["errors"]


def test_contacts_are_listed_page_by_page(settings: Settings, key: str) -> None:
    items = [{"ref": f"c{n}"} for n in range(5)]
    _, first = ask(settings, key, ("POST", "/contacts", {"items": items}), ("GET", "/contacts?limit=3"))
    (second,) = ask(settings, key, ("GET", f"/contacts?limit=3&after={first.json()['next']}"))
    assert [c["ref"] for c in first.json()["items"] + second.json()["items"]] == [f"c{n}" for n in range(5)]


def test_a_person_is_shown_and_erased_by_any_ref(settings: Settings, key: str) -> None:
    items = [{"ref": "a/b c"}, {"email": "ada@example.org"}]
    replies = ask(
        settings, key,
        ("POST", "/contacts", {"items": items}),
        ("GET", "/contacts/a%2Fb%20c/data"),
        ("DELETE", "/contacts/a%2Fb%20c"),
        ("DELETE", "/contacts/a%2Fb%20c"),
        ("DELETE", "/contacts/ada@example.org?responses=delete"),
        ("GET", "/contacts"),
    )  # fmt: skip
    assert [r.status_code for r in replies] == [200, 200, 200, 404, 200, 200]
    assert replies[1].json()["contact"]["ref"] == "a/b c"
    assert replies[-1].json()["items"] == []


@pytest.mark.parametrize("role", ["reader"])
def test_contacts_are_not_for_readers(settings: Settings, key: str, database: Database, role: str) -> None:
    with database.writing() as session:
        reader = make_key(session, 1, role)
    calls = [("GET", "/contacts"), ("GET", "/contacts/1/data"), ("DELETE", "/contacts/1"), ("GET", "/invitations")]
    assert [r.status_code for r in ask(settings, reader, *calls)] == [403] * 4
