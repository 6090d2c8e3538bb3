"""A manager reads the report in a real browser: charts are drawn under our policy, on a desk and on a phone."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import make_key
from tests.app.pages.real_browser import follow
from tests.app.pages.report_pages import stocked
from tests.app.served import served
from tests.conftest import SECRET

INK, LIGHT_INK = "rgb(23, 33, 31)", "rgb(238, 243, 241)"
CHARTS = ("touchpoints", "trend", "baseline", "distribution")
HEIGHTS = "[...document.querySelectorAll('.plot .main-svg:first-child')].map((each) => each.clientHeight)"
# plotly.js follows the window after a moment.
WIDTH_OF_PLACE = """() => [...document.querySelectorAll(".plot")].every(
    (each) => Math.abs(each.clientWidth - each.querySelector(".main-svg").clientWidth) < 2)"""


@dataclass(frozen=True)
class Served:
    """A service with a report to read: its address, a key, and the cookies of a browser that signed in."""

    address: str
    key: str
    cookies: StorageState


@pytest.fixture(scope="module")
def service(browser: Browser, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all that only read: nothing they do is seen by the others."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copy(sqlite_template, folder / "soundings.db")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'soundings.db'}", secret=SECRET, mail=f"folder:{folder}",
        base_url="http://soundings.test",
    )  # fmt: skip
    database = Database(settings.database_url)
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    with served(settings) as address:
        context = browser.new_context()
        enter(context.new_page(), address, key)
        cookies = context.storage_state()
        context.close()
        yield Served(address, key, cookies)
    database.close()


def enter(page: Page, address: str, key: str) -> None:
    page.goto(f"{address}/report")
    page.locator("#key").fill(key)
    follow(page, page.locator("main button"))
    page.wait_for_url("**/report")


@contextmanager
def reading(
    browser: Browser, service: Served, width: int, *, strict: bool = True, scripts: bool = True, locale: str = "en-GB",
    dark: bool = False, path: str = "/report",
) -> Iterator[Page]:  # fmt: skip
    """A page, opened by someone who signed in; nothing may be refused or asked for elsewhere on the way."""
    wrong: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": 900}, bypass_csp=not strict, java_script_enabled=scripts, locale=locale,
        storage_state=service.cookies, color_scheme="dark" if dark else "light",
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((service.address, "data:")) else wrong.append(r.url))
    arrived = page.goto(service.address + path)
    if path == "/report":
        page.wait_for_selector("#chart-distribution .main-svg" if scripts else "#chart-distribution svg:visible")
    yield page
    context.close()
    # A page that refuses, or that says that there is none, comes with a status which the browser notes on its console.
    noted = "" if arrived and arrived.ok else "Failed to load resource: the server responded with a status of 4"
    assert [line for line in wrong if not noted or not line.startswith(noted)] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_charts_are_drawn_and_fit_the_screen(browser: Browser, service: Served, width: int) -> None:
    with reading(browser, service, width) as page:
        for chart in CHARTS:
            assert page.locator(f"#chart-{chart} .main-svg").count() > 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#chart-touchpoints").get_by_text("<i>Support</i> (n = 200)").count() == 1
        assert page.locator(".plot .wide, .plot .narrow").count() == 0


def test_on_a_phone_the_marks_of_touchpoints_have_the_width(browser: Browser, service: Served) -> None:
    with reading(browser, service, 360) as page:
        place, plot = (
            page.locator(f"#chart-touchpoints {part}").first.bounding_box() for part in (".main-svg", ".nsewdrag")
        )
        assert place
        assert plot
        assert plot["width"] > 0.9 * place["width"]
        columns = page.locator("table.changes thead th").all_inner_texts()
        assert columns[1] == "Verdict"


@pytest.mark.parametrize(("width", "shown"), [(1280, "wide"), (320, "narrow")])
def test_without_scripts_a_still_picture_stands_in_the_place_of_each_chart(
    browser: Browser, service: Served, width: int, shown: str
) -> None:
    with reading(browser, service, width, scripts=False) as page:
        for chart in CHARTS:
            box = page.locator(f"#chart-{chart} .{shown} svg").bounding_box()
            assert box
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
            assert box["height"] > 100
            assert page.locator(f"#chart-{chart} svg:visible").count() == 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/report", "/why", "/report?colour=red", "/definitions", "/sign-in", "/nowhere"])
def test_a_page_for_managers_is_accessible_by_day_and_by_night(
    browser: Browser, service: Served, path: str, dark: bool
) -> None:
    with reading(browser, service, 1280, strict=False, dark=dark, path=path) as page:
        assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize("scripts", [True, False], ids=["drawn", "still"])
def test_the_words_of_charts_are_as_light_as_the_page_is_dark(browser: Browser, service: Served, scripts: bool) -> None:
    words = "#chart-trend text" if scripts else "#chart-trend svg:visible text"
    with reading(browser, service, 1280, scripts=scripts, dark=True) as page:
        assert page.locator(words).first.evaluate("e => getComputedStyle(e).fill") == LIGHT_INK
        if scripts:
            page.emulate_media(color_scheme="light")
            page.wait_for_function(f"() => getComputedStyle(document.querySelector('{words}')).fill === '{INK}'")
            page.emulate_media(color_scheme="dark")
            page.wait_for_function(f"() => getComputedStyle(document.querySelector('{words}')).fill === '{LIGHT_INK}'")
            page.evaluate("window.dispatchEvent(new Event('beforeprint'))")  # paper is white
            assert page.locator(words).first.evaluate("e => getComputedStyle(e).fill") == INK


def test_signing_out_ends_it(browser: Browser, service: Served) -> None:
    page = browser.new_page()
    enter(page, service.address, service.key)
    follow(page, page.get_by_role("button", name="Sign out"))
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.wait_for_url("**/sign-in")
    page.close()


def test_charts_keep_their_height_where_the_window_changes(browser: Browser, service: Served) -> None:
    with reading(browser, service, 900) as page:
        heights = page.evaluate(HEIGHTS)
        assert len(heights) == len(CHARTS)
        assert min(heights) > 100
        page.set_viewport_size({"width": 800, "height": 900})
        page.wait_for_function(WIDTH_OF_PLACE)
        assert page.evaluate(HEIGHTS) == heights


def test_a_telephone_turned_over_draws_names_as_they_fit(browser: Browser, service: Served) -> None:
    beside = "#chart-touchpoints .yaxislayer-above .ytick"
    with reading(browser, service, 800) as page:
        page.wait_for_selector(beside)
        page.set_viewport_size({"width": 360, "height": 740})
        page.wait_for_function(f"() => document.querySelectorAll('{beside}').length === 0")
        page.wait_for_function(WIDTH_OF_PLACE)
        page.wait_for_function(f"() => Math.min(...{HEIGHTS}) > 100")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_months_on_an_axis_are_written_in_the_language_of_the_page(browser: Browser, service: Served) -> None:
    with reading(browser, service, 1000, locale="fi-FI") as page:
        ticks = " ".join(page.locator("#chart-trend .xtick").all_text_contents())
        assert "tammi" in ticks
        assert "Jan" not in ticks
