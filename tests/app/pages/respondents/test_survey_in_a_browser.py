"""A person answers in a real browser: without JavaScript, by keyboard alone, on a small screen."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request
from sqlmodel import select

from app.settings import Settings
from app.storage.database import Database
from surveys.tables import Contact
from tests.app.pages.real_browser import ON_SQLITE, RULES, answers, follow, opened
from tests.app.pages.setting import Issued, issue
from tests.app.served import served

OUTLINED = """e => {
  const tile = e.nextElementSibling?.matches(".tiles span") ? e.nextElementSibling : e;
  const style = getComputedStyle(tile);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def test_a_person_answers_without_javascript(browser: Browser, database: Database, settings: Settings) -> None:
    issued = issue(database, further=True)
    with served(settings) as address, opened(browser, address) as page:
        page.goto(f"{issued.page}?score=9")
        assert page.get_by_role("radio", name="9", exact=True).is_checked()
        assert answers(database) == ([], {})
        page.get_by_role("radio", name="8", exact=True).check()
        follow(page, "Continue")
        assert answers(database) == ([(8, None)], {})
        page.get_by_label("What would it take").fill("Fewer queues")
        follow(page, "Send")
        assert page.get_by_role("alert").inner_text() == "One answer needs another look."
        assert page.get_by_label("What would it take").input_value() == "Fewer queues"
        page.get_by_role("radiogroup", name="How easy").get_by_role("radio", name="4").check()
        page.get_by_label("Yes").check()
        page.get_by_label("The timetable").check()
        follow(page, "Send")
        assert page.get_by_role("heading", level=1).inner_text() == "Thank you"
        assert answers(database) == (
            [(8, "Fewer queues")],
            {"ease": 4.0, "first-time": "yes", "topics": '["time"]'},
        )
        follow(page, page.get_by_role("link", name="Change your answer"))
        assert page.get_by_role("radio", name="8", exact=True).is_checked()
        page.get_by_role("radio", name="10", exact=True).check()
        follow(page, "Continue")
        follow(page, page.get_by_role("link", name="Suomi"))
        assert page.get_by_label("Mitä arvostat meissä eniten?").input_value() == "Fewer queues"
        assert answers(database)[0] == [(10, "Fewer queues")]


@ON_SQLITE
def test_a_person_answers_by_keyboard_alone(browser: Browser, database: Database, settings: Settings) -> None:
    issued = issue(database)
    with served(settings) as address, opened(browser, address) as page:
        page.goto(issued.page)
        for key in ("Tab", "Space", "ArrowRight", "ArrowRight", "ArrowRight", "Tab", "Enter"):
            page.keyboard.press(key)
        page.wait_for_url("**step=why")
        assert answers(database)[0] == [(3, None)]
        page.keyboard.press("Tab")  # the link that changes the score
        page.keyboard.press("Tab")
        page.keyboard.type("Too late")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**step=thanks")
        assert answers(database)[0] == [(3, "Too late")]


@ON_SQLITE
def test_where_the_focus_is_can_be_seen(browser: Browser, database: Database, settings: Settings) -> None:
    issued = issue(database, further=True)
    with served(settings) as address, opened(browser, address, script=True) as page:
        for path in (issued.page, f"{issued.page}?step=why"):
            page.goto(path)
            for _ in range(page.locator("main a, main textarea, main button, main fieldset, nav a").count()):
                page.keyboard.press("Tab")
                assert page.locator(":focus").evaluate(OUTLINED), page.locator(":focus").evaluate("e => e.outerHTML")
            page.goto(issued.page)
            page.get_by_role("radio", name="8", exact=True).check()
            follow(page, "Continue")


def sheets(page: Page, issued: Issued, language: str) -> Iterator[str]:
    """Every page of the journey in turn, each on the screen when its name is given."""
    page.goto(f"{issued.page}?lang={language}")
    yield "score"
    follow(page, page.locator("main button"))
    yield "score missing"
    page.locator(".eleven label").nth(6).click()
    follow(page, page.locator("main button"))
    yield "why"
    follow(page, page.locator("main button"))
    yield "answer missing"
    page.locator(".tiles label").nth(1).click()
    follow(page, page.locator("main button"))
    yield "thanks"
    page.goto(f"{issued.page}?lang={language}")
    yield "again"
    page.goto(f"{issued.page}/about?lang={language}")
    yield "about"
    page.goto(f"/s/unknown?lang={language}")
    yield "unknown"
    page.goto(f"{issued.unsubscribe}?lang={language}")
    yield "unsubscribe"
    follow(page, page.locator("main button"))
    yield "unsubscribed"


@ON_SQLITE
@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("de", "dark")])
def test_no_page_has_a_barrier_that_axe_knows(
    browser: Browser, database: Database, settings: Settings, language: str, colours: str
) -> None:
    issued = issue(database, further=True)
    with served(settings) as address, opened(browser, address, script=True) as page:
        page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        for name in sheets(page, issued, language):
            found = Axe().run(page, options={"runOnly": RULES})
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            assert page.locator("html").get_attribute("lang") == language


@ON_SQLITE
def test_every_page_fits_a_small_screen_with_targets_large_enough(
    browser: Browser, database: Database, settings: Settings
) -> None:
    issued = issue(database, further=True)
    with served(settings) as address, opened(browser, address, width=320, script=True) as page:
        for name in sheets(page, issued, "de"):
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
            for box in page.locator("label:has(input), button, textarea, nav a").all():
                size = box.bounding_box()
                assert size is not None
                assert min(size["width"], size["height"]) >= 24, (name, box.inner_text())


@ON_SQLITE
def test_every_page_weighs_less_than_twenty_kilobytes_in_all(
    browser: Browser, database: Database, settings: Settings
) -> None:
    issued = issue(database, further=True)
    asked: list[Request] = []
    with served(settings) as address, opened(browser, address, width=1200) as page:
        page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - playwright wants a function
        for name in sheets(page, issued, "fi"):
            page.wait_for_load_state("networkidle")
            sizes = [request.sizes() for request in asked if not request.url.startswith("data:")]
            weight = sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)
            assert 1_000 < weight < 20_000, name
            asked.clear()


@ON_SQLITE
def test_the_strict_policy_lets_the_style_through_and_nothing_else(
    browser: Browser, database: Database, settings: Settings
) -> None:
    issued = issue(database)
    with served(settings) as address:
        context = browser.new_context(base_url=address)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(issued.page)
        assert page.locator("main").evaluate("e => getComputedStyle(e).borderRadius") == "12px"
        assert complaints == []
        context.close()


@ON_SQLITE
def test_a_person_unsubscribes_by_a_button(browser: Browser, database: Database, settings: Settings) -> None:
    issued = issue(database)
    with served(settings) as address, opened(browser, address) as page:
        page.goto(issued.unsubscribe)
        follow(page, "Unsubscribe")
        assert page.get_by_role("heading", level=1).inner_text() == "You are unsubscribed"
    with database.reading() as session:
        assert session.exec(select(Contact)).one().unsubscribed_at is not None
