"""The report of an anonymous survey: waves instead of days, who is reported with whom, and nothing of an open wave."""

import json
import re
from datetime import timedelta

import pytest

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys.anonymity import participation
from surveys.questionnaire import definitions
from tests.app.client import make_key
from tests.app.pages.report_pages import first_line, plain, rows, shown
from tests.factories import NOW, make_organisation
from tests.surveys.results import crew, make_results, scores
from tests.surveys.staff import LASTS, cast, hire, hold_wave, make_enps, open_wave, team


@pytest.fixture
def keys(database: Database) -> dict[str, str]:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        bound = {"ships": "ships", "bridge": "bridge", "desk": "desk"}
        return {"owner": make_key(session, number, "owner")} | {
            name: make_key(session, number, "manager", unit) for name, unit in bound.items()
        }


def test_waves_units_and_segments_are_shown_with_who_is_reported_with_whom(
    settings: Settings, keys: dict[str, str]
) -> None:
    page = shown(settings, keys["owner"]).text
    whole = ["38.5", "16.8 to 56.0", "52", "100 % of 52"]
    days = r"w[12] \d{1,2} [A-Z][a-z]+ 20\d\d"
    assert [re.fullmatch(days, row[0]) is not None for row in rows(page, "eNPS by wave")] == [True, True]
    assert [row[0][:2] for row in rows(page, "eNPS by wave")] == ["w2", "w1"]
    assert re.search(r'<option value="w2" selected>w2, \d{1,2} [A-Z][a-z]+ 20\d\d</option>', page)
    assert rows(page, "eNPS by wave")[0][1:] == whole
    score = ["20.0", "−13.1 to 47.9 a hint"]
    hidden = ["reported together with others", "–", "–"]
    agreed = ["90 % or more promoters", "12", "100 % of 12"]
    assert rows(page, "eNPS by unit") == [
        ["Ships", "20.0", "−3.7 to 40.9", "40", "100 % of 40"],
        ["Bridge and Deck, together", *score, "20", "100 % of 20"],
        ["Bridge reported together with Deck", *hidden],
        ["Deck reported together with Bridge", *hidden],
        ["Engine", *score, "20", "100 % of 20"],
        ["Shore", *agreed],
        ["Desk", *agreed],
    ]
    assert [row[0] for row in rows(page, "eNPS by watch")] == ["day", "night", "office", "others, not shown apart"]
    assert first_line(page).startswith("The wave “w2” shows no clear change from the wave “w1”: 0.0 points")
    assert "(NPS|touchpoint|Baseline)" not in page
    assert re.findall(r"[^e]NPS", plain(page)) == []


def test_the_figures_of_a_wave_report_are_those_of_its_waves(settings: Settings, keys: dict[str, str]) -> None:
    page = shown(settings, keys["owner"]).text
    held = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.S)
    assert held
    figures = json.loads(held[1])
    assert set(figures) == {"waves", "distribution"}
    assert figures["waves"]["data"][0]["x"] == ["w1", "w2"]


def test_a_wave_of_which_scores_are_not_kept_is_spread_over_three_groups(
    settings: Settings, keys: dict[str, str]
) -> None:
    page = shown(settings, keys["owner"]).text
    assert rows(page, "How many gave each score") == [["Answers", "8", "16", "28"]]
    assert '<th scope="col">Detractors (0–6)</th>' in page
    assert "Shown in three groups: single scores are not kept here" in plain(page)


