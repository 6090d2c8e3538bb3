"""The page on which staff read what a wave released: who may, in which language, and what it never says."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.fieldwork import publications
from surveys.tables import Contact, Invitation, Publication
from tests.app.client import client
from tests.app.storage.pools import all_held
from tests.conftest import SECRET
from tests.factories import NOW
from tests.surveys.results import QUARTER, crew, make_results
from tests.surveys.results import scores as given_by
from tests.surveys.staff import hire, hold_wave, team

LANGUAGES = ("da", "de", "en", "fi", "nb", "nl", "sv")


def token(page: Publication, purpose: Any = "results") -> str:
    return links.sign(SECRET.encode(), purpose, page.organisation_id, page.id)


def published(database: Database, wave: str = "w2", **facts: Any) -> dict[str | None, str]:
    """The paths of the pages of a wave, per unit; w1 and w2 are there."""
    with database.writing() as session:
        number, survey = make_results(session, waves=2)
        if wave == "w3":  # all but the desk give a 9 or a 10 more often
            better = {ref: 10 if n % 5 < 4 else score for n, (ref, score) in enumerate(given_by(crew()).items())}
            hold_wave(session, survey, "w3", crew(), better, now=NOW + 2 * QUARTER)
        given: dict[str, Any] = {"note": "", "comments": False} | facts
        pages, _ = publications.publish(session, number, wave, now=NOW, **given)
        return {page.unit_key: f"/r/{token(page)}" for page in pages}


def read(settings: Settings, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def run() -> httpx.Response:
        async with client(settings) as http:
            return await http.request(method, path, headers=headers)

    return asyncio.run(run())


def plain(reply: httpx.Response) -> str:
    text = reply.text[reply.text.index("<main") : reply.text.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_whoever_has_the_link_reads_figure_interval_shares_and_change(database: Database, settings: Settings) -> None:
    reply = read(settings, published(database, note="We buy a kettle.\n<b>Soon</b>")[None], **{"accept-language": "en"})
    said = plain(reply)
    for words in (
        "Fjord Ferries, 21 July 2026", "38 eNPS", "54% would recommend us (9 or 10)",
        "from 52 answers is not exact: the true value probably lies between 17 and 56",
        "31% are undecided (7 or 8)", "15% would not recommend us (0 to 6)",
        "52 of the 52 people invited answered (100%).",
        "There is no clear change since 21 April 2026, when the eNPS was 38",
        "What we will do We buy a kettle. &lt;b&gt;Soon&lt;/b&gt;", "groups of at least 5 people",
    ):  # fmt: skip
        assert words in said, words
    assert reply.headers["x-robots-tag"] == "noindex, nofollow"
    assert reply.headers["cache-control"] == "no-store"
    assert "script-src" not in reply.headers["content-security-policy"]
    assert "set-cookie" not in reply.headers
    assert "style=" not in reply.text
    assert "<script" not in reply.text


def test_the_shares_add_up_to_100_percent(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=0)
        staff = team(None, 12)
        hire(session, number, staff)
        # Of 12: 8, 2 and 2 are 66.67, 16.67 and 16.67 %, which one by one would be 67 + 17 + 17.
        hold_wave(session, survey, "w1", staff, {one.ref: (10, 10, 10, 10, 8, 3)[n % 6] for n, one in enumerate(staff)})
        ((page, *_), _) = publications.publish(session, number, "w1", note="", comments=False, now=NOW)
    said = plain(read(settings, f"/r/{token(page)}"))
    for words in ("67% would recommend us", "17% are undecided", "16% would not recommend us", "may be one point off"):
        assert words in said, said


def test_a_change_beyond_chance_is_told_with_its_points(database: Database, settings: Settings) -> None:
    said = plain(read(settings, published(database, "w3")[None]))
    assert "the eNPS has gone up by 31 points. That is more than chance would explain." in said, said
    assert "Since 21 July 2026, when it was 38" in said


def test_a_page_of_a_unit_shows_what_a_manager_of_it_sees(database: Database, settings: Settings) -> None:
    paths = published(database)
    said = plain(read(settings, paths["ships"]))
    assert "Ships, 21 July 2026" in said
    assert "20 eNPS" in said
    assert "40 of the 40 people invited" in said
    reply = read(settings, paths["ships"] + "?lang=de")
    back = re.search(r'<p><a href="([^"]+)">Die Ergebnisse der ganzen Organisation', reply.text)
    assert back
    assert f"/r/{back[1]}" == f"{paths[None]}?lang=de"
    assert "38 eNPS" in plain(read(settings, f"/r/{back[1]}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_unit_that_agrees_is_told_so_in_each_language_without_a_figure(
    database: Database, settings: Settings, language: str
) -> None:
    reply = read(settings, published(database)["desk"], **{"accept-language": language})
    assert reply.headers["content-language"] == language
    said = plain(reply)
    assert re.search(r"90\s?% (or more|oder mehr|eller fle?re?|tai enemmän|of meer)", said), said
    assert "eNPS" not in said.partition("90")[2][:60]
    assert 'class="bar"' not in reply.text
    assert not re.search(r"100\s?%", said.replace("(100 %)", "").replace("(100%)", ""))


def test_comments_are_shown_only_where_that_was_asked_for(database: Database, settings: Settings) -> None:
    paths = published(database)
    assert "Words of" not in read(settings, paths[None]).text
    with database.writing() as session:
        publications.publish(session, 1, "w2", note="", comments=True, now=NOW)
    said = re.findall(r"<blockquote>(.*?)</blockquote>", read(settings, paths[None]).text)
    assert sorted(said) == [f"Words of {unit}-1" for unit in ("bridge", "deck", "desk", "engine")]
    assert re.findall(r"<blockquote>(.*?)</blockquote>", read(settings, paths["engine"]).text) == ["Words of engine-1"]


def test_withdrawn_results_are_a_friendly_page(database: Database, settings: Settings) -> None:
    paths = published(database)
    with database.writing() as session:
        publications.withdraw(session, 1, "w2", NOW)
    reply = read(settings, paths[None], **{"accept-language": "sv"})
    assert (reply.status_code, reply.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert "De här resultaten är inte längre publicerade" in reply.text
    assert "eNPS" not in reply.text


def test_a_forged_link_or_one_of_another_purpose_opens_nothing(database: Database, settings: Settings) -> None:
    paths = published(database)
    with database.reading() as session:
        page = publications.listed(session, 1, "w2")[0]
        other = links.sign(b"x" * 40, "results", 1, page.id)
        wrong = [token(page, "answer"), token(page, "open"), other, "abc", (paths[None] or "")[3:-1]]
    for one in wrong:
        reply = read(settings, f"/r/{one}")
        assert (reply.status_code, "eNPS" in reply.text) == (404, False)
    assert read(settings, f"/s/{token(page)}").status_code == 404


def test_only_reading_is_possible(database: Database, settings: Settings) -> None:
    path = published(database)[None]
    assert read(settings, path, "HEAD").status_code == 200
    assert read(settings, path, "POST").status_code == 405


def test_guessing_at_results_is_slowed_down(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = published(database)[None]

    async def run() -> list[int]:
        async with client(settings) as http:
            wrong = [(await http.get("/r/nonsense")).status_code for _ in range(101)]
            return [wrong[0], wrong[-1], (await http.get(path)).status_code]

    assert asyncio.run(run()) == [404, 429, 200]  # whoever holds a link of ours is let in
    assert '"route":"/r/{token}","status":429' in capsys.readouterr().out


def test_no_link_of_results_is_written_to_the_log(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = published(database)[None]
    read(settings, path)
    read(settings, "/r/some-wrong-token")
    logged = capsys.readouterr().out
    assert '"route":"/r/{token}"' in logged
    assert path.removeprefix("/r/") not in logged
    assert "some-wrong-token" not in logged


def test_the_link_of_the_survey_leads_to_the_results_nearest_to_its_holder(
    database: Database, settings: Settings
) -> None:
    pages = published(database)
    with database.reading() as session:
        holders = dict(
            session.execute(
                select(col(Contact.ref), col(Invitation.id))
                .join(Invitation, col(Invitation.contact_id) == col(Contact.id))
                .where(col(Invitation.wave_key) == "w2")
            ).all()
        )
    for ref, unit in (("engine-0", "engine"), ("bridge-0", "ships")):
        own = links.sign(SECRET.encode(), "answer", 1, holders[ref])
        over = read(settings, f"/s/{own}")
        assert f'href="..{pages[unit]}"' in over.text
        assert read(settings, pages[unit]).status_code == 200
    with database.writing() as session:
        publications.withdraw(session, 1, "w2", NOW)
    assert "../r/" not in read(settings, f"/s/{own}").text


def test_figures_take_no_connection_of_the_survey_pages(settings: Settings, database: Database) -> None:
    path = published(database)[None]

    async def run() -> httpx.Response:
        async with client(settings) as http:
            held = http._transport.app.state.database  # type: ignore[attr-defined]
            with all_held(held.links):
                return await http.get(path)

    assert asyncio.run(run()).status_code == 200
