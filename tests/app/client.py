"""A client of the application inside the process, with the application's own life around it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlmodel import Session

from app import clock
from app.access import keys
from app.main import create_app
from app.settings import Settings

Call = tuple[str, str] | tuple[str, str, Any]  # method, path and JSON body


@asynccontextmanager
async def client(settings: Settings, key: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """An httpx client of a started application; `key` is sent as the bearer."""
    app = create_app(settings)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://soundings.test", headers=headers) as opened,
    ):
        yield opened


def make_key(session: Session, organisation_id: int, role: str = "owner", unit: str | None = None) -> str:
    """The text of a new key."""
    return keys.create(session, organisation_id, role=role, unit=unit, now=clock.now())[1]


def ask(settings: Settings, key: str | None, *calls: Call) -> list[httpx.Response]:
    """The replies to (method, path) or (method, path, JSON body), one after the other; paths are below /api/v1."""

    async def run() -> list[httpx.Response]:
        async with client(settings, key) as http:
            return [await http.request(c[0], f"/api/v1{c[1]}", json=c[2] if len(c) > 2 else None) for c in calls]

    return asyncio.run(run())
