"""Held pages: filled in for each person, bounded, and without anything of anybody."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from app import clock, languages
from app.answering.intake import Intake
from app.answering.openings import Openings
from app.pages.respondents import about, sheet
from app.pages.respondents.held import OVERHEAD, Drawing, Held, Pages
from app.pages.respondents.page import Page
from app.pages.respondents.visit import Visit
from app.storage.database import Database
from surveys import links
from surveys.answering import opened
from surveys.answering.answers import Submission
from surveys.questionnaire.questions import Value
from tests.app.pages.setting import issue
from tests.conftest import SECRET, SECRETS


def held(text: str) -> Held:
    return Drawing().hold(text)


def test_a_page_is_filled_in_at_its_places_only() -> None:
    place = Drawing()
    page = place.hold(f"<p>{place('name')}</p><p>{place('name')} {place('other')}</p>")
    assert page.fill({"name": b"Anna"}) == b"<p>Anna</p><p>Anna </p>"
    assert page.fill({"other": b"p0x", "more": b"x"}) == b"<p></p><p> p0x</p>"


def test_a_page_is_drawn_once_and_the_oldest_make_room() -> None:
    pages = Pages(limit=3 * (OVERHEAD + 10))
    drawn: list[str] = []

    def get(name: str) -> None:
        def draw() -> Held:
            drawn.append(name)
            return held("x" * 10)

        pages.get(name, draw)

    for name in "abcab":
        get(name)
    assert drawn == ["a", "b", "c"]
    get("d")
    get("a")
    get("c")
    assert drawn == ["a", "b", "c", "d", "c"]
    assert len(pages) == 3
    assert pages.size <= 3 * (OVERHEAD + 10)


def test_a_page_larger_than_all_the_room_is_still_shown() -> None:
    pages = Pages(limit=10)
    assert pages.get("a", lambda: held("x" * 100)).fill({}) == b"x" * 100
    assert (len(pages), pages.size) == (0, 0)


def visit(pages: Pages, token: str, step: str | None = None) -> Visit:
    return Visit(token, None, step, None, None, pages, [SECRET.encode()])


def test_what_is_held_names_nobody_and_no_link(database: Database) -> None:
    issued = issue(database, further=True, answered_at=clock.now())
    token = issued.page.removeprefix("/s/")
    pages = Pages()
    with database.writing() as session:
        link = links.verify([SECRET.encode()], "answer", token)
        earlier = opened.Earlier(3, "words of mine", clock.now())
        there = opened.find(session, link, clock.now(), SECRETS)
    mine: dict[str, Value] = {"comment": "words of mine", "ease": 2.0, "first-time": "yes", "topics": ["fare"]}
    answered = replace(there, earlier=earlier, over=None, answers=mine)
    shown: list[Page] = [sheet.show(visit(pages, token, step), answered) for step in (None, "why", "thanks")]
    assert b"words of mine" in shown[1].body
    assert bytes(shown[1].body).count(b" checked") == 3
    assert token.encode() in shown[0].body
    assert len(pages) == 3
    for page in pages.held():
        for private in (b"words of mine", token.encode(), b"Anna", b" checked"):
            assert private not in page.fill({})


def test_what_is_held_of_the_page_about_an_answer_names_no_link_and_no_hour(database: Database) -> None:
    answered_at = clock.now()
    issued = issue(database)
    token = issued.page.removeprefix("/s/")
    until = languages.time_in_words(answered_at + timedelta(hours=48), "en", "Europe/Copenhagen").encode()
    pages = Pages()

    async def look() -> bytes:
        openings = Openings(database, SECRETS, now=lambda: answered_at)
        intake = Intake(database, SECRETS, now=lambda: answered_at)
        try:
            await intake.submit(Submission(1, issued.invitation.id, 9))
            state = SimpleNamespace(secrets=SECRETS, openings=openings)
            return bytes((await about.show(state, visit(pages, token))).body)
        finally:
            await intake.close()
            await openings.close()

    shown = asyncio.run(look())
    assert token.encode() in shown
    assert until in shown
    (page,) = pages.held()
    assert token.encode() not in page.fill({})
    assert until not in page.fill({})
