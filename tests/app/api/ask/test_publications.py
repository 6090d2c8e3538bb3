"""Publishing over the API: who may, what comes back, and what is refused."""

import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import ask, make_key
from tests.factories import make_organisation
from tests.surveys.results import make_results
from tests.surveys.staff import hire, make_enps, open_wave, team

PATH = "/waves/w1/publication"
BODY = {"note": "We will act. ", "comments": True}


@pytest.fixture
def keys(database: Database) -> dict[str, str]:
    """A key per role, and one of another organisation that has a wave of the same name."""
    with database.writing() as session:
        number, _ = make_results(session)
        made = {
            role: make_key(session, number, role, "ships" if role == "manager" else None)
            for role in ("owner", "analyst", "sender", "manager", "reader")
        }
        other, _ = make_results(session, "other")
        return made | {"other": make_key(session, other)}


def test_a_wave_is_published_read_changed_and_withdrawn(settings: Settings, keys: dict[str, str]) -> None:
    none, made, read, changed, gone, after, twice = ask(
        settings, keys["analyst"], ("GET", PATH), ("PUT", PATH, BODY), ("GET", PATH), ("PUT", PATH, {"note": ""}),
        ("DELETE", PATH), ("GET", PATH), ("DELETE", PATH),
    )  # fmt: skip
    assert [none.status_code, made.status_code, changed.status_code, gone.status_code] == [404, 201, 200, 204]
    assert [after.status_code, twice.status_code] == [404, 404]
    told = made.json()
    assert set(told) == {"wave", "note", "comments", "published_at", "items"}
    assert (told["wave"], told["note"], told["comments"]) == ("w1", "We will act.", True)
    assert [item["unit"] for item in told["items"]] == [None, "desk", "engine", "ships", "shore"]
    assert all(item["link"].startswith("http://soundings.test/r/") for item in told["items"])
    assert read.json() == told
    assert changed.json() == told | {"note": "", "comments": False}


def test_only_owner_and_analyst_publish(settings: Settings, keys: dict[str, str]) -> None:
    for role in ("sender", "manager", "reader"):
        calls = ask(settings, keys[role], ("PUT", PATH, BODY), ("GET", PATH), ("DELETE", PATH))
        assert [reply.status_code for reply in calls] == [403, 403, 403]
    assert ask(settings, keys["owner"], ("PUT", PATH, BODY))[0].status_code == 201


def test_another_organisations_publication_is_not_there(settings: Settings, keys: dict[str, str]) -> None:
    ask(settings, keys["owner"], ("PUT", PATH, BODY))
    replies = ask(settings, keys["other"], ("GET", PATH), ("DELETE", PATH), ("PUT", "/waves/w9/publication", BODY))
    assert [reply.status_code for reply in replies] == [404, 404, 404]
    assert ask(settings, keys["owner"], ("GET", PATH))[0].status_code == 200


def test_an_open_wave_is_not_published(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        staff = team(None, 12)
        hire(session, number, staff)
        open_wave(session, make_enps(session, number), "w1", staff)
        key = make_key(session, number)
    (reply,) = ask(settings, key, ("PUT", PATH, BODY))
    assert (reply.status_code, reply.json()["type"]) == (409, "urn:soundings:problem:conflict")


def test_a_note_is_not_endless(settings: Settings, keys: dict[str, str]) -> None:
    (reply,) = ask(settings, keys["owner"], ("PUT", PATH, {"note": "x" * 5001}))
    assert [error["field"] for error in reply.json()["errors"]] == ["note"]
