"""What the survey page does over HTTP: who may keep it, what each step saves, and that looking changes nothing."""

from typing import Any

import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.pages.plain_http import call, everything, stored
from tests.app.pages.setting import issue


def test_looking_writes_nothing(database: Database, settings: Settings) -> None:
    issued = issue(database, further=True)
    before = everything(database)
    further = (f"{issued.page}?score=9", f"{issued.page}?step=why", f"{issued.page}/about")
    paths = (issued.page, *further, issued.unsubscribe)
    replies = call(settings, *((m, p, {}) for p in paths for m in ("GET", "HEAD", "OPTIONS")))
    assert {r.status_code for r in replies} == {200, 405}
    assert all(r.status_code == 200 for r in replies if r.request.method != "OPTIONS")
    assert everything(database) == before


def test_no_one_keeps_embeds_indexes_or_passes_on_a_page(database: Database, settings: Settings) -> None:
    issued = issue(database)
    paths = (issued.page, f"{issued.page}/about", "/s/unknown", issued.unsubscribe)
    for reply in call(settings, *(("GET", p, {}) for p in paths), ("POST", issued.page, {"data": {"score": "9"}})):
        told = reply.headers
        assert told["cache-control"] == "no-store"
        assert told["referrer-policy"] == "no-referrer"
        assert told["x-robots-tag"] == "noindex, nofollow"
        assert told["x-content-type-options"] == "nosniff"
        rules = dict(rule.strip().split(" ", 1) for rule in told["content-security-policy"].split(";"))
        assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
        assert "unsafe" not in told["content-security-policy"]
        assert "script-src" not in rules
        assert len(reply.content) < 20_000


def test_the_score_is_saved_before_anything_else_is_asked(database: Database, settings: Settings) -> None:
    issued = issue(database, further=True)
    one, page = call(settings, ("POST", issued.page, {"data": {"score": "9"}}), ("GET", f"{issued.page}?step=why", {}))
    assert (one.status_code, one.headers["location"]) == (303, "?step=why")
    (response,), answers = stored(database)
    assert (response.score, response.comment, answers) == (9, None, {})
    assert "What do you value most about us?" in page.text


@pytest.mark.parametrize(("score", "words"), [(10, "value most"), (8, "higher score"), (6, "went wrong")])
def test_the_reason_is_asked_in_words_that_fit_the_score(
    database: Database, settings: Settings, score: int, words: str
) -> None:
    issued = issue(database)
    _, page = call(
        settings, ("POST", issued.page, {"data": {"score": str(score)}}), ("GET", f"{issued.page}?step=why", {})
    )
    assert words in page.text


def test_step_two_adds_and_takes_back_what_the_form_says(database: Database, settings: Settings) -> None:
    issued = issue(database, further=True)
    second = f"{issued.page}?step=why"
    full = {
        "score": "9", "comment": "Kind\r\nand quick", "answers.ease": "4", "answers.first-time": "yes",
        "answers.topics": ["fare", "time"],
    }  # fmt: skip
    replies = call(
        settings,
        ("POST", issued.page, {"data": {"score": "9"}}),
        ("POST", second, {"data": full}),
        ("GET", second, {}),
    )
    assert [r.status_code for r in replies] == [303, 303, 200]
    assert replies[1].headers["location"] == "?step=thanks"
    (response,), answers = stored(database)
    assert (response.score, response.comment) == (9, "Kind\nand quick")
    assert answers == {"ease": 4, "first-time": "yes", "topics": '["fare","time"]'}
    assert replies[2].text.count(" checked") == 4
    assert "Kind\nand quick</textarea>" in replies[2].text
    call(settings, ("POST", second, {"data": {"score": "9", "answers.ease": "5"}}))
    (response,), answers = stored(database)
    assert (response.comment, answers) == (None, {"ease": 5})


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"answers.ease": ""}, "ease"),
        ({"answers.ease": "6"}, "ease"),
        ({"answers.ease": "x"}, "ease"),
        ({"answers.ease": "3", "answers.first-time": "perhaps"}, "first-time"),
        ({"answers.ease": "3", "answers.topics": ["fare", "x"]}, "topics"),
        ({"answers.ease": "3", "comment": "a\0b"}, "comment"),
        ({"answers.ease": "3", "comment": "a" * 10_001}, "comment"),
    ],
)
def test_step_two_says_which_answer_is_wrong_and_keeps_the_rest(
    database: Database, settings: Settings, data: dict[str, Any], key: str
) -> None:
    issued = issue(database, further=True, locale="de")
    _, reply = call(
        settings,
        ("POST", issued.page, {"data": {"score": "3"}}),
        ("POST", f"{issued.page}?step=why", {"data": {"score": "3", "comment": "Zu spät"} | data}),
    )
    assert reply.status_code == 422
    assert reply.text.count('-error"') == 2
    assert f'id="q-{key}-error"' in reply.text
    assert "Fehler" in reply.text
    assert "Zu spät" in reply.text or "comment" in data
    (response,), answers = stored(database)
    assert (response.score, response.comment, answers) == (3, None, {})


