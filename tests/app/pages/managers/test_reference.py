"""The API's reference page: complete, our own, and without anything from elsewhere."""

import asyncio
import re

import httpx

from app.settings import Settings
from tests.app.client import client


def test_every_call_of_the_document_is_on_the_page_and_nothing_comes_from_elsewhere(settings: Settings) -> None:
    async def run() -> tuple[httpx.Response, httpx.Response]:
        async with client(settings) as http:
            return await http.get("/docs"), await http.get("/openapi.json")

    page, document = asyncio.run(run())
    assert page.status_code == 200
    for path, methods in document.json()["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page.text
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)
    assert "script-src 'self'" in page.headers["content-security-policy"]
