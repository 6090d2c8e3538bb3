"""Cursors come back as they went, and anything else is refused by name."""

import base64
import json
from typing import Any

import pytest

from app.api.conventions.lists import Asked, decode_cursor, encode_cursor, turn
from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from surveys.facts import Malformed
from tests.app.client import ask, make_key
from tests.conftest import SECRET
from tests.factories import make_organisation, make_survey, make_touchpoint


def test_a_cursor_comes_back_as_it_went() -> None:
    key = ["2026-04-14T10:00:00Z", "æ", 3, None]
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize("text", ["", "x", "####", "e30", "æ", "W" * 2_000, "W1tbW1tb"])
def test_a_cursor_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode_cursor(text)
    assert refused.value.field == "after"


def test_the_last_page_has_no_next() -> None:
    assert turn([1, 2], Asked(2, None), lambda n: [n]) == ([1, 2], None)
    shown, cursor = turn([1, 2, 3], Asked(2, None), lambda n: [n])
    assert shown == [1, 2]
    assert decode_cursor(cursor or "") == [2]


LISTS = [
    path.removeprefix("/api/v1")
    for path, methods in create_app(Settings(secret=SECRET, database_url="sqlite://")).openapi()["paths"].items()
    if any(parameter["name"] == "after" for parameter in methods.get("get", {}).get("parameters", []))
]
ID = "0195d0c8-7b1c-7000-8000-000000000000"
DAY = "2026-04-14T10:00:00+00:00"
HAND_MADE: list[Any] = [
    [],
    [None],
    [True],
    [7],
    [{}],
    [[]],
    ["a\0b"],
    ["\ud800"],
    ["x" * 400],
    ["a", "b"],
    ["a", 9],
    ["No slug", ID],
    [ID, ID, ID],
    ["0001-01-01T00:00:00+14:00", ID],
    ["9999-12-31T23:59:59-14:00", ID],
    ["0001-01-01T00:00:00+00:00:01", ID],
    ["2026-04-14T10:00:00", ID],
    ["2026-04-14 ", ID],
    [0, ID],
    [1e300, ID],
    [DAY, ID[:-1]],
    [DAY, ID + "0"],
    [DAY, "0" * 4_000],
    [DAY, 7],
    [DAY, "{" + ID + "}"],
    ["wave", ID[:-2]],
    ["wave\0", ID],
]


@pytest.mark.parametrize("survey", ["nps", "enps"])
def test_no_cursor_made_by_hand_breaks_a_list(settings: Settings, database: Database, survey: str) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id)
        make_survey(session, organisation.id, "enps", template="enps", audience="staff", mode="anonymous")
        make_touchpoint(session, organisation.id)
        key = make_key(session, organisation.id)
    cursors = [made_by_hand(values) for values in HAND_MADE] + ["", "x", "e30", "%00", f"{made_by_hand([DAY, ID])}%0A"]
    paths = [path.replace("{key}", "support") for path in LISTS]
    calls = [("GET", f"{path}?after={cursor}") for path in paths for cursor in cursors]
    calls += [("GET", f"/comments?survey={survey}&after={cursor}") for cursor in cursors]
    calls += [("GET", f"/responses?survey={survey}&format=csv&after={cursor}") for cursor in cursors]
    assert len(paths) >= 10
    for reply in ask(settings, key, *calls):
        assert reply.status_code == 422, (str(reply.request.url), reply.text[:200])
        assert [error["field"] for error in reply.json()["errors"]] == ["after"] or "%00" in str(reply.request.url)


def made_by_hand(values: Any) -> str:
    """A cursor around these values, as whoever knows the shape could make one."""
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")
