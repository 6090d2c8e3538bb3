"""A newcomer starts the demo, pastes what its guide says, answers mails in a browser, and sees the scores move."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from app.demo import folder as folders
from app.demo import staff
from app.demo.staff import Person
from tests.app.served import chromium
from tests.journeys.newcomer import addresses, commands, mailed, pasted, started

# The three workshop files together, from the independent counts: 215 + 93 + 49 promoters, 69 + 9 + 8 detractors.
PROMOTERS, RESPONSES, DETRACTORS = 357, 623, 86
WORDS = "The kettle is broken"


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a demo that runs, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    with started(folder) as told:
        yield folder, told


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all who try."""
    with chromium() as opened:
        yield opened


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


def test_what_there_is_to_try_with_customers_works_as_it_is_printed(guide: tuple[Path, str], browser: Browser) -> None:
    folder, told = guide
    contacts, score, invitations, again = commands(told.partition("STAFF")[0])
    assert pasted(contacts).json() == {"created": 3, "updated": 0, "refused": []}
    before = pasted(score).json()["total"]
    chart_before = pasted(_of_chart(score)).json()
    assert (before["responses"], before["promoters"], before["detractors"]) == (RESPONSES, PROMOTERS, DETRACTORS)
    assert pasted(invitations).json()["invited"] == 3
    ada, *_ = mailed(folder, "ada@example.org", "juergen@example.org", "aino@example.org")
    answer(browser.new_page(), ada, 6)
    after = pasted(again).json()["total"]
    expected = 100 * (PROMOTERS - DETRACTORS - 1) / (RESPONSES + 1)
    assert after["nps"] == round(expected, 2) != before["nps"]
    assert (after["responses"], after["promoters"], after["detractors"]) == (RESPONSES + 1, PROMOTERS, DETRACTORS + 1)
    assert after["response_rate_percent"] == 33.33
    assert _drawn(pasted(_of_chart(again)).json()) - _drawn(chart_before) == 1


def test_what_there_is_to_try_with_staff_works_and_shows_nothing_before_the_wave_closes(
    guide: tuple[Path, str], browser: Browser
) -> None:
    folder, told = guide
    participation, closure = commands(told.partition("STAFF")[2])
    report, results, inbox, again = addresses(told.partition("STAFF")[2])
    given = [one.score for one in staff.answers()["wave-3"]]
    one = _silent()
    mailed(folder, one.contact()["email"])
    page = browser.new_page()
    _sign_in(page, folder, report)
    before = _read(page, report)
    assert "no score is shown before it closes" in before
    assert "reported together with Workshops" in before
    assert "14.9" in before  # (49 promoters - 33 detractors) of 107
    assert "people and answers made up" in _read(page, results)
    taking_part = pasted(participation).json()
    assert (taking_part["total"]["invited"], taking_part["total"]["answered"]) == (len(staff.people()), len(given))
    _answer_anonymously(page, inbox, one)
    assert pasted(participation).json() == taking_part
    assert _read(page, report) == before
    assert _wave_3(folder, report)["responses"] == 0
    assert pasted(closure).json()["counted_on"]
    after = _read(page, again)
    assert f"from {len(given) + 1} answers" in after
    assert WORDS in after
    promoters, detractors = sum(score >= 9 for score in given), sum(score <= 6 for score in given) + 1
    total = _wave_3(folder, report)
    assert (total["promoters"], total["detractors"]) == (promoters, detractors)
    assert total["nps"] == round(100 * (promoters - detractors) / (len(given) + 1), 2)


def test_its_addresses_open_and_nothing_came_from_the_environment(guide: tuple[Path, str]) -> None:
    folder, told = guide
    base_url = re.search(r"inbox\s+(http://\S+)/dev/inbox", told)
    assert base_url
    for page in ("/dev/inbox", "/docs", "/sign-in", "/readyz"):
        assert httpx.get(base_url[1] + page).status_code == 200, page
    key = _key(folder)
    assert f"owner key   {key}\n" in told
    headers = {"Authorization": f"Bearer {key}"}
    change = httpx.get(f"{base_url[1]}/api/v1/baselines/first-year/change", headers=headers).json()
    assert [item["verdict"] for item in change["items"]] == ["down"]


def _silent() -> Person:
    """One who reads English, has many colleagues and has not answered yet."""
    answered = {one.ref for one in staff.answers()["wave-3"]}
    silent = (one for one in staff.people() if (one.unit, one.locale) == ("trainers", "en"))
    return next(one for one in silent if one.ref not in answered)


def _sign_in(page: Page, folder: Path, report: str) -> None:
    page.goto(report)
    page.get_by_label("API key").fill(_key(folder))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/report*")


def _read(page: Page, address: str) -> str:
    page.goto(address)
    return page.locator("main").inner_text()


def _answer_anonymously(page: Page, inbox: str, one: Person) -> None:
    """Open the reminder, read what becomes of the answer, give it, and be thanked; a second time is one too many."""
    page.goto(inbox)
    page.get_by_role("link", name=one.name).click()
    page.frame_locator("iframe").get_by_role("link", name="Open the survey").click()
    page.get_by_role("link", name="What is stored").click()
    page.get_by_role("heading", name="What is not protected").wait_for()
    page.get_by_role("link", name="Back to the survey").click()
    survey = page.url
    page.get_by_role("radio", name="0", exact=True).check()
    page.get_by_role("textbox").fill(WORDS)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("we could not find it among the others").wait_for()
    page.goto(survey)
    assert page.get_by_role("radio").count() == 0


def _wave_3(folder: Path, report: str) -> dict[str, Any]:
    """The total of the wave that is open at first, as the API tells it to the owner."""
    address = report.replace("/report?", "/api/v1/scores?wave=wave-3&")
    given = httpx.get(address, headers={"Authorization": f"Bearer {_key(folder)}"}).raise_for_status().json()
    total: dict[str, Any] = given["total"]
    return total


def _key(folder: Path) -> str:
    return (folder / folders.OWNER_KEY).read_text(encoding="utf-8")


def _of_chart(command: str) -> str:
    return command.replace("/scores?", "/charts/distribution?")


def _drawn(figure: dict[str, Any]) -> int:
    """How many answers gave 6, as the chart writes above its bar."""
    for trace in figure["data"]:
        for at, text in zip(trace["x"], trace["text"], strict=True):
            if int(at) == 6:
                return int(text)
    raise AssertionError("the chart has no bar for 6")
