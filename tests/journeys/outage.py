"""An outage as those meet it who answer, read and manage meanwhile: what each of them was answered."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx

from surveys import links
from tests.conftest import SECRET

PEOPLE = 12
DANISH = {"Accept-Language": "da"}


@dataclass
class Load:
    """Requests of every kind, and what came of them."""

    address: str
    key: str
    ids: Iterator[UUID]
    acknowledged: dict[UUID, int] = field(default_factory=dict)
    replies: list[tuple[str, httpx.Response]] = field(default_factory=list)
    ready: list[int] = field(default_factory=list)

    async def run(self, steps: Sequence[tuple[float, Callable[[], None]]]) -> None:
        """Keep everybody busy while each of the steps waits for so many seconds and does its work."""
        limits = httpx.Limits(max_connections=2 * PEOPLE)
        async with httpx.AsyncClient(base_url=self.address, timeout=30, limits=limits) as http:
            busy = [asyncio.create_task(self._person(http, n)) for n in range(PEOPLE)]
            busy.append(asyncio.create_task(self._balancer(http)))
            for seconds, work in steps:
                await asyncio.sleep(seconds)
                await asyncio.to_thread(work)
            for task in busy:
                task.cancel()
            outcomes = await asyncio.gather(*busy, return_exceptions=True)
        assert [o for o in outcomes if not isinstance(o, asyncio.CancelledError)] == []

    async def _person(self, http: httpx.AsyncClient, number: int) -> None:
        kinds = (self._json, self._form, self._page, self._figures, self._unit)
        for turn in range(number, 1_000_000):
            kind = kinds[turn % len(kinds)]
            self.replies.append((kind.__name__.strip("_"), await kind(http)))
            await asyncio.sleep(0.02)

    async def _balancer(self, http: httpx.AsyncClient) -> None:
        while True:
            self.ready.append((await http.get("/readyz")).status_code)
            await asyncio.sleep(0.3)

    async def _json(self, http: httpx.AsyncClient) -> httpx.Response:
        id_, page, score = self._next()
        reply = await http.post(page, json={"score": score, "comment": "words of mine"})
        if reply.status_code == 201:
            self.acknowledged[id_] = score
        return reply

    async def _form(self, http: httpx.AsyncClient) -> httpx.Response:
        id_, page, score = self._next()
        reply = await http.post(page, data={"score": str(score)}, headers=DANISH)
        if reply.status_code == 303:
            self.acknowledged[id_] = score
        return reply

    async def _page(self, http: httpx.AsyncClient) -> httpx.Response:
        return await http.get(self._next()[1], headers=DANISH)

    async def _figures(self, http: httpx.AsyncClient) -> httpx.Response:
        return await http.get("/api/v1/scores?survey=nps", headers=self._bearer)

    async def _unit(self, http: httpx.AsyncClient) -> httpx.Response:
        return await http.put(
            "/api/v1/units/crew", json={"name": f"words of mine {len(self.replies)}"}, headers=self._bearer
        )

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def _next(self) -> tuple[UUID, str, int]:
        id_ = next(self.ids)
        return id_, f"/s/{links.sign(SECRET.encode(), 'answer', 1, id_)}", id_.bytes[0] % 11

    def counts(self) -> dict[str, Counter[int]]:
        """How often each kind of request was answered with which status."""
        kinds = {kind for kind, _ in self.replies}
        return {kind: Counter(r.status_code for k, r in self.replies if k == kind) for kind in kinds}


def check_replies(load: Load) -> int:
    """Every refusal is a 503 with a time to come again, as a problem or a page; how many there were."""
    assert {reply.status_code for _, reply in load.replies} <= {200, 201, 303, 503}, load.counts()
    refused = [(kind, reply) for kind, reply in load.replies if reply.status_code == 503]
    for kind, reply in refused:
        assert int(reply.headers["retry-after"]) > 0
        if kind in ("form", "page"):
            assert '<html lang="da">' in reply.text
            assert ("intet er gemt" in reply.text) == (kind == "form")
        else:
            assert reply.json()["type"] == "urn:soundings:problem:busy"
    return len(refused)


def lines_of(log: Path, *events: str) -> list[dict[str, object]]:
    """The lines of a log that tell of these events; every line of it is one."""
    wanted = []
    for line in log.read_text().splitlines():
        if line.startswith("{") and (entry := json.loads(line))["event"] in events:
            wanted.append(entry)
    return wanted


def wait_for(log: Path, event: str, seconds: float = 30) -> None:
    """Wait until the log tells of an event."""
    deadline = time.monotonic() + seconds
    while not lines_of(log, event):
        assert time.monotonic() < deadline, f"no '{event}' within {seconds:.0f} s"
        time.sleep(0.1)
