"""Whoever is erased over the API is nowhere in the database any more, in whichever table they had left something."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.fieldwork import waves
from surveys.tables import Invitation, Wave, metadata
from surveys.tables.columns import core
from tests.app.client import ask, client, make_key
from tests.conftest import SECRETS
from tests.factories import make_contact, make_organisation, make_survey, make_touchpoint, make_unit
from tests.surveys.staff import make_enps

CANARY = "canary-7f3a"
REF = f"{CANARY}@example.org"
PERSON = {"email": REF, "name": f"The {CANARY}", "attributes": {"desk": CANARY}, "audience": "staff", "unit": "crew"}


@pytest.fixture
def owner(database: Database) -> str:
    with database.writing() as session:
        make_organisation(session)
        make_unit(session, 1, "crew")
        make_touchpoint(session, 1)
        make_survey(session, 1, audience="staff", rest_days=0)
        make_enps(session, 1)
        for n in range(12):
            make_contact(session, 1, f"other-{n}", audience="staff", created_at=clock.now() - timedelta(days=99))
        return make_key(session, 1)


def remaining(database: Database) -> dict[str, list[str]]:
    """The rows of every table in which the person still stands."""
    with database.reading() as session:
        rows = {table.name: map(str, session.execute(sa.select(table))) for table in metadata.sorted_tables}
        holding = {name: [row for row in texts if CANARY in row.lower()] for name, texts in rows.items()}
    return {name: texts for name, texts in holding.items() if texts}


def wave(key: str, refs: list[str], opens_at: datetime) -> dict[str, object]:
    closes_at = (opens_at + timedelta(days=7)).isoformat()
    return {"key": key, "opens_at": opens_at.isoformat(), "closes_at": closes_at, "contacts": refs}


def test_nothing_of_an_erased_person_stays_in_any_table(settings: Settings, database: Database, owner: str) -> None:
    now, others = datetime.now(UTC), [f"other-{n}" for n in range(12)]
    met = {"contact": {"ref": REF}, "touchpoint": "support", "occurred_at": now.isoformat(), "id": CANARY}
    replies = ask(
        settings, owner,
        ("POST", "/contacts", {"items": [PERSON]}),
        ("POST", "/surveys/enps/waves", wave("closed", [REF, *others], now)),
    )  # fmt: skip
    with database.writing() as session:
        waves.close(session, 1, "closed", clock.now() + timedelta(days=7), SECRETS)
    replies += ask(
        settings, owner,
        ("POST", "/surveys/enps/waves", wave("open", [*others, REF.upper()], now)),
        ("POST", "/surveys/enps/waves", wave("planned", [*others, REF], now + timedelta(days=30))),
        ("POST", "/surveys/nps/waves", wave("confidential", [REF], now)),
        ("POST", "/interactions", {"items": [met]}),
    )  # fmt: skip
    assert [reply.is_success for reply in replies] == [True] * len(replies), [reply.text for reply in replies]
    answer_all(settings, database)
    assert {"contact", "wave"} <= set(remaining(database))
    (erased,) = ask(settings, owner, ("DELETE", f"/contacts/{REF}?responses=delete"))
    assert erased.status_code == 200
    assert remaining(database) == {}
    with database.reading() as session:
        choices = {wave.key: wave.contacts for wave in session.execute(sa.select(Wave)).scalars()}
    refs = {"closed": others, "open": others, "planned": others, "confidential": []}
    assert choices == {key: {"refs": kept} for key, kept in refs.items()}


def answer_all(settings: Settings, database: Database) -> None:
    """Every confidential link that there is answers, with words that name the person."""
    i = core(Invitation).c
    with database.reading() as session:
        ids = session.execute(sa.select(i.id).where(i.withheld_reason.is_(None), ~i.anonymous)).scalars().all()
    tokens = [links.sign(SECRETS[0], "answer", 1, id_) for id_ in ids]

    async def answer() -> list[int]:
        async with client(settings) as http:
            body = {"score": 3, "comment": f"I am {CANARY}"}
            return [(await http.post(f"/s/{token}", json=body)).status_code for token in tokens]

    assert asyncio.run(answer()) == [201]


def test_a_ref_that_was_changed_is_erased_from_the_lists_that_have_the_former_one(
    settings: Settings, database: Database, owner: str
) -> None:
    later, others = datetime.now(UTC) + timedelta(days=30), [f"other-{n}" for n in range(12)]
    ask(
        settings, owner,
        ("POST", "/contacts", {"items": [PERSON]}),
        ("POST", "/surveys/enps/waves", wave("first", [REF, *others], later)),
        ("POST", "/contacts", {"items": [PERSON | {"ref": f"{CANARY}-2"}]}),
        ("POST", "/surveys/enps/waves", wave("second", [*others, f"{CANARY}-2"], later)),
    )  # fmt: skip
    with database.reading() as session:
        assert session.get_one(Wave, (1, "first")).contacts == {"refs": [f"{CANARY}-2", *others]}
    ask(settings, owner, ("DELETE", f"/contacts/{CANARY}-2"))
    assert remaining(database) == {}