@pytest.mark.parametrize(
    ("contact", "query", "header", "spoken"),
    [
        ("sv", "", "fi", "sv"),
        ("sv", "?lang=de", "fi", "de"),
        (None, "", "fi-FI, en;q=0.5", "fi"),
        ("pt", "", "xx", "en"),
        (None, "?lang=tlh", "da", "da"),
    ],
)
def test_the_page_speaks_the_language_chosen_then_the_contacts_then_the_browsers(
    database: Database, settings: Settings, *, contact: str | None, query: str, header: str, spoken: str
) -> None:
    issued = issue(database, locale=contact)
    (reply,) = call(settings, ("GET", issued.page + query, {"headers": {"accept-language": header}}))
    assert f'<html lang="{spoken}">' in reply.text
    assert reply.headers["content-language"] == spoken


def test_an_answer_inside_the_edit_window_comes_back_selected(database: Database, settings: Settings) -> None:
    issued = issue(database)
    _, again, other = call(
        settings,
        ("POST", issued.page, {"data": {"score": "4"}}),
        ("GET", issued.page, {}),
        ("GET", f"{issued.page}?score=7", {}),
    )
    assert 'value="4" checked' in again.text
    assert "You gave 4 on" in again.text
    assert "You can change your answer until" in again.text
    assert 'value="7" checked' in other.text
    call(settings, ("POST", issued.page, {"data": {"score": "7"}}))
    assert [r.score for r in stored(database)[0]] == [7]


def test_where_nothing_can_be_changed_all_is_asked_at_once(database: Database, settings: Settings) -> None:
    issued = issue(database, further=True, edit_hours=0)
    first, short, done, thanks, again = call(
        settings,
        ("GET", issued.page, {}),
        ("POST", issued.page, {"data": {"score": "9"}}),
        ("POST", issued.page, {"data": {"score": "9", "comment": "Fine", "answers.ease": "5"}}),
        ("GET", f"{issued.page}?step=thanks", {}),
        ("GET", issued.page, {}),
    )
    assert "<textarea" in first.text
    assert short.status_code == 422
    assert (done.status_code, done.headers["location"]) == (303, "?step=thanks")
    assert (thanks.status_code, again.status_code) == (200, 410)
    assert "Change" not in thanks.text
    (response,), answers = stored(database)
    assert (response.comment, answers) == ("Fine", {"ease": 5})


def test_what_people_wrote_cannot_become_part_of_the_page(database: Database, settings: Settings) -> None:
    evil = "<script>alert(1)</script>"
    issued = issue(database)
    call(settings, ("POST", issued.page, {"json": {"score": 9, "comment": f"</textarea>{evil}"}}))
    (page,) = call(settings, ("GET", f"{issued.page}?step=why&lang={evil}&score={evil}", {}))
    assert page.status_code == 200
    assert "<script" not in page.text
