"""Results in a real browser: drawn under our own policy, accessible, and no wider than the screen."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from analytics.counts import query
from analytics.reports import baselines
from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.fieldwork import publications
from tests.app.client import make_key
from tests.app.pages.real_browser import ON_SQLITE
from tests.app.served import served
from tests.conftest import SECRET
from tests.factories import NOW
from tests.surveys.results import QUARTER, crew, make_results
from tests.surveys.staff import open_wave


@contextmanager
def opened(
    browser: Browser, settings: Settings, path: str, *, width: int, strict: bool = True, dark: bool = False
) -> Iterator[Page]:
    """A page of the service; nothing may be refused or asked for elsewhere on the way."""
    wrong: list[str] = []
    with served(settings) as address:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=not strict, color_scheme="dark" if dark else "light"
        )
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith((address, "data:")) else wrong.append(r.url))
        page.goto(address + path)
        yield page
        context.close()
    assert wrong == []


def publish(database: Database, unit: str | None = None) -> str:
    """The path of a published page, with a note and comments."""
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        note = "We buy a kettle.\n\nAnd the rota stays."
        pages, _ = publications.publish(session, number, "w2", note=note, comments=True, now=clock.now())
        page = next(page for page in pages if page.unit_key == unit)
    return f"/r/{links.sign(SECRET.encode(), 'results', number, page.id)}"


@ON_SQLITE
@pytest.mark.parametrize("language", ["en", "de", "fi"])
@pytest.mark.parametrize("width", [1100, 360])
def test_the_bar_is_drawn_to_scale_and_the_page_fits(
    browser: Browser, settings: Settings, database: Database, width: int, language: str
) -> None:
    with opened(browser, settings, f"{publish(database)}?lang={language}", width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        whole = page.locator(".bar").bounding_box()
        parts = [page.locator(f".bar .{kind}").bounding_box() for kind in ("promoters", "passives", "detractors")]
        assert whole
        assert [round(100 * part["width"] / whole["width"]) for part in parts if part] == [54, 31, 15]
        assert "54" in (page.get_by_role("img").get_attribute("aria-label") or "")


@ON_SQLITE
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("unit", [None, "desk", "ships"])
def test_published_results_are_accessible(
    browser: Browser, settings: Settings, database: Database, unit: str | None, *, dark: bool
) -> None:
    with opened(browser, settings, publish(database, unit), width=360, strict=False, dark=dark) as page:
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]] == []


@ON_SQLITE
@pytest.mark.parametrize(("unit", "strict"), [(None, True), ("ships", True), (None, False), ("bridge", False)])
@pytest.mark.parametrize("width", [1100, 360])
def test_the_report_of_waves_is_drawn_fits_and_is_accessible(
    browser: Browser, settings: Settings, database: Database, width: int, unit: str | None, *, strict: bool
) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=2)
        asked = query.parse(session, number, [("survey", "enps"), ("wave", "w1"), ("unit", "ships")])
        baselines.freeze(session, asked, "start", None, NOW + 4 * QUARTER)
        open_wave(session, survey, "w3", crew(), clock.now())
        key = make_key(session, number, "manager" if unit else "owner", unit)
    with opened(browser, settings, "/sign-in", width=width, strict=strict) as page:
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("no score is shown before it closes").wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if unit != "bridge":
            page.wait_for_selector("#chart-waves .main-svg")
            page.wait_for_selector("#chart-baseline .main-svg")
        if not strict:
            assert [
                (v["id"], [n["html"][:200] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]
            ] == []
