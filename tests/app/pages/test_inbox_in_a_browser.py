"""A mail in the demo's inbox is clicked as the person who gets it would, and nothing in it can run."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, expect

from app.settings import Settings
from app.storage.database import Database
from app.worker.worker import Worker
from tests.app.pages.setting import issue
from tests.app.served import served


def test_a_number_in_a_mail_opens_the_survey_in_the_whole_window(
    database: Database, settings: Settings, browser: Browser
) -> None:
    issue(database)
    settings = settings.model_copy(update={"demo": True})
    with served(settings) as address:
        Worker(database, settings.model_copy(update={"base_url": address})).run(once=True)
        page = browser.new_page()
        page.goto(f"{address}/dev/inbox")
        assert Axe().run(page).violations_count == 0
        page.get_by_role("link", name="Anna Berg").click()
        assert Axe().run(page).violations_count == 0
        page.frame_locator("iframe").get_by_role("link", name="9", exact=True).click()
        page.wait_for_url("**/s/*")
        expect(page.get_by_role("radio", name="9", exact=True)).to_be_checked()
        page.close()


def test_a_script_in_a_mail_does_not_run(settings: Settings, tmp_path: Path, browser: Browser) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / f"{'a' * 32}.eml").write_bytes(
        b"To: Eve <script>alert(1)</script> <eve@example.org>\r\nSubject: <img src=x onerror=alert(1)>\r\n"
        b"Content-Type: text/html\r\n\r\n<head></head><h1>Hello</h1><script>top.document.title = 'taken'</script>"
    )
    with served(settings.model_copy(update={"demo": True})) as address:
        page = browser.new_page()
        dialogs: list[str] = []

        def dismiss(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        page.goto(f"{address}/dev/inbox/{'a' * 32}")
        expect(page.frame_locator("iframe").get_by_role("heading", name="Hello")).to_be_visible()
        assert page.title() == "<img src=x onerror=alert(1)> – Inbox"
        assert dialogs == []
        page.close()
