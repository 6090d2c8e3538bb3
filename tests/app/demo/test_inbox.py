"""The demo's inbox shows the folder's mails, and nothing else, and only in the demo."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import clock
from app.settings import Settings
from app.storage.database import Database
from app.worker.worker import Worker
from tests.app.client import client
from tests.factories import make_contact, make_invitation, make_organisation, make_survey


@pytest.fixture
def demo(settings: Settings) -> Settings:
    return settings.model_copy(update={"demo": True})


def get(settings: Settings, *paths: str) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        async with client(settings) as http:
            return [await http.get(path) for path in paths]

    return asyncio.run(run())


def deliver(database: Database, settings: Settings, **facts: Any) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_survey(session, organisation.id)
        make_invitation(session, survey, make_contact(session, organisation.id, **facts), created_at=clock.now())
    Worker(database, settings).run(once=True)


def test_a_mail_is_listed_opened_and_its_links_lead_to_the_survey(database: Database, demo: Settings) -> None:
    deliver(database, demo, name="Bjørn <b>Åse</b>")
    (listed,) = get(demo, "/dev/inbox")
    (path,) = set(re.findall(r"/dev/inbox/[0-9a-f]{32}", listed.text))
    opened, html = get(demo, path, f"{path}/html")
    assert "Bjørn &lt;b&gt;Åse&lt;/b&gt;" in listed.text
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in opened.text
    assert f'src="{path}/html"' in opened.text
    assert 'href="http://soundings.test/s/' in opened.text
    assert '<base target="_top">' in html.text
    assert re.search(r'href="http://soundings\.test/s/[\w-]{48}\?score=10"', html.text)
    assert "sandbox allow-top-navigation-by-user-activation" in html.headers["content-security-policy"]
    assert "allow-scripts" not in html.headers["content-security-policy"]


def test_an_inbox_without_mail_says_so(demo: Settings) -> None:
    (empty,) = get(demo, "/dev/inbox")
    assert (empty.status_code, "No mail yet" in empty.text) == (200, True)


@pytest.mark.parametrize("changes", [{"demo": False}, {"mail": "smtp://127.0.0.1:9"}])
def test_there_is_no_inbox_outside_the_demo(database: Database, demo: Settings, changes: dict[str, Any]) -> None:
    deliver(database, demo)
    (name,) = [file.stem for file in Path(demo.mail.removeprefix("folder:")).iterdir()]
    paths = ("/dev/inbox", f"/dev/inbox/{name}", f"/dev/inbox/{name}/html")
    answers = get(demo.model_copy(update=changes), *paths)
    assert [a.status_code for a in answers] == [404, 404, 404]


@pytest.mark.parametrize(
    "name",
    ["0" * 32, "..%2fsecret", "%2e%2e%2fsecret", "..%5csecret", "secret", "%00", "a" * 31 + "%0a", "A" * 32],
)
def test_a_name_that_is_not_a_mail_of_ours_is_unknown(demo: Settings, name: str) -> None:
    folder = Path(demo.mail.removeprefix("folder:"))
    folder.mkdir()
    for place in (folder, folder.parent):
        (place / "secret.eml").write_bytes(b"To: a@example.org\r\nSubject: secret\r\n\r\nsecret")
    listed, opened, html = get(demo, "/dev/inbox", f"/dev/inbox/{name}", f"/dev/inbox/{name}/html")
    assert "secret" not in listed.text
    assert (opened.status_code, html.status_code) == (404, 404)
