"""A manager reads the report in a real browser: charts are drawn under our policy, on a desk and on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import make_key
from tests.app.pages.real_browser import ON_SQLITE, follow
from tests.app.pages.report_pages import stocked
from tests.app.served import served

CHARTS = ("touchpoints", "trend", "baseline", "distribution")
HEIGHTS = "[...document.querySelectorAll('.plot .main-svg:first-child')].map((each) => each.clientHeight)"
# plotly.js follows the window after a moment.
WIDTH_OF_PLACE = """() => [...document.querySelectorAll(".plot")].every(
    (each) => Math.abs(each.clientWidth - each.querySelector(".main-svg").clientWidth) < 2)"""


@contextmanager
def reading(
    browser: Browser, settings: Settings, database: Database, width: int, *, strict: bool = True, scripts: bool = True,
    locale: str = "en-GB",
) -> Iterator[Page]:  # fmt: skip
    """The report, opened by someone who signed in; nothing may be refused or asked for elsewhere on the way."""
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    wrong: list[str] = []
    with served(settings) as address:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=not strict, java_script_enabled=scripts, locale=locale
        )
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith((address, "data:")) else wrong.append(r.url))
        page.goto(f"{address}/report")
        page.locator("#key").fill(key)
        follow(page, page.locator("main button"))
        page.wait_for_selector("#chart-distribution .main-svg" if scripts else "#chart-distribution svg:visible")
        yield page
        context.close()
    assert wrong == []


@ON_SQLITE
@pytest.mark.parametrize("width", [1280, 390])
def test_the_charts_are_drawn_and_fit_the_screen(
    browser: Browser, settings: Settings, database: Database, width: int
) -> None:
    with reading(browser, settings, database, width) as page:
        for chart in CHARTS:
            assert page.locator(f"#chart-{chart} .main-svg").count() > 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#chart-touchpoints").get_by_text("<i>Support</i> (n = 200)").count() == 1
        assert page.locator(".plot .wide, .plot .narrow").count() == 0


@ON_SQLITE
def test_on_a_phone_the_marks_of_touchpoints_have_the_width(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with reading(browser, settings, database, 360) as page:
        place, plot = (
            page.locator(f"#chart-touchpoints {part}").first.bounding_box() for part in (".main-svg", ".nsewdrag")
        )
        assert place
        assert plot
        assert plot["width"] > 0.9 * place["width"]
        columns = page.locator("table.changes thead th").all_inner_texts()
        assert columns[1] == "Verdict"


@ON_SQLITE
@pytest.mark.parametrize(("width", "shown"), [(1280, "wide"), (320, "narrow")])
def test_without_scripts_a_still_picture_stands_in_the_place_of_each_chart(
    browser: Browser, settings: Settings, database: Database, width: int, shown: str
) -> None:
    with reading(browser, settings, database, width, scripts=False) as page:
        for chart in CHARTS:
            box = page.locator(f"#chart-{chart} .{shown} svg").bounding_box()
            assert box
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
            assert box["height"] > 100
            assert page.locator(f"#chart-{chart} svg:visible").count() == 1


@ON_SQLITE
def test_the_report_is_accessible(browser: Browser, settings: Settings, database: Database) -> None:
    with reading(browser, settings, database, 1280, strict=False) as page:
        assert Axe().run(page).response["violations"] == []


@ON_SQLITE
def test_signing_out_ends_it(browser: Browser, settings: Settings, database: Database) -> None:
    with reading(browser, settings, database, 1280) as page:
        follow(page, page.get_by_role("button", name="Sign out"))
        page.wait_for_url("**/sign-in")
        page.go_back()
        page.wait_for_url("**/sign-in")


@ON_SQLITE
def test_charts_keep_their_height_where_the_window_changes(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with reading(browser, settings, database, 900) as page:
        heights = page.evaluate(HEIGHTS)
        assert len(heights) == len(CHARTS)
        assert min(heights) > 100
        page.set_viewport_size({"width": 800, "height": 900})
        page.wait_for_function(WIDTH_OF_PLACE)
        assert page.evaluate(HEIGHTS) == heights


@ON_SQLITE
def test_a_telephone_turned_over_draws_names_as_they_fit(
    browser: Browser, settings: Settings, database: Database
) -> None:
    beside = "#chart-touchpoints .yaxislayer-above .ytick"
    with reading(browser, settings, database, 800) as page:
        page.wait_for_selector(beside)
        page.set_viewport_size({"width": 360, "height": 740})
        page.wait_for_function(f"() => document.querySelectorAll('{beside}').length === 0")
        page.wait_for_function(WIDTH_OF_PLACE)
        page.wait_for_function(f"() => Math.min(...{HEIGHTS}) > 100")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@ON_SQLITE
def test_months_on_an_axis_are_written_in_the_language_of_the_page(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with reading(browser, settings, database, 1000, locale="fi-FI") as page:
        ticks = " ".join(page.locator("#chart-trend .xtick").all_text_contents())
        assert "tammi" in ticks
        assert "Jan" not in ticks
