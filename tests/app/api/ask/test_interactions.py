"""Contacts meet touchpoints, and are asked about it once the delay of the touchpoint has passed."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys.contacts import erasure, subject_access
from surveys.organisation.organisations import end_of_day
from surveys.tables import Cell, Contact, Interaction, Invitation, Turnout
from tests.app.client import ask, client, make_key
from tests.conftest import SECRETS
from tests.factories import make_contact, make_organisation, make_survey, make_touchpoint

NOBODY = {"unsubscribed": 0, "bounced": 0, "no_address": 0, "already_invited": 0, "resting": 0, "sampled_out": 0}


@pytest.fixture
def key(database: Database) -> str:
    with database.writing() as session:
        make_organisation(session)
        make_survey(session, 1, segments=["plan", "route"])
        make_touchpoint(session, 1, "support", survey_key="nps", survey_delay_hours=24)
        make_touchpoint(session, 1, "phone", survey_key="nps")
        make_touchpoint(session, 1, "invoice")
        make_contact(session, 1, "ada", attributes={"plan": "gold", "route": "north"})
        return make_key(session, 1)


def met(ref: str, touchpoint: str = "support", **facts: Any) -> dict[str, Any]:
    return {"contact": {"ref": ref, "email": f"{ref}@example.org"}, "touchpoint": touchpoint} | facts


def post(*items: Any) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/interactions", {"items": list(items)}


def told(reply: httpx.Response) -> dict[str, Any]:
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def stored(database: Database, table: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.exec(select(table)).all())


def test_the_survey_of_a_touchpoint_follows_after_its_delay(settings: Settings, key: str, database: Database) -> None:
    at = clock.now().replace(microsecond=0) - timedelta(hours=3)
    (reply,) = ask(settings, key, post(met("ada", occurred_at=at.isoformat()), met("bo", "invoice")))
    assert told(reply) == {"invited": 1, "withheld": NOBODY, "already_there": 0, "refused": []}
    (invitation,) = stored(database, Invitation)
    assert (invitation.survey_key, invitation.deliver) == ("nps", "email")
    assert invitation.send_at == at + timedelta(hours=24)
    assert invitation.expires_at == end_of_day(at + timedelta(hours=24, days=30), "Europe/Copenhagen")
    assert sorted(c.ref for c in stored(database, Contact)) == ["ada", "bo"]
    assert sorted(i.touchpoint_key for i in stored(database, Interaction)) == ["invoice", "support"]


def test_each_in_a_batch_is_due_after_its_own_delay(settings: Settings, key: str, database: Database) -> None:
    at = clock.now().replace(microsecond=0)
    times = {ref: at - timedelta(hours=n) for n, ref in enumerate(("ada", "bo", "cy"), 1)}
    (reply,) = ask(settings, key, post(*(met(ref, occurred_at=time.isoformat()) for ref, time in times.items())))
    assert told(reply)["invited"] == 3
    refs = {c.id: c.ref for c in stored(database, Contact)}
    due = {refs[i.contact_id]: (i.send_at, i.expires_at) for i in stored(database, Invitation)}
    sent = {ref: time + timedelta(hours=24) for ref, time in times.items()}
    zone = "Europe/Copenhagen"
    assert due == {ref: (time, end_of_day(time + timedelta(days=30), zone)) for ref, time in sent.items()}
    with database.reading() as session:
        assert session.exec(select(Turnout.invited)).all() == []  # none of the mails has gone out


def test_what_is_due_already_is_sent_now(settings: Settings, key: str, database: Database) -> None:
    (reply,) = ask(settings, key, post(met("ada", occurred_at="2020-01-01T10:00:00Z"), met("bo", "phone")))
    assert told(reply)["invited"] == 2
    assert all(i.send_at <= clock.now() for i in stored(database, Invitation))


def test_a_repeat_adds_and_changes_nothing(settings: Settings, key: str, database: Database) -> None:
    first = met("bo", id="call-1")
    again = met("bo", id="call-1") | {"contact": {"ref": "bo", "name": "Another name"}}
    once, twice = ask(settings, key, post(first, again), post(again))
    assert told(once) == {"invited": 1, "withheld": NOBODY, "already_there": 1, "refused": []}
    assert told(twice) == {"invited": 0, "withheld": NOBODY, "already_there": 1, "refused": []}
    assert len(stored(database, Invitation)) == len(stored(database, Interaction)) == 1
    assert {c.name for c in stored(database, Contact)} == {None}


def test_a_request_sent_again_with_its_key_takes_effect_once(settings: Settings, key: str, database: Database) -> None:
    async def run() -> list[httpx.Response]:
        async with client(settings, key) as http:
            sent = {"json": {"items": [met("bo")]}, "headers": {"Idempotency-Key": "7"}}
            return [await http.post("/api/v1/interactions", **sent) for _ in range(2)]  # type: ignore[arg-type]

    first, second = asyncio.run(run())
    assert told(first) == told(second)
    assert len(stored(database, Interaction)) == 1


def test_who_is_asked_already_or_has_no_address_is_withheld(settings: Settings, key: str, database: Database) -> None:
    nowhere = {"contact": {"ref": "cy"}, "touchpoint": "support"}
    twice = [met("ada", occurred_at="2026-01-01T10:00:00Z", id=id_) for id_ in "ab"]
    (reply,) = ask(settings, key, post(*twice, met("ada", "phone"), nowhere))
    assert told(reply)["invited"] == 1
    assert told(reply)["withheld"] == NOBODY | {"already_invited": 1, "resting": 1, "no_address": 1}
    assert len(stored(database, Interaction)) == len(stored(database, Invitation)) == 4


def test_bad_rows_are_named_and_good_ones_kept(settings: Settings, key: str, database: Database) -> None:
    (reply,) = ask(
        settings, key,
        post(
            met("a", "nowhere"), met("b", occurred_at="2999-01-01T00:00:00Z"), met("c", occurred_at="yesterday"),
            met("d", occurred_at=1_700_000_000), met("e") | {"contact": {"email": "no address"}},
            met("f") | {"contact": {}}, {"touchpoint": "support"}, met("g", attributes={"plan": ["x"]}),
            met("h", attributes={"plan": "x" * 501}), met("i", more=1), met("j", occurred_at="2026-01-01T10:00:00"),
            met("k") | {"contact": {"ref": "k", "unit": "nowhere"}}, met("l", id=""),
            met("good", id="ok"), met("n", id="lost") | {"contact": {}}, met("n", id="lost"),
        ),
    )  # fmt: skip
    refused = [(r["row"], r["field"].split(".str")[0]) for r in told(reply)["refused"]]
    assert refused == [
        (1, "touchpoint"), (2, "occurred_at"), (3, "occurred_at"), (4, "occurred_at"), (5, "contact.email"),
        (6, "contact.ref"), (7, "contact"), (8, "attributes.plan"), (9, "attributes.plan"), (10, "more"),
        (11, "occurred_at"), (12, "contact.unit"), (13, "id"), (15, "contact.ref"), (16, "id"),
    ]  # fmt: skip
    assert told(reply)["invited"] == 1
    assert sorted(c.ref for c in stored(database, Contact)) == ["ada", "good"]
    assert [i.external_id for i in stored(database, Interaction)] == ["ok"]


def test_the_answer_counts_in_the_segments_of_the_interaction_and_then_of_the_contact(
    settings: Settings, key: str, database: Database
) -> None:
    (reply,) = ask(settings, key, post(met("ada", attributes={"route": "south", "agent": 7}), met("bo")))
    assert told(reply)["invited"] == 2
    with database.reading() as session:
        cells = session.exec(select(Cell)).all()
    assert sorted((c.touchpoint_key, c.segments) for c in cells if c.segments) == [
        ("support", {"plan": "gold", "route": "south"})
    ]
    ada = next(c for c in stored(database, Contact) if c.ref == "ada")
    assert ada.attributes == {"plan": "gold", "route": "north"}


def test_a_person_is_told_their_interactions_and_erased_from_them_for_good(
    settings: Settings, key: str, database: Database
) -> None:
    item = met("ada", id="call-1", attributes={"route": "south"})
    ask(settings, key, post(item, met("bo", id="call-2")))
    with database.writing() as session:
        (one,) = subject_access.held(session, 1, "ada")["interactions"]
        assert (one["external_id"], one["touchpoint_key"], one["attributes"]) == (
            "call-1", "support", {"route": "south"},
        )  # fmt: skip
        erasure.erase(session, 1, "ada", clock.now(), SECRETS)
    left = {i.external_id: (i.contact_id is None, i.attributes) for i in stored(database, Interaction)}
    assert left == {None: (True, {}), "call-2": (False, {})}
    (again,) = ask(settings, key, post(item))
    assert told(again)["already_there"] == 1
    assert [c.ref for c in stored(database, Contact)] == ["bo"]


def test_a_touchpoint_is_bound_to_a_survey_and_set_free(settings: Settings, key: str) -> None:
    body = {"name": "Desk", "audience": "customers"}
    bound, free, unknown, alone, late = ask(
        settings, key,
        ("PUT", "/touchpoints/desk", body | {"survey": "nps", "delay_hours": 2}),
        ("PUT", "/touchpoints/desk", body),
        ("PUT", "/touchpoints/desk", body | {"survey": "none"}),
        ("PUT", "/touchpoints/desk", body | {"delay_hours": 2}),
        ("PUT", "/touchpoints/desk", body | {"survey": "nps", "delay_hours": 8761}),
    )  # fmt: skip
    assert (bound.json()["survey"], bound.json()["delay_hours"]) == ("nps", 2)
    assert (free.json()["survey"], free.json()["delay_hours"]) == (None, None)
    assert [r.json()["errors"][0]["field"] for r in (unknown, alone, late)] == ["survey", "delay_hours", "delay_hours"]
