"""On a narrow telephone: long words break instead of running out of page and mail, and errors lead to their fields."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from app.mail.compose import Ask, compose
from app.settings import Settings
from app.storage.database import Database
from surveys.tables import Organisation, Touchpoint
from tests.app.pages.real_browser import ON_SQLITE, follow, opened
from tests.app.pages.setting import issue
from tests.app.served import served

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG = {
    "key": "score", "kind": "score", "required": True,
    "texts": {"de": {"text": f"Wie war {WORD}?", "low": WORD, "high": WORD}},
}  # fmt: skip
CHOICE = {
    "key": "why", "kind": "choice", "required": True,
    "texts": {"de": {"text": WORD * 2, "choices": {"a": WORD, "b": "x" * 90}}},
}  # fmt: skip


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled to from side to side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@ON_SQLITE
@pytest.mark.parametrize("width", [320, 360])
def test_no_word_runs_out_of_a_page(browser: Browser, database: Database, settings: Settings, width: int) -> None:
    issued = issue(database, locale="de", questions=[LONG, CHOICE])
    with database.writing() as session:
        session.execute(sa.update(Organisation).values(name=WORD))
        session.execute(sa.update(Touchpoint).values(name="x" * 120))
    with served(settings) as address, opened(browser, address, width=width, script=True) as page:
        for path in (issued.page, f"{issued.page}/about", issued.unsubscribe, "/s/unknown"):
            page.goto(path)
            assert fits(page), path
        page.goto(issued.page)
        assert page.get_by_text("x" * 120).is_visible()
        page.get_by_role("radio", name="9", exact=True).check(force=True)
        follow(page, "Weiter")
        assert fits(page)
        follow(page, "Senden")
        assert fits(page)
        page.get_by_label("x" * 90).check()
        follow(page, "Senden")
        assert page.get_by_role("heading", level=1).is_visible()
        assert fits(page)


@pytest.mark.parametrize("width", [320, 360, 375])
@pytest.mark.parametrize("anonymous", [False, True])
def test_no_word_runs_out_of_a_mail(browser: Browser, *, width: int, anonymous: bool) -> None:
    ask = Ask(
        organisation=WORD, sender="a@example.org", base_url="https://example.org", answer_token="a" * 48,
        unsubscribe_token="u" * 48, email="b@example.org", name=WORD, locale="de", question=f"Wie war {WORD}?",
        touchpoint="x" * 120, expires_at=datetime(2026, 5, 14, 10, tzinfo=UTC), message_id="<m@example.org>", low=WORD,
        high=WORD,
    )  # fmt: skip
    mail = message_from_bytes(compose(replace(ask, anonymous=anonymous)), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    html = mail.get_body(("html",))
    assert html is not None
    page = browser.new_page(viewport={"width": width, "height": 700})
    page.set_content(html.get_content())
    assert fits(page)
    page.close()


@ON_SQLITE
def test_after_an_error_the_focus_is_on_a_summary_that_leads_to_the_field(
    browser: Browser, database: Database, settings: Settings
) -> None:
    issued = issue(database, further=True, edit_hours=0)
    with served(settings) as address, opened(browser, address, script=True) as page:
        page.goto(issued.page)
        follow(page, "Send")
        assert page.evaluate("document.activeElement.className") == "summary"
        leading = page.locator(".summary a")
        assert leading.count() == 2
        leading.nth(0).click()
        assert page.evaluate("location.hash") == "#score-0"
        page.keyboard.press("Space")
        assert page.get_by_role("radio", name="0", exact=True).is_checked()
        page.get_by_role("link", name="How easy").click()
        page.keyboard.press("Space")
        assert page.get_by_role("radiogroup", name="How easy").get_by_role("radio", name="1").is_checked()
