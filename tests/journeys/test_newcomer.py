"""A newcomer starts the demo, pastes what its guide says, answers a mail in a browser, and sees the score move."""

import os
import re
import shlex
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from app.demo import folder as folders
from tests.app.served import chromium
from tests.journeys.server import answering, free_port, stop

# The three workshop files together, from the independent counts: 215 + 93 + 49 promoters, 69 + 9 + 8 detractors.
PROMOTERS, RESPONSES, DETRACTORS = 357, 623, 86
MAIL_SECONDS = 30


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a demo that runs, and what it printed."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    told = folder / "told"
    with told.open("wb") as output:
        process = answering(
            port, os.environ | {"SOUNDINGS_DATABASE_URL": "sqlite:////nowhere/else.db"}, "demo", "--port", str(port),
            "--folder", str(folder), output=output,
        )  # fmt: skip
    yield folder, told.read_text(encoding="utf-8")
    stop(process)


def pasted(command: str) -> httpx.Response:
    """What a curl command of the guide gets: its headers, its data and its address, sent from here."""
    command = re.sub(r"\$\(cat (\S+)\)", lambda found: Path(found[1]).read_text(encoding="utf-8"), command)
    words = iter(shlex.split(command)[2:])  # curl -s
    headers, data, address = {}, None, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word in ("-d", "--data-binary"):
            given = next(words)
            data = Path(given[1:]).read_bytes() if given.startswith("@") else given.encode()
        else:
            address = word
    answer = httpx.request("POST" if data else "GET", address, headers=headers, content=data, timeout=30)
    assert answer.is_success, answer.text
    return answer


def mailed(folder: Path, count: int) -> list[Any]:
    """The mails in the folder, once there are as many as `count`."""
    deadline = time.monotonic() + MAIL_SECONDS
    while len(found := list((folder / "mail").glob("*.eml"))) < count:
        assert time.monotonic() < deadline, f"{len(found)} mails after {MAIL_SECONDS} s"
        time.sleep(0.1)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def answer(page: Page, mail: Any, score: int) -> None:
    """Press a score in the mail, confirm it on the page, say why."""
    html = mail.get_body(("html",)).get_content()
    button = re.search(rf'href="([^"]*/s/[^"]*score={score})"', html)
    assert button
    page.goto(button[1])
    assert page.get_by_role("radio", name=str(score), exact=True).is_checked()
    page.get_by_role("button").first.click()
    page.get_by_role("textbox").fill("It was new to me")
    page.get_by_role("button").first.click()
    page.get_by_role("link", name="Change your answer").wait_for()


def test_the_three_things_to_try_work_as_they_are_printed(guide: tuple[Path, str]) -> None:
    folder, told = guide
    contacts, score, invitations, again = re.findall(r"^   (curl(?:.*\\\n)*.*)$", told, re.MULTILINE)
    assert pasted(contacts).json() == {"created": 3, "updated": 0, "refused": []}
    before = pasted(score).json()["total"]
    chart_before = pasted(_of_chart(score)).json()
    assert (before["responses"], before["promoters"], before["detractors"]) == (RESPONSES, PROMOTERS, DETRACTORS)
    assert pasted(invitations).json()["invited"] == 3
    mails = mailed(folder, 3)
    assert {mail["To"].addresses[0].addr_spec for mail in mails} == {
        "ada@example.org", "juergen@example.org", "aino@example.org",
    }  # fmt: skip
    ada = next(mail for mail in mails if "ada@" in mail["To"])
    with chromium() as browser:
        answer(browser.new_page(), ada, 6)
    after = pasted(again).json()["total"]
    expected = 100 * (PROMOTERS - DETRACTORS - 1) / (RESPONSES + 1)
    assert after["nps"] == round(expected, 2) != before["nps"]
    assert (after["responses"], after["promoters"], after["detractors"]) == (RESPONSES + 1, PROMOTERS, DETRACTORS + 1)
    assert after["response_rate_percent"] == 33.33
    assert _drawn(pasted(_of_chart(again)).json()) - _drawn(chart_before) == 1


def test_its_addresses_open_and_nothing_came_from_the_environment(guide: tuple[Path, str]) -> None:
    folder, told = guide
    base_url = re.search(r"inbox\s+(http://\S+)/dev/inbox", told)
    assert base_url
    for page in ("/dev/inbox", "/docs", "/sign-in", "/readyz"):
        assert httpx.get(base_url[1] + page).status_code == 200, page
    key = (folder / folders.OWNER_KEY).read_text(encoding="utf-8")
    assert f"owner key   {key}\n" in told
    headers = {"Authorization": f"Bearer {key}"}
    change = httpx.get(f"{base_url[1]}/api/v1/baselines/first-year/change", headers=headers).json()
    assert [item["verdict"] for item in change["items"]] == ["down"]


def _of_chart(command: str) -> str:
    return command.replace("/scores?", "/charts/distribution?")


def _drawn(figure: dict[str, Any]) -> int:
    """How many answers gave 6, as the chart writes above its bar."""
    for trace in figure["data"]:
        for at, text in zip(trace["x"], trace["text"], strict=True):
            if int(at) == 6:
                return int(text)
    raise AssertionError("the chart has no bar for 6")