def test_a_wave_of_which_scores_are_kept_is_spread_over_eleven(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        number, _ = make_results(session, scores="scores")
        owner = make_key(session, number, "owner")
    page = shown(settings, owner).text
    assert rows(page, "How many gave each score") == [["Answers", *"00080008", "8", "8", "20"]]
    assert "Shown in three groups" not in page


def test_a_manager_sees_the_own_unit_and_what_is_below_it(settings: Settings, keys: dict[str, str]) -> None:
    page = shown(settings, keys["ships"]).text
    assert "Where we stand: Ships" in page
    assert "Fjord Ferries · Ships and below" in page
    assert [row[0].split(" ")[0] for row in rows(page, "eNPS by unit")] == [
        "Ships", "Bridge", "Bridge", "Deck", "Engine"
    ]  # fmt: skip
    assert "Desk" not in page
    outside = shown(settings, keys["ships"], "/report?unit=desk")
    assert outside.status_code == 422
    assert "outside" in outside.text


def test_a_manager_of_a_team_that_is_reported_with_another_reads_with_which(
    settings: Settings, keys: dict[str, str]
) -> None:
    page = shown(settings, keys["bridge"]).text
    assert "In the wave “w2” these answers were reported together with Deck" in plain(page)
    assert "eNPS</span>" not in page
    assert "Words of" not in page
    assert "chart-waves" not in page


def test_a_team_that_agrees_is_shown_as_such_and_not_by_a_figure(settings: Settings, keys: dict[str, str]) -> None:
    page = shown(settings, keys["desk"]).text
    assert "90 % or more promoters" in page
    assert "12 promoters" not in page
    assert "Not shown: 90 % or more promoters" in page
    assert first_line(page).startswith("No comparison with the wave “w1” is possible: the figures")
    assert {"100.0", "12 promoters"}.isdisjoint(cell for row in rows(page, "eNPS by wave") for cell in row)


def test_comments_are_those_released_without_any_name_of_who_wrote(settings: Settings, keys: dict[str, str]) -> None:
    page = shown(settings, keys["owner"]).text
    said = re.findall(r"<blockquote>(.*?)</blockquote>", page)
    assert sorted(said) == ["Words of bridge-1", "Words of deck-1", "Words of desk-1", "Words of engine-1"]
    assert re.findall(r"<blockquote>(.*?)</blockquote>", shown(settings, keys["desk"]).text) == ["Words of desk-1"]
    assert "@example.org" not in page


def test_an_earlier_wave_may_be_chosen_and_no_other(settings: Settings, keys: dict[str, str]) -> None:
    page = shown(settings, keys["owner"], "/report?survey=enps&wave=w1")
    assert "This is the first wave" in page.text
    assert shown(settings, keys["owner"], "/report?survey=enps&wave=w7").status_code == 422


def test_of_an_open_wave_the_page_says_until_when_and_how_many_have_answered_and_no_more(
    settings: Settings, database: Database
) -> None:
    """What came since the last count does not count yet: nobody sees a number move as a colleague sits down."""
    opened, counted = clock.now() - timedelta(days=3), clock.now()
    with database.writing() as session:
        number = make_organisation(session).id
        survey, staff = make_enps(session, number), team(None, 20)
        hire(session, number, staff)
        invitations = list(open_wave(session, survey, "w1", staff, opened).values())
        for n, invitation in enumerate(invitations):
            if n == 7:
                participation.count_due(session, counted)
            cast(session, invitation, 10, now=opened + timedelta(days=1) if n < 7 else counted)
        key = make_key(session, number)
    page = shown(settings, key).text
    main = plain(page[page.index("<main") : page.index("</main>")])
    said = r"eNPS Why: initiatives, drivers and words A wave is open until [^;]+ at \d\d:\d\d; no score is shown "
    people = (
        r"20 asked; 0 added within a day of opening; 0 erased since\. Of those asked 20 had been known for 14 days or "
    )
    said += r"before it closes\. " + people + r"longer; only their answers make a group large enough\."
    assert re.fullmatch(said + r" Up to the last count 7 of 20 invited people had answered\.", main)
    assert "<section" not in page
    assert 'id="figures"' not in page


def test_of_an_open_wave_of_few_people_no_number_is_shown(settings: Settings, database: Database) -> None:
    opened = clock.now() - timedelta(days=3)
    with database.writing() as session:
        number = make_organisation(session).id
        survey, staff = make_enps(session, number), team(None, 9)
        hire(session, number, staff)
        for invitation in open_wave(session, survey, "w1", staff, opened).values():
            cast(session, invitation, 10, now=opened + timedelta(days=1))
        key = make_key(session, number)
    page = plain(shown(settings, key).text)
    assert "How many have answered shows for groups of ten or more invited people." in page
    assert "Up to the last count" not in page


def test_of_a_wave_with_too_few_answers_the_page_says_that_they_are_deleted(
    settings: Settings, database: Database
) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        survey, staff = make_enps(session, number), team(None, 12)
        hire(session, number, staff)
        hold_wave(session, survey, "w1", staff, {one.ref: 9 for one in staff[:4]})
        key = make_key(session, number)
    page = shown(settings, key).text
    assert "fewer than 5 people answered, and their answers were deleted" in page
    assert "<section" not in page


def test_of_a_wave_too_much_like_an_earlier_one_the_page_says_that_its_answers_are_deleted(
    settings: Settings, database: Database
) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        survey, staff = make_enps(session, number), team(None, 13)
        hire(session, number, staff)
        for n, asked in enumerate((staff[:12], staff)):
            hold_wave(session, survey, f"w{n}", asked, {one.ref: 9 for one in asked}, now=NOW + 2 * n * LASTS)
        key = make_key(session, number)
    page = plain(shown(settings, key).text)
    assert "Of the wave “w1” nothing is shown: set against earlier ones, it would have shown what a few people" in page
    assert "fewer than 5 people answered" not in page


@pytest.mark.parametrize(("people", "always", "warned"), [(99, False, True), (100, False, False), (99, True, False)])
def test_where_few_were_asked_the_page_warns_that_the_next_wave_may_not_be_released(
    settings: Settings, database: Database, people: int, always: bool, warned: bool
) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        survey, staff = make_enps(session, number, always_release_total=always), team(None, people)
        hire(session, number, staff)
        hold_wave(session, survey, "w1", staff, {one.ref: 9 for one in staff[:20]})
        key = make_key(session, number)
    assert ("Of so few people, nearly the same may answer again" in shown(settings, key).text) == warned


def test_an_earlier_wave_keeps_the_segments_it_was_asked_with(
    settings: Settings, database: Database, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        definitions.get(session, 1, "enps").segments = []
    page = shown(settings, keys["owner"], "/report?survey=enps&wave=w1").text
    assert [row[0] for row in rows(page, "eNPS by watch")][:3] == ["day", "night", "office"]


def test_people_without_a_unit_are_a_row_of_their_own(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=0)
        staff = [*crew(), *team(None, 9)]
        hire(session, number, staff)
        hold_wave(session, survey, "w1", staff, scores(staff), now=clock.now() - timedelta(days=30))
        key = make_key(session, number)
    assert rows(shown(settings, key).text, "eNPS by unit")[-1][0] == "Without a unit"


def test_a_confidential_survey_of_staff_is_an_enps_by_days(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=1, scores="scores")
        survey = definitions.get(session, number, "enps")
        survey.mode = "confidential"
        key = make_key(session, number)
    page = shown(settings, key).text
    assert "Trend by" in page
    assert '<span class="unit">eNPS</span>' in page


def test_of_a_wave_with_too_few_known_people_the_page_does_not_say_how_many_answered(
    settings: Settings, database: Database
) -> None:
    """Nine are made up: whether the tenth answered, too, is not to be read from the reason."""
    pages = []
    for number, answering in ((1, 4), (2, 5)):
        with database.writing() as session:
            organisation = make_organisation(session, f"fjord-{number}")
            survey, invented = make_enps(session, organisation.id), team(None, 4)
            hire(session, organisation.id, invented, since=NOW)
            hire(session, organisation.id, [*invented, *team(None, 1, 4)])
            staff = [*invented, *team(None, 1, 4)]
            hold_wave(session, survey, "w1", staff, {one.ref: 9 for one in staff[:answering]})
            key = make_key(session, organisation.id)
        page = shown(settings, key).text
        pages.append(plain(page[page.index("<main") : page.index("</main>")]))
    assert pages[0] == pages[1]
    assert "fewer than 5 people answered who had been known for long enough" in pages[0]
