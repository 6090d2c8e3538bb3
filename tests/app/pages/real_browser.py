"""The survey in a real browser for tests: a page to look at, a button to press, and what is stored after it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page
from sqlmodel import select

from app.storage.database import Database
from surveys.responses import tallies
from surveys.tables import Answer
from surveys.tables import Response as Answered

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def opened(browser: Browser, address: str, *, width: int = 360, script: bool = False) -> Iterator[Page]:
    """A page in a browser that holds nothing yet; everything it asks for must come from the service itself."""
    context = browser.new_context(
        viewport={"width": width, "height": 740}, java_script_enabled=script, bypass_csp=script, base_url=address
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("request", lambda r: asked.append(r.url))
    asked: list[str] = []
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []


def answers(database: Database) -> tuple[list[tuple[int, str | None]], dict[str, float | str | None]]:
    """What is stored: score and comment of each response, and the further answers."""
    with database.reading() as session:
        assert tallies.check(session, 1) == []
        further = {a.question_key: a.number or a.text for a in session.exec(select(Answer))}
        return [(r.score, r.comment) for r in session.exec(select(Answered))], further


def follow(page: Page, to: str | Locator) -> None:
    """Press a button by its name, or whatever leads on, and wait until the next page has come."""
    with page.expect_navigation():
        (page.get_by_role("button", name=to) if isinstance(to, str) else to).click()
