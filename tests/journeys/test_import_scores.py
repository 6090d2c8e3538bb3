"""What was imported comes out of GET /scores as the counts that were made of it elsewhere."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app import clock
from app.access import keys
from app.settings import Settings
from app.storage.database import Database
from tests.app.client import client
from tests.journeys.exports import FILES, Command


@pytest.mark.parametrize(("file", "options", "counts", "_blank"), FILES, ids=[f[0].stem for f in FILES])
def test_an_imported_file_scores_as_it_was_counted(
    command: Command,
    database: Database,
    settings: Settings,
    *,
    file: Path,
    options: list[str],
    counts: tuple[float, ...],
    _blank: int,
) -> None:
    assert command(file, *options).exit_code == 0
    with database.writing() as session:
        _, key = keys.create(session, 1, role="reader", name="BI", now=clock.now())

    async def ask() -> Any:
        async with client(settings) as http:
            reply = await http.get("/api/v1/scores?survey=nps", headers={"Authorization": f"Bearer {key}"})
            return reply.json()["total"]

    total = asyncio.run(ask())
    found = [total[name] for name in ("responses", "promoters", "passives", "detractors", "nps")]
    assert found == [*counts[:4], round(counts[4], 2)]
