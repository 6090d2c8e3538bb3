"""Whoever is at a touchpoint answers on its open page: once for each submission, and without a name."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import select

from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.tables import Answer, Cell, OpenPage, Response, Survey
from tests.app.client import ask, client, make_key
from tests.app.pages.plain_http import Request, call, everything, stored
from tests.app.pages.setting import open_page
from tests.conftest import SECRET
from tests.factories import make_survey, make_touchpoint


def answer(**facts: Any) -> dict[str, Any]:
    return {"score": 9, "submission_id": uuid4().hex} | facts


def form(**facts: Any) -> dict[str, Any]:
    return {"data": answer(**{"answers.ease": "4"} | facts)}


def test_a_page_is_made_listed_answered_and_taken_back(settings: Settings, database: Database) -> None:
    _, key = open_page(database)
    made, two, first = ask(
        settings, key,
        ("POST", "/touchpoints/support/pages", {"survey": "nps", "unit": "desk"}),
        ("GET", "/touchpoints/support/pages"), ("GET", "/touchpoints/support/pages?limit=1"),
    )  # fmt: skip
    assert made.status_code == 201
    page = made.json()
    assert len(page["code"]) == 48
    assert page["link"] == f"http://soundings.test/q/{page['code']}"
    assert (page["survey"], page["unit"], page["touchpoint"], page["withdrawn_at"]) == ("nps", "desk", "support", None)
    assert page in two.json()["items"]
    (second,) = ask(settings, key, ("GET", f"/touchpoints/support/pages?limit=1&after={first.json()['next']}"))
    assert first.json()["items"] + second.json()["items"] == two.json()["items"]
    path = f"/../../q/{page['code']}"
    taken = ("DELETE", f"/touchpoints/support/pages/{page['code']}")
    replies = ask(settings, key, ("POST", path, answer()), taken, taken, ("POST", path, answer()), ("GET", path))
    assert [r.status_code for r in replies] == [201, 204, 204, 410, 410]
    assert replies[3].json()["type"] == "urn:soundings:problem:withdrawn"
    assert "no longer in use" in replies[4].text
    assert len(stored(database)[0]) == 1


def test_an_answer_counts_at_the_touchpoint_and_belongs_to_nobody(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    first, second = call(
        settings,
        ("POST", path, form(comment="Kind\r\nand quick", **{"answers.topics": ["fare", "time"]})),
        ("POST", f"{path}?lang=de", {"json": answer(score=3, answers={"ease": 2})}),
    )
    assert (first.status_code, first.headers["location"]) == (303, "?step=thanks")
    assert (second.status_code, second.json().keys()) == (201, {"recorded_at"})
    responses, _ = stored(database)
    assert sorted((r.score, r.comment) for r in responses) == [(3, None), (9, "Kind\nand quick")]
    assert {r.contact_id for r in responses} == {None}
    with database.reading() as session:
        cells = session.exec(select(Cell)).all()
        assert len(session.exec(select(Answer)).all()) == 3
    slices = {(c.survey_key, c.touchpoint_key, c.unit_key, c.channel, c.locale, c.wave_key) for c in cells}
    assert slices == {("nps", "support", "desk", "page", language, None) for language in ("en", "de")}


def test_a_double_click_or_a_retry_is_one_answer(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    posted, told = form(comment="Quick"), {"json": answer(comment="Slow", answers={"ease": 3, "topics": ["fare"]})}

    async def at_once() -> list[httpx.Response]:
        async with client(settings) as http:
            return list(await asyncio.gather(*(http.post(path, **sent) for sent in (posted, told) * 5)))

    replies = asyncio.run(at_once())
    assert sorted(r.status_code for r in replies) == [200] * 4 + [201] + [303] * 5
    assert len({r.json()["recorded_at"] for r in replies if r.status_code < 300}) == 1
    retried, form_again = call(settings, ("POST", path, told), ("POST", path, posted))
    assert (retried.status_code, form_again.status_code) == (200, 303)
    assert len(stored(database)[0]) == 2


@pytest.mark.parametrize("change", [{"score": 1}, {"comment": "Other"}, {"answers": {"ease": 5}}])
def test_a_submission_cannot_be_changed(settings: Settings, database: Database, change: dict[str, Any]) -> None:
    path, _ = open_page(database)
    first = answer(comment="Quick", answers={"ease": 3})
    one, other = call(settings, ("POST", path, {"json": first}), ("POST", path, {"json": first | change}))
    assert (one.status_code, other.status_code) == (201, 410)
    assert other.json()["type"] == "urn:soundings:problem:already-answered"
    (response,), answers = stored(database)
    assert (response.score, response.comment, answers) == (9, "Quick", {"ease": 3})


def test_looking_writes_nothing_and_each_look_has_its_own_submission(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    before = everything(database)
    looks = (path, f"{path}?score=9", f"{path}?step=thanks", f"{path}/qr.svg")
    replies = call(settings, *((method, look, {}) for look in looks for method in ("GET", "HEAD")))
    assert [r.status_code for r in replies] == [200] * 8
    assert everything(database) == before
    one, two = call(settings, ("GET", path, {}), ("GET", path, {}))
    assert one.text.count('name="submission_id"') == 1
    assert one.text != two.text
    assert "does not know who you are" in one.text
    assert "linked to you" not in one.text
    assert len(one.content) < 20_000


def test_the_page_may_be_framed_and_is_otherwise_as_strict_as_any(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    for reply in call(settings, ("GET", path, {}), ("POST", path, form()), ("GET", f"{path}/qr.svg", {})):
        rules = dict(rule.strip().split(" ", 1) for rule in reply.headers["content-security-policy"].split(";"))
        assert rules["default-src"] == "'none'"
        assert rules.get("frame-ancestors", "*") == "*"
        assert "unsafe" not in reply.headers["content-security-policy"]
        assert (reply.headers["cache-control"], reply.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_the_link_is_drawn_as_a_picture_named_after_the_touchpoint(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    (drawn,) = call(settings, ("GET", f"{path}/qr.svg", {}))
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "<title>Customer &lt;support&gt;</title>" in drawn.text


def test_bad_input_is_named_and_nothing_is_stored(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    scores = [{"score": score} for score in (11, -1, 7.5, "nine", None, True)]
    others: list[dict[str, Any]] = [
        {"submission_id": ""}, {"submission_id": "x" * 65}, {"submission_id": "a b"}, {"submission_id": None},
        {"comment": "x" * 10_001}, {"comment": "a\0b"}, {"answers": {"nothing": 1}}, {"answers": {"ease": 6}},
        {"more": 1},
    ]  # fmt: skip
    calls = [("POST", path, {"json": answer(**wrong)}) for wrong in scores + others]
    fields = [call_.json()["errors"][0]["field"] for call_ in call(settings, *calls)]
    of_answers = ["answers.nothing", "answers.ease"]
    assert fields == ["score"] * 6 + ["submission_id"] * 4 + ["comment"] * 2 + of_answers + ["more"]
    forms = [form(score="11"), form(score=""), {"data": {"score": "9", "answers.ease": "4"}}, {"data": answer()},
             form(submission_id="a b"), form(submission_id=["a", "b"]), form(comment="a\0b")]  # fmt: skip
    assert [r.status_code for r in call(settings, *(("POST", path, sent) for sent in forms))] == [422] * 7
    bodies: list[tuple[bytes, str]] = [(b"\xff\xfe", "application/json"), (b"{", "application/json"),
              (b"score=%ff", "application/x-www-form-urlencoded"), (b"score=9", "text/plain")]  # fmt: skip
    sent = [("POST", path, {"content": raw, "headers": {"content-type": kind}}) for raw, kind in bodies]
    assert [r.status_code for r in call(settings, *sent)] == [422, 422, 422, 415]
    assert stored(database) == ([], {})


def test_a_form_with_a_gap_comes_back_with_what_was_written(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    sent = form(comment="Fewer queues", **{"answers.ease": ""})
    (again,) = call(settings, ("POST", path, sent))
    assert again.status_code == 422
    assert "Fewer queues" in again.text
    assert f'value="{sent["data"]["submission_id"]}"' in again.text


def test_a_forged_code_opens_nothing(settings: Settings, database: Database) -> None:
    path, key = open_page(database)
    page = database_page(database)
    secret = SECRET.encode()
    wrong = [
        links.sign(secret, "answer", 1, page), links.sign(b"another secret" * 3, "open", 1, page),
        links.sign(secret, "open", 1, uuid4()), links.sign(secret, "open", 2, page), path[3:-1], path[3:] + "A", "x",
    ]  # fmt: skip
    asked: list[Request] = [
        (m, f"/q/{code}{end}", {}) for code in wrong for m, end in (("GET", ""), ("GET", "/qr.svg"))
    ]
    answered = [("POST", f"/q/{code}", sent) for code in wrong for sent in (form(), {"json": answer()})]
    assert {r.status_code for r in call(settings, *asked, *answered)} == {404}
    assert stored(database) == ([], {})
    withdrawn = ask(settings, key, *(("DELETE", f"/touchpoints/support/pages/{code}") for code in wrong))
    assert {r.status_code for r in withdrawn} == {404}
    (there,) = call(settings, ("GET", path, {}))
    assert there.status_code == 200


def test_what_a_page_cannot_be_made_of_is_refused(settings: Settings, database: Database) -> None:
    _, key = open_page(database)
    with database.writing() as session:
        make_survey(session, 1, "mood")
        survey = session.get_one(Survey, (1, "mood"))
        survey.mode = "anonymous"
        session.add(survey)
        make_touchpoint(session, 1, "phone")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("nowhere", {"survey": "nps"}), ("support", {"survey": "none"}), ("support", {"survey": "nps", "unit": "x"}),
        ("support", {"survey": "mood"}), ("support", {}), ("support", {"survey": "nps", "more": 1}),
    ]  # fmt: skip
    replies = ask(settings, key, *(("POST", f"/touchpoints/{at}/pages", body) for at, body in calls))
    assert [r.status_code for r in replies] == [404, 422, 422, 409, 422, 422]
    assert [r.json()["errors"][0]["field"] for r in replies if r.status_code == 422] == [
        "survey", "unit", "survey", "more",
    ]  # fmt: skip
    code = links.sign(SECRET.encode(), "open", 1, database_page(database))
    (elsewhere,) = ask(settings, key, ("DELETE", f"/touchpoints/phone/pages/{code}"))
    assert elsewhere.status_code == 404


def database_page(database: Database) -> Any:
    """The id of the page there is."""
    with database.reading() as session:
        return session.exec(select(OpenPage.id)).one()


def test_an_answer_on_a_page_is_in_the_scores(settings: Settings, database: Database) -> None:
    path, _ = open_page(database)
    call(settings, ("POST", path, form()), ("POST", path, form(score=0)))
    with database.writing() as session:
        key = make_key(session, 1)
    (scores,) = ask(settings, key, ("GET", "/scores?survey=nps&channel=page&by=unit"))
    (item,) = scores.json()["items"]
    assert (item["group"], item["responses"], item["nps"]) == ({"unit": "desk"}, 2, 0.0)
    with database.reading() as session:
        assert {r.contact_id for r in session.exec(select(Response)).all()} == {None}
