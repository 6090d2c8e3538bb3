"""Who is where no page is gets one in their own language, a program gets a problem."""

import asyncio
import re

import httpx
import pytest

from app.settings import Settings
from tests.app.client import client
from tests.app.served import chromium, served

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HEADINGS = {
    "da": "Siden findes ikke",
    "de": "Diese Seite gibt es nicht",
    "en": "There is no such page",
    "fi": "Tätä sivua ei ole",
    "nb": "Siden finnes ikke",
    "nl": "Deze pagina bestaat niet",
    "sv": "Sidan finns inte",
}


def get(settings: Settings, *paths: str, method: str = "GET", times: int = 1, **headers: str) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        async with client(settings) as http:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            return [await http.request(method, path, headers=named) for path in paths for _ in range(times)]

    return asyncio.run(run())


@pytest.mark.parametrize("language", HEADINGS)
def test_an_unknown_address_is_a_page_in_the_language_of_the_browser(settings: Settings, language: str) -> None:
    for reply in get(settings, "/nowhere", "/s/a/b/c", "/report/x", accept=BROWSER, accept_language=f"{language}, xx"):
        assert reply.status_code == 404
        assert HEADINGS[language] in reply.text
        assert f'<html lang="{language}">' in reply.text
        assert re.search('<a href="/">.+</a>', reply.text)
        assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_a_program_is_told_a_problem(settings: Settings) -> None:
    replies = get(settings, "/nowhere", "/api/v1/nowhere", accept="*/*")
    replies += get(settings, "/api/v1/nowhere", "/healthz/x", accept=BROWSER)
    for reply in replies:
        assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")


def test_what_only_takes_a_form_is_a_page_too(settings: Settings) -> None:
    (reply,) = get(settings, "/sign-out", accept=BROWSER)
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    assert "There is no such page" in reply.text


def test_whoever_tries_too_often_reads_so(settings: Settings) -> None:
    *_, last = get(settings, "/u/guess", times=101, accept=BROWSER, accept_language="sv")
    assert last.status_code == 429
    assert "För många försök" in last.text
    assert int(last.headers["retry-after"]) > 0


def test_the_page_fits_a_small_phone_and_leads_back(settings: Settings) -> None:
    with served(settings) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 320, "height": 600}, locale="de-DE")
        page.goto(f"{address}/nowhere")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.get_by_role("heading", level=1).text_content() == HEADINGS["de"]
        assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
        page.get_by_role("link").click()
        assert page.get_by_label("API-Schlüssel").is_visible()
