"""An address with a slash too many leads to the one without, on this very service."""

import asyncio

import httpx
import pytest

from app.settings import Settings
from tests.app.client import client

FOREIGN = {"Host": "evil.example"}


def ask(settings: Settings, method: str, path: str) -> httpx.Response:
    async def run() -> httpx.Response:
        async with client(settings) as http:
            return await http.request(method, path, headers=FOREIGN)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/u/token/", "../token"),
        ("/q/code/?lang=da", "../code?lang=da"),
        ("/report/", "../report"),
        ("/api/v1/units/?limit=1", "../units?limit=1"),
        ("/nowhere//", "../"),
        ("/a%2Fb%0D%0A/", "../a%2Fb%0D%0A"),
    ],
)
def test_the_way_without_the_slash_is_not_the_host_header_s(settings: Settings, path: str, location: str) -> None:
    reply = ask(settings, "GET", path)
    assert (reply.status_code, reply.headers["location"]) == (308, location)


def test_a_posted_form_keeps_its_method(settings: Settings) -> None:
    reply = ask(settings, "POST", "/u/token/")
    assert (reply.status_code, reply.headers["location"]) == (308, "../token")
