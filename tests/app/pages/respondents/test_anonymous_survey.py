"""What the pages of an anonymous survey ask, take and say, and that no address holds a score."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlmodel import select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from app.worker.worker import Worker
from surveys.tables import Ballot, Response
from tests.app.pages.plain_http import call
from tests.app.pages.setting import issue, poll

LOST = "Your answer can no longer be changed, because we could not find it among the others."


def test_all_is_asked_on_one_page_that_says_what_holds(database: Database, settings: Settings) -> None:
    one, *_ = poll(database, floor=6, comment_floor=11)
    (page,) = call(settings, ("GET", one.page, {}))
    assert page.status_code == 200
    assert "<textarea" in page.text
    footer = page.text.partition("<footer>")[2]
    assert "This survey is anonymous: your answer is stored without your name" in footer
    assert "groups of at least 6 answers, and comments only from groups of at least 11." in footer
    assert "linked to you" not in page.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_score_in_the_address_is_neither_taken_nor_passed_on(
    database: Database, settings: Settings, method: str
) -> None:
    one, *_ = poll(database)
    given = {"data": {"comment": "x"}} if method == "POST" else {}
    (page,) = call(settings, (method, f"{one.page}?score=9&lang=en", given))
    assert page.status_code == (200 if method == "GET" else 422)
    assert " checked" not in page.text
    assert "score=" not in page.text
    assert re.search(r'<form method="post" action="\?lang=en" novalidate>', page.text)


def test_an_answer_goes_into_the_urn_and_the_thanks_say_that_it_stays_there(
    database: Database, settings: Settings
) -> None:
    one, *_ = poll(database)
    posted, thanks, again, second, json = call(
        settings,
        ("POST", f"{one.page}?lang=en", {"data": {"score": "3", "comment": "Too loud"}}),
        ("GET", f"{one.page}?step=thanks&lang=en", {}),
        ("GET", one.page, {}),
        ("POST", one.page, {"data": {"score": "9"}}),
        ("POST", one.page, {"json": {"score": 9}}),
    )
    assert (posted.status_code, posted.headers["location"]) == (303, "?lang=en&step=thanks")
    assert (thanks.status_code, LOST in thanks.text) == (200, True)
    for reply in (again, second):
        assert (reply.status_code, LOST in reply.text) == (410, True)
        assert "saved" not in reply.text
    assert json.status_code == 410
    with database.reading() as session:
        assert [(b.score, b.comment) for b in session.exec(select(Ballot))] == [(3, "Too loud")]
        assert session.exec(select(Response)).all() == []


def test_an_answer_to_a_confidential_survey_is_not_said_to_be_lost(database: Database, settings: Settings) -> None:
    issued = issue(database, answered_at=clock.now() - timedelta(days=9))
    (page,) = call(settings, ("GET", issued.page, {}))
    assert (page.status_code, LOST in page.text) == (410, False)
    assert "Your answer is saved and can no longer be changed." in page.text


def test_nobody_is_thanked_who_has_not_answered(database: Database, settings: Settings) -> None:
    one, *_ = poll(database)
    (page,) = call(settings, ("GET", f"{one.page}?step=thanks", {}))
    assert LOST not in page.text
    assert 'name="score"' in page.text


def test_the_mails_of_an_anonymous_wave_lead_to_its_pages_and_hold_no_score(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    issued = poll(database)
    assert Worker(database, settings).run(once=True).sent == len(issued)
    led = set()
    for file in (tmp_path / "mail").glob("*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        text = "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
        led |= set(re.findall(rf"{settings.base_url}(/s/[^\s\"]+)", text))
    assert led == {one.page for one in issued} | {f"{one.page}/about" for one in issued}
    replies = call(settings, *(("GET", path, {}) for path in sorted(led)[:4]))
    assert [r.status_code for r in replies] == [200] * 4
