"""At a kiosk one person after another answers in a real browser, without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.settings import Settings
from app.storage.database import Database
from tests.app.pages.real_browser import ON_SQLITE, RULES, answers, follow, opened
from tests.app.pages.setting import open_page
from tests.app.served import served


@ON_SQLITE
def test_one_person_after_another_answers(browser: Browser, database: Database, settings: Settings) -> None:
    path, _ = open_page(database)
    with served(settings) as address, opened(browser, address) as page:
        page.goto(f"{path}?kiosk=1")
        for score, words in ((9, "Quick"), (2, "Slow")):
            page.locator(".eleven label").nth(score).click()
            page.get_by_label("What is the main reason").fill(words)
            follow(page, "Send")
            assert page.get_by_role("alert").inner_text() == "One answer needs another look."
            page.get_by_role("radiogroup", name="How easy").get_by_role("radio", name="4").check()
            page.get_by_role("button", name="Send").dblclick()
            page.wait_for_url("**step=thanks")
            follow(page, page.get_by_role("link", name="Next person"))
            assert page.get_by_role("radio", checked=True).count() == 0
        assert sorted(answers(database)[0]) == [(2, "Slow"), (9, "Quick")]


def sheets(page: Page, path: str, language: str) -> Iterator[str]:
    """Every page on the way in turn, each on the screen when its name is given."""
    page.goto(f"{path}?lang={language}")
    yield "open"
    follow(page, page.locator("main button"))
    yield "missing"
    page.locator(".eleven label").nth(6).click()
    page.locator(".question .tiles label").nth(2).click()
    follow(page, page.locator("main button"))
    yield "thanks"


@ON_SQLITE
@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("fi", "dark")])
def test_no_open_page_has_a_barrier_or_is_too_wide(
    browser: Browser, database: Database, settings: Settings, language: str, colours: str
) -> None:
    path, _ = open_page(database)
    with served(settings) as address, opened(browser, address, width=320, script=True) as page:
        page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        for name in sheets(page, path, language):
            found = Axe().run(page, options={"runOnly": RULES})
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
            for box in page.locator("label:has(input), button, textarea, a").all():
                size = box.bounding_box()
                assert size is not None
                assert min(size["width"], size["height"]) >= 24, (name, box.inner_text())


@contextmanager
def intranet(body: str) -> Iterator[str]:
    """The address of another site whose every page is `body`."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@ON_SQLITE
def test_the_page_works_inside_another_sites(browser: Browser, database: Database, settings: Settings) -> None:
    path, _ = open_page(database)
    with served(settings) as address, intranet(f"<!doctype html><iframe src='{address}{path}'></iframe>") as other:
        context = browser.new_context()
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(other)
        frame = page.frame_locator("iframe")
        frame.locator(".eleven label").nth(7).click()
        frame.get_by_role("radiogroup", name="How easy").get_by_role("radio", name="4").check()
        frame.get_by_role("button", name="Send").click()
        frame.get_by_role("heading", name="Thank you").wait_for()
        context.close()
    assert answers(database)[0] == [(7, None)]
