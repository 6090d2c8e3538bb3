"""Senders ask contacts by mail, by link and in waves, and see what became of each invitation."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.settings import Settings
from app.storage.database import Database
from tests.app.client import Call, ask, make_key
from tests.factories import make_contact, make_organisation, make_survey, make_touchpoint

NOBODY = {"unsubscribed": 0, "bounced": 0, "no_address": 0, "already_invited": 0, "resting": 0, "sampled_out": 0}


@pytest.fixture
def key(database: Database) -> str:
    with database.writing() as session:
        make_organisation(session)
        make_survey(session, 1)
        make_touchpoint(session, 1)
        make_contact(session, 1, "ada")
        make_contact(session, 1, "bo", email=None)
        return make_key(session, 1, "sender")


def invite(**body: Any) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/surveys/nps/invitations", {"contacts": "all", "touchpoint": "support", "deliver": "email"} | body


def test_a_link_handed_out_can_be_answered(settings: Settings, key: str) -> None:
    (issued,) = ask(settings, key, invite(contacts=["ada"], deliver="link"))
    assert issued.status_code == 200
    assert (issued.json()["invited"], issued.json()["withheld"]) == (1, NOBODY)
    (item,) = issued.json()["items"]
    assert item["contact"] == "ada"
    assert item["link"].startswith("http://soundings.test/s/")
    token = item["link"].rpartition("/")[2]
    answered, listed = ask(
        settings, key, ("POST", f"/../../s/{token}", {"score": 9}), ("GET", "/invitations?state=answered")
    )
    assert answered.status_code == 201
    (row,) = listed.json()["items"]
    assert (row["contact"], row["state"], row["touchpoint"], row["deliver"]) == ("ada", "answered", "support", "link")


def test_mail_waits_in_the_outbox_and_the_rest_is_withheld(settings: Settings, key: str) -> None:
    issued, again, waiting, withheld = ask(
        settings, key, invite(), invite(), ("GET", "/invitations?state=waiting"), ("GET", "/invitations?state=withheld")
    )
    assert issued.json() == {"invited": 1, "withheld": NOBODY | {"no_address": 1}}
    assert again.json() == {"invited": 0, "withheld": NOBODY | {"no_address": 1, "already_invited": 1}}
    assert [row["contact"] for row in waiting.json()["items"]] == ["ada"]
    assert sorted((row["contact"], row["reason"]) for row in withheld.json()["items"]) == [
        ("ada", "already_invited"), ("bo", "no_address"), ("bo", "no_address"),
    ]  # fmt: skip


def test_a_withdrawn_link_is_over(settings: Settings, key: str) -> None:
    issued, listed = ask(settings, key, invite(contacts=["ada"], deliver="link"), ("GET", "/invitations"))
    token = issued.json()["items"][0]["link"].rpartition("/")[2]
    path = f"/invitations/{listed.json()['items'][0]['id']}"
    calls: list[Call] = [
        ("DELETE", path),
        ("DELETE", path),
        ("POST", f"/../../s/{token}", {"score": 9}),
        ("GET", "/invitations"),
    ]
    *replies, last = ask(settings, key, *calls)
    assert [r.status_code for r in replies] == [204, 204, 410]
    assert [(row["state"], row["reason"]) for row in last.json()["items"]] == [("expired", "withdrawn")]


def test_invitations_are_listed_page_by_page_and_by_contact(settings: Settings, key: str, database: Database) -> None:
    with database.writing() as session:
        for n in range(5):
            make_contact(session, 1, f"c{n}")
    _, first = ask(settings, key, invite(deliver="link"), ("GET", "/invitations?limit=4&survey=nps"))
    (second, own) = ask(
        settings,
        key,
        ("GET", f"/invitations?limit=4&survey=nps&after={first.json()['next']}"),
        ("GET", "/invitations?contact=c3"),
    )
    seen = [row["contact"] for row in first.json()["items"] + second.json()["items"]]
    assert sorted(seen) == ["ada", "bo", "c0", "c1", "c2", "c3", "c4"]
    assert [row["contact"] for row in own.json()["items"]] == ["c3"]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("contacts.1", {"contacts": ["ada", "nobody"]}),
        ("touchpoint", {"touchpoint": "nowhere"}),
        ("contacts.unit", {"contacts": {"unit": "nowhere"}}),
        ("sample", {"sample": 2}),
        ("send_at", {"send_at": "2026-04-14T10:00:00"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_what_is_not_there_is_named(settings: Settings, key: str, field: str, body: dict[str, Any]) -> None:
    refused, listed = ask(settings, key, invite(**body), ("GET", "/invitations"))
    assert refused.status_code == 422
    assert [e["field"] for e in refused.json()["errors"]] == [field]
    assert listed.json()["items"] == []


@pytest.mark.parametrize("name", ["survey", "wave", "contact"])
def test_a_filter_of_the_invitations_that_names_nothing_is_refused(settings: Settings, key: str, name: str) -> None:
    (refused,) = ask(settings, key, ("GET", f"/invitations?{name}=nowhere"))
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": name, "message": f"there is no {name} 'nowhere'."}]


def test_a_wave_whose_time_has_come_opens_at_once_and_closes(settings: Settings, key: str) -> None:
    now = clock.now()
    wave = {
        "key": "spring", "opens_at": now.isoformat(), "closes_at": (now + timedelta(days=7)).isoformat(),
        "contacts": {"audience": "customers"}, "sample": None, "touchpoint": "support", "reminders_after_days": [3, 7],
    }  # fmt: skip
    calls: list[Call] = [
        ("POST", "/surveys/nps/waves", wave),
        ("GET", "/invitations?wave=spring&state=waiting"),
        ("POST", "/waves/spring/closure"),
        ("GET", "/invitations?wave=spring&state=expired"),
        ("GET", "/waves"),
        ("POST", "/surveys/nps/waves", wave),
    ]
    made, waiting, closed, expired, listed, again = ask(settings, key, *calls)
    assert (made.status_code, made.json()["invited_at"] is not None) == (201, True)
    assert [row["contact"] for row in waiting.json()["items"]] == ["ada"]
    assert (closed.status_code, closed.json()["closed_at"] is not None) == (200, True)
    assert [row["reason"] for row in expired.json()["items"]] == ["wave_closed"]
    assert [w["key"] for w in listed.json()["items"]] == ["spring"]
    assert again.status_code == 409
