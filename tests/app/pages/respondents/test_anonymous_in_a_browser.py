"""An employee reads in a real browser what becomes of the answer, and then answers, without JavaScript."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlmodel import select

from app.settings import Settings
from app.storage.database import Database
from surveys.tables import Ballot
from tests.app.pages.real_browser import ON_SQLITE, RULES, follow, opened
from tests.app.pages.setting import poll
from tests.app.served import served

MORE = "What is stored, and who can see it"


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_a_person_reads_about_the_survey_answers_and_is_thanked(
    browser: Browser, database: Database, settings: Settings
) -> None:
    one, *_ = poll(database)
    with served(settings) as address, opened(browser, address) as page:
        page.goto(one.page)
        follow(page, page.get_by_role("link", name=MORE))
        assert heading(page) == "This survey is anonymous"
        follow(page, page.get_by_role("link", name="Svenska"))
        assert heading(page) == "Den här enkäten är anonym"
        follow(page, page.get_by_role("link", name="Tillbaka till enkäten"))
        follow(page, page.get_by_role("link", name="English"))
        page.get_by_role("radio", name="4", exact=True).check()
        page.get_by_role("textbox").fill("Nobody listens")
        follow(page, "Send")
        assert heading(page) == "Thank you"
        assert "we could not find it among the others" in page.inner_text("main")
        follow(page, page.get_by_role("link", name=MORE))
        assert heading(page) == "This survey is anonymous"
        follow(page, page.get_by_role("link", name="Back to the survey"))
        assert heading(page) == "You have answered already"
    with database.reading() as session:
        assert [(b.score, b.comment) for b in session.exec(select(Ballot))] == [(4, "Nobody listens")]


def sheets(page: Page, path: str, language: str) -> Iterator[str]:
    """Every page of the journey in turn, each on the screen when its name is given."""
    page.goto(f"{path}?lang={language}")
    yield "survey"
    follow(page, page.locator("main button"))
    yield "score missing"
    page.goto(f"{path}/about?lang={language}")
    yield "about"
    follow(page, page.locator(".back a"))
    page.locator(".eleven label").nth(6).click()
    follow(page, page.locator("main button"))
    yield "thanks"
    page.goto(f"{path}?lang={language}")
    yield "over"


@ON_SQLITE
@pytest.mark.parametrize(("language", "colours"), [("fi", "light"), ("de", "dark")])
def test_no_page_of_an_anonymous_survey_has_a_barrier_or_needs_a_wide_screen(
    browser: Browser, database: Database, settings: Settings, language: str, colours: str
) -> None:
    one, *_ = poll(database, segments=["site", "years-of-service-in-the-organisation"])
    with served(settings) as address, opened(browser, address, width=320, script=True) as page:
        page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        for name in sheets(page, one.page, language):
            found = Axe().run(page, options={"runOnly": RULES})
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
            assert page.locator("html").get_attribute("lang") == language
            assert len(page.content().encode()) < 19_000, name
