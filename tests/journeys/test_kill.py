"""A server killed under load: every answer that was acknowledged is there, once."""

import asyncio
import os
import random
import subprocess
import time
from collections.abc import Sequence
from uuid import UUID

import httpx

from app.storage.database import Database
from surveys import links
from tests.conftest import SECRET
from tests.journeys.acknowledged import check, issue
from tests.journeys.server import free_port, kill, start

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "3"))
ANSWERS = 4000
CONNECTIONS = 32


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
