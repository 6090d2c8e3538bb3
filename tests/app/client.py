"""A client of the application inside the process, with the application's own life around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app.main import create_app
from app.settings import Settings


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
