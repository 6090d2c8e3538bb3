"""A server killed under load: every answer that was acknowledged is there, once."""

import asyncio
import os
import random
import subprocess
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa
from sqlmodel import select

from app import clock
from app.database import Database
from surveys import links
from surveys.responses import cells, tallies
from surveys.responses.cells import Slice
from surveys.responses.responses import response_id
from surveys.tables import Invitation, Response, Turnout
from tests.conftest import SECRET
from tests.factories import make_contact, make_organisation, make_survey
from tests.journeys.server import free_port, kill, start

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "3"))
ANSWERS = 4000
CONNECTIONS = 32


def issue(database: Database, count: int) -> list[UUID]:
    now = clock.now()
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_survey(session, organisation.id)
        contact = make_contact(session, organisation.id)
        slices = [Slice(survey.key, channel="email", locale=locale) for locale in ("da", "de", "en", "fi", "nl")]
        cells.ensure(session, organisation.id, slices)
        ids = [uuid4() for _ in range(count)]
        rows = [
            {
                "organisation_id": 1, "id": id_, "survey_key": survey.key, "contact_id": contact.id,
                "cell_id": slices[n % 5].id, "deliver": "email", "created_at": now, "invited_on": now.date(),
                "expires_at": now + timedelta(days=30),
            }
            for n, id_ in enumerate(ids)
        ]  # fmt: skip
        session.execute(sa.insert(Invitation), rows)
    return ids


async def answer_until_killed(
    port: int, process: subprocess.Popen[bytes], ids: Sequence[UUID], lifetime: float
) -> dict[UUID, int]:
    """Answer each invitation once, kill the server after `lifetime` seconds; the answers acknowledged."""
    acknowledged: dict[UUID, int] = {}
    waiting = iter(ids)

    async def respondent(http: httpx.AsyncClient) -> None:
        for id_ in waiting:
            score = id_.bytes[0] % 11
            token = links.sign(SECRET.encode(), "answer", 1, id_)
            reply = await http.post(f"http://127.0.0.1:{port}/s/{token}", json={"score": score})
            if reply.status_code in (200, 201):
                acknowledged[id_] = score

    async def killer() -> None:
        await asyncio.sleep(lifetime)
        kill(process)

    async with httpx.AsyncClient(timeout=10, limits=httpx.Limits(max_connections=CONNECTIONS)) as http:
        await asyncio.gather(killer(), *(respondent(http) for _ in range(CONNECTIONS)), return_exceptions=True)
    return acknowledged


def test_every_acknowledged_answer_survives_a_kill(database_url: str) -> None:
    database = Database(database_url)
    ids = issue(database, ANSWERS)
    chance = random.Random(20261121)
    acknowledged: dict[UUID, int] = {}
    started = time.monotonic()
    for number in range(ROUNDS):
        port = free_port()
        process = start(database_url, SECRET, port, "--no-worker")
        share = chance.sample(ids, ANSWERS // 4)
        acknowledged |= asyncio.run(answer_until_killed(port, process, share, chance.uniform(0.05, 1.0)))
        check(database, acknowledged)
        print(f"round {number + 1}: {len(acknowledged)} acknowledged and present, {time.monotonic() - started:.0f} s")
    database.close()
    assert len(acknowledged) > ROUNDS  # a run in which nothing was acknowledged would show nothing


def check(database: Database, acknowledged: dict[UUID, int]) -> None:
    expected = {response_id("nps", "invitation", id_.hex): score for id_, score in acknowledged.items()}
    with database.reading() as session:
        stored = {r.id: r.score for r in session.exec(select(Response))}
        answered = session.execute(
            sa.select(sa.func.count()).select_from(Invitation).where(Invitation.answered_at.is_not(None))  # type: ignore[union-attr]
        ).scalar_one()
        turnout = session.execute(sa.select(sa.func.coalesce(sa.func.sum(Turnout.answered), 0))).scalar_one()
        assert {id_: stored.get(id_) for id_ in expected} == expected
        assert answered == len(stored) == turnout
        assert tallies.check(session, 1) == []
