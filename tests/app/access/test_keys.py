"""API keys open by their one spelling, until their last day, and an organisation never loses its last owner."""

import asyncio
import string
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from app import clock
from app.access import keys
from app.settings import Settings
from app.storage.database import Database
from surveys.facts import Malformed, Refused, Unknown
from tests.app.client import ask, client, make_key
from tests.factories import NOW, make_organisation, make_unit

LETTERS = string.ascii_letters + string.digits + "-_"


def test_a_key_opens_by_its_one_spelling_only(database: Database) -> None:
    with database.writing() as session:
        text = make_key(session, make_organisation(session).id)
        opening = [letter for letter in LETTERS if keys.authenticate(session, text[:-1] + letter, NOW)]
        assert opening == [text[-1]]
        for spelling in (f"{text}=", f"{text}==", f"{text} ", f"{text[:20]}\n{text[20:]}", text.upper()):
            assert keys.authenticate(session, spelling, NOW) is None


@pytest.mark.parametrize(
    "expires_on", [0, 1, 86_400, 1e9, "0", "1700000000", "2030-01-01T00:00:00", True, "01.02.2030", "2030-13-01"]
)
def test_a_last_day_is_written_as_a_day(settings: Settings, database: Database, expires_on: Any) -> None:
    with database.writing() as session:
        owner = make_key(session, make_organisation(session).id)
    refused, taken, left_out = ask(
        settings,
        owner,
        ("POST", "/keys", {"role": "reader", "expires_on": expires_on}),
        ("POST", "/keys", {"role": "reader", "expires_on": "2100-02-01"}),
        ("POST", "/keys", {"role": "reader", "expires_on": None}),
    )
    assert (refused.status_code, [e["field"] for e in refused.json()["errors"]]) == (422, ["expires_on"])
    assert (taken.status_code, taken.json()["expires_on"]) == (201, "2100-02-01")
    assert (left_out.status_code, left_out.json()["expires_on"]) == (201, None)


def test_a_key_is_not_made_that_has_expired_already(database: Database) -> None:
    today = date(2026, 4, 14)
    with database.writing() as session:
        number = make_organisation(session).id
        made, text = keys.create(session, number, role="owner", now=NOW, expires_on=today)
        assert keys.authenticate(session, text, NOW) is not None
        assert keys.authenticate(session, text, NOW + timedelta(days=1)) is None
        with pytest.raises(Malformed) as refused:
            keys.create(session, number, role="owner", now=NOW, expires_on=today - timedelta(days=1))
        assert (refused.value.field, made.expires_on) == ("expires_on", today)


def test_the_last_owner_cannot_be_revoked(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        first, text = keys.create(session, number, role="owner", now=NOW)
        reader, _ = keys.create(session, number, role="reader", now=NOW)
        gone, _ = keys.create(session, number, role="owner", now=NOW, expires_on=date(2026, 4, 14))
        abroad, _ = keys.create(session, make_organisation(session, "other").id, role="owner", now=NOW)
    refused, foreign, allowed, expired, still = ask(
        settings,
        text,
        ("DELETE", f"/keys/{first.id}"),
        ("DELETE", f"/keys/{abroad.id}"),
        ("DELETE", f"/keys/{reader.id}"),
        ("DELETE", f"/keys/{gone.id}"),
        ("GET", "/organisation"),
    )
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:soundings:problem:conflict")
    assert [r.status_code for r in (foreign, allowed, expired, still)] == [404, 204, 204, 200]
    made, left, out = ask(
        settings, text, ("POST", "/keys", {"role": "owner"}), ("DELETE", f"/keys/{first.id}"), ("GET", "/organisation")
    )
    assert [r.status_code for r in (made, left, out)] == [201, 204, 401]


def test_two_owners_who_revoke_each_other_leave_one(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        made = [keys.create(session, number, role="owner", now=NOW) for _ in range(4)]

    async def run() -> list[httpx.Response]:
        async with client(settings) as http:
            calls = [
                http.delete(f"/api/v1/keys/{key.id}", headers={"Authorization": f"Bearer {made[n - 1][1]}"})
                for n, (key, _) in enumerate(made)
            ]
            return list(await asyncio.gather(*calls))

    statuses = {reply.status_code for reply in asyncio.run(run())}
    assert statuses <= {204, 401, 409}
    with database.reading() as session:
        assert any(keys.authenticate(session, text, clock.now()) for _, text in made)


def test_an_administrator_may_revoke_every_key(database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        key, text = keys.create(session, number, role="owner", now=NOW)
        with pytest.raises(Refused):
            keys.revoke(session, number, key.id, NOW)
        with pytest.raises(Unknown):
            keys.revoke(session, number + 1, key.id, NOW)
        keys.revoke(session, number, key.id, NOW, last_owner_too=True)
        assert keys.authenticate(session, text, NOW) is None


def test_what_a_key_is_for_is_one_line_and_its_unit_is_there(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        owner = make_key(session, make_organisation(session).id)
        make_unit(session, make_organisation(session, "other").id, "theirs")
    refused = ask(
        settings,
        owner,
        ("POST", "/keys", {"role": "reader", "name": "BI\nrevoked"}),
        ("POST", "/keys", {"role": "reader", "name": "BI\u2028"}),
        ("POST", "/keys", {"role": "manager", "unit": "nobodys"}),
        ("POST", "/keys", {"role": "manager", "unit": "theirs"}),
    )
    assert [reply.status_code for reply in refused] == [422] * 4
    fields = [reply.json()["errors"][0]["field"] for reply in refused]
    assert fields == ["name", "name", "unit", "unit"]
    assert refused[3].json()["errors"][0]["message"] == "there is no unit 'theirs'."
