"""What is archived is no longer offered or asked, and reported as before."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app import clock
from app.settings import Settings
from app.storage.database import Database
from tests.app.client import Call, ask, make_key
from tests.factories import make_contact, make_organisation

NORTH = {"name": "North"}
PHONE = {"name": "Phone", "audience": "customers", "unit": "north"}
SPRING = {"template": "nps", "name": "Spring", "rest_days": 0}
ALL = ("units/north", "touchpoints/phone", "surveys/spring")


@pytest.fixture
def owner(database: Database) -> str:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_contact(session, organisation.id, "ada")
        return make_key(session, organisation.id)


@pytest.fixture
def used(settings: Settings, owner: str) -> str:
    """The key of an organisation that has a unit, a touchpoint and a survey with an answer."""
    response = {"score": 9, "touchpoint": "phone"}
    made = ask(
        settings, owner, ("PUT", "/units/north", NORTH), ("PUT", "/touchpoints/phone", PHONE),
        ("PUT", "/surveys/spring", SPRING), ("POST", "/surveys/spring/responses", {"items": [response]}),
    )  # fmt: skip
    assert [reply.status_code for reply in made] == [201, 201, 201, 200]
    return owner


def archive(settings: Settings, key: str, *paths: str) -> list[int]:
    return [reply.status_code for reply in ask(settings, key, *(("DELETE", f"/{path}") for path in paths))]


def listed(settings: Settings, key: str, query: str = "") -> list[list[str]]:
    lists = ask(settings, key, *(("GET", f"/{noun}{query}") for noun in ("units", "touchpoints", "surveys")))
    return [[item["key"] for item in reply.json()["items"]] for reply in lists]


def test_what_is_archived_is_listed_apart_and_reported_as_before(settings: Settings, used: str) -> None:
    assert archive(settings, used, "touchpoints/phone", "units/north", "surveys/spring") == [204, 204, 204]
    assert archive(settings, used, *ALL) == [204, 204, 204]
    assert listed(settings, used) == [[], [], []]
    assert listed(settings, used, "?archived=true") == [["north"], ["phone"], ["spring"]]
    scores, one = ask(
        settings, used, ("GET", "/scores?survey=spring&touchpoint=phone&unit=north"), ("GET", "/surveys/spring")
    )
    assert scores.json()["items"][0]["responses"] == 1
    assert one.json()["archived_at"].endswith("Z")


def test_what_is_archived_is_neither_asked_nor_offered(settings: Settings, used: str) -> None:
    archive(settings, used, "touchpoints/phone", "units/north")
    meeting = {"contact": {"ref": "ada"}, "touchpoint": "phone"}
    person = {"ref": "ben", "unit": "north"}
    wave = {"key": "w", "opens_at": "2030-01-01T00:00:00Z", "closes_at": "2030-02-01T00:00:00Z"}
    refused = ask(
        settings, used,
        ("POST", "/surveys/spring/invitations", {"contacts": "all", "touchpoint": "phone", "deliver": "link"}),
        ("POST", "/surveys/spring/invitations", {"contacts": {"unit": "north"}, "deliver": "link"}),
        ("PUT", "/touchpoints/desk", PHONE),
        ("PUT", "/units/harbour", {"name": "Harbour", "parent": "north"}),
    )  # fmt: skip
    assert [(reply.status_code, reply.json()["errors"][0]["field"]) for reply in refused] == [
        (422, "touchpoint"), (422, "contacts.unit"), (422, "unit"), (422, "parent"),
    ]  # fmt: skip
    taken = ask(
        settings, used, ("POST", "/interactions", {"items": [meeting]}), ("POST", "/contacts", {"items": [person]})
    )
    assert [reply.json()["refused"][0]["field"] for reply in taken] == ["touchpoint", "unit"]
    page = ("POST", "/touchpoints/phone/pages", {"survey": "spring"})
    archive(settings, used, "surveys/spring")
    asked = ("POST", "/surveys/spring/invitations", {"contacts": "all", "deliver": "link"})
    replies = ask(settings, used, page, asked, ("POST", "/surveys/spring/waves", wave))
    assert [reply.status_code for reply in replies] == [409, 409, 409]


def test_a_put_brings_back_what_was_archived(settings: Settings, used: str) -> None:
    archive(settings, used, "touchpoints/phone", "units/north", "surveys/spring")
    back = ask(
        settings, used, ("PUT", "/units/north", NORTH), ("PUT", "/touchpoints/phone", PHONE),
        ("PUT", "/surveys/spring", SPRING),
        ("POST", "/surveys/spring/invitations", {"contacts": "all", "touchpoint": "phone", "deliver": "link"}),
    )  # fmt: skip
    assert [reply.status_code for reply in back] == [200, 200, 200, 200]
    assert listed(settings, used) == [["north"], ["phone"], ["spring"]]


def wave(**body: Any) -> Call:
    now = clock.now()
    times = {"opens_at": (now + timedelta(days=1)).isoformat(), "closes_at": (now + timedelta(days=2)).isoformat()}
    return "POST", "/surveys/spring/waves", {"key": "w", **times, **body}


INVITED = ("POST", "/surveys/spring/invitations", {"contacts": "all", "touchpoint": "phone", "deliver": "link"})
PAGE = ("POST", "/touchpoints/phone/pages", {"survey": "spring", "unit": "north"})


@pytest.mark.parametrize(
    ("opening", "closing", "kept"),
    [
        (wave(touchpoint="phone", contacts={"unit": "north"}), ("POST", "/waves/w/closure"), ALL),
        (INVITED, ("DELETE", "/invitations/{id}"), ALL),
        (PAGE, ("DELETE", "/touchpoints/phone/pages/{code}"), ALL),
        (("PUT", "/touchpoints/phone", PHONE | {"survey": "spring"}), ("PUT", "/touchpoints/phone", PHONE), ALL[2:]),
        (("PUT", "/units/quay", {"name": "Quay", "parent": "north"}), ("DELETE", "/units/quay"), ALL[:1]),
    ],
    ids=["wave", "invitation", "page", "touchpoint", "unit"],
)
def test_what_something_open_needs_is_not_archived_before_that_is_over(
    settings: Settings, used: str, opening: Call, closing: tuple[str, str], kept: tuple[str, ...]
) -> None:
    (opened,) = ask(settings, used, opening)
    assert opened.is_success
    assert archive(settings, used, *kept) == [409] * len(kept)
    close(settings, used, opened, *closing)
    assert archive(settings, used, *reversed(ALL[1:])) == [204, 204]
    assert archive(settings, used, "units/north") == [204]


def close(settings: Settings, key: str, opened: httpx.Response, method: str, path: str, *body: Any) -> None:
    """End what was opened, found by what the answer or the list of invitations says of it."""
    (listed,) = ask(settings, key, ("GET", "/invitations"))
    names = {"code": opened.json().get("code"), "id": next((item["id"] for item in listed.json()["items"]), None)}
    (closed,) = ask(settings, key, (method, path.format(**names), *body))
    assert closed.is_success


def test_a_touchpoint_has_a_name_and_a_promise_per_language(settings: Settings, owner: str) -> None:
    names, promises = {"da": "Telefon", "en": "Phone"}, {"da": "Svar straks"}
    body = {"audience": "customers", "names": names, "promises": promises}
    made, plain, wrong, broken, none = ask(
        settings, owner,
        ("PUT", "/touchpoints/phone", body),
        ("PUT", "/touchpoints/desk", {"audience": "customers", "name": "Desk", "promise": "A smile"}),
        ("PUT", "/touchpoints/phone", body | {"names": {"xx-nowhere": "Phone"}}),
        ("PUT", "/touchpoints/phone", body | {"names": {"en": "Pho\nne"}}),
        ("PUT", "/touchpoints/phone", {"audience": "customers"}),
    )  # fmt: skip
    shown = {name: made.json()[name] for name in ("name", "names", "promise", "promises")}
    assert shown == {"name": "Phone", "names": names, "promise": "Svar straks", "promises": promises}
    assert (plain.json()["name"], plain.json()["promise"], plain.json()["names"]) == ("Desk", "A smile", {})
    assert [(reply.status_code, reply.json()["errors"][0]["field"]) for reply in (wrong, broken, none)] == [
        (422, "names.xx-nowhere"), (422, "names.en"), (422, "name"),
    ]  # fmt: skip
