"""Against the baseline, on the report of an anonymous survey: waves after waves, and who is counted in each group."""

import re

import pytest

from analytics.counts import query
from analytics.reports import baselines
from app.settings import Settings
from app.storage.database import Database
from surveys.questionnaire import definitions
from tests.app.client import make_key
from tests.app.pages.report_pages import plain, rows, shown
from tests.factories import NOW
from tests.surveys.results import QUARTER, make_results, scores
from tests.surveys.staff import hire, hold_wave, make_enps, team


@pytest.fixture
def keys(database: Database) -> dict[str, str]:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        return {
            "owner": make_key(session, number, "owner"), "ships": make_key(session, number, "manager", "ships")
        }  # fmt: skip


def freeze(database: Database, key: str, *pairs: tuple[str, str], note: str | None = None) -> None:
    with database.writing() as session:
        asked = query.parse(session, 1, [("survey", "enps"), *pairs])
        baselines.freeze(session, asked, key, note, NOW + 4 * QUARTER)


def test_the_waves_since_a_baseline_are_set_against_it(
    settings: Settings, database: Database, keys: dict[str, str]
) -> None:
    before = shown(settings, keys["owner"]).text
    assert "No baseline is frozen for this survey yet" in before
    freeze(database, "start", ("wave", "w1"), note="Before the rota.")
    page = shown(settings, keys["owner"], "/report?survey=enps&wave=w1").text
    assert "The wave “w2” against the baseline “start” of “w1”. Before the rota." in plain(page)
    assert "a change against a baseline is a comparison of waves; who answered" in plain(page)
    # Twice 52 answers of which 28 are promoters and 8 detractors.
    ((group, verdict, then, now, change, interval),) = rows(page, "Now against the baseline")
    assert (group, then, now, change) == ("All answers", "38.5 n = 52", "38.5 n = 52", "0.0")
    assert re.fullmatch(r"−[\d.]+ to \+[\d.]+", interval)
    assert verdict == "no clear change"
    assert 'id="chart-baseline"' in page
    assert (
        "There is no baseline of this name" in shown(settings, keys["owner"], "/report?survey=enps&baseline=other").text
    )


def test_groups_of_a_baseline_are_named_after_all_they_count_and_keep_quiet_where_all_agree(
    settings: Settings, database: Database, keys: dict[str, str]
) -> None:
    freeze(database, "teams", ("wave", "w1"), ("by", "unit"))
    page = shown(settings, keys["owner"]).text
    compared = rows(page, "Now against the baseline")
    assert [row[0] for row in compared] == ["Engine", "Bridge and Deck, together"]
    agreed = "90 % or more promoters n = 12"
    assert rows(page, "Groups without a verdict") == [["Desk", "not shown", agreed, agreed, "–", "–"]]
    assert "Not compared" not in page


def test_a_group_in_which_others_are_counted_now_is_named_and_not_compared(
    settings: Settings, database: Database
) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=1)
        staff = [*team("bridge", 3, 100), *team("engine", 17, 100), *team("desk", 12, 100)]
        hire(session, number, staff)
        hold_wave(session, survey, "w2", staff, scores(staff, alike="none"), now=NOW + QUARTER)
        key = make_key(session, number)
    freeze(database, "teams", ("wave", "w1"), ("by", "unit"))
    page = shown(settings, key).text
    assert "Not compared: Engine and Ships. They were counted together with other people then than now" in page
    assert [row[0] for row in rows(page, "Groups without a verdict")] == ["Desk"]
    assert 'id="chart-baseline"' not in page


def test_a_manager_sees_the_baseline_of_the_own_unit_only(
    settings: Settings, database: Database, keys: dict[str, str]
) -> None:
    freeze(database, "all", ("wave", "w1"))
    assert "No baseline is frozen for this survey yet" in shown(settings, keys["ships"]).text
    freeze(database, "ships", ("wave", "w1"), ("unit", "ships"))
    page = shown(settings, keys["ships"]).text
    assert "In Ships with what lies below." in plain(page)
    assert rows(page, "Now against the baseline")[0][2] == "20.0 n = 40"
    assert "“all”" not in page


def test_a_baseline_that_can_no_longer_be_asked_leaves_the_rest_of_the_page(
    settings: Settings, database: Database, keys: dict[str, str]
) -> None:
    freeze(database, "watches", ("wave", "w1"), ("by", "segment.watch"))
    with database.writing() as session:
        definitions.get(session, 1, "enps").segments = []
    page = shown(settings, keys["owner"])
    assert page.status_code == 200
    assert "The baseline “watches” can no longer be compared with." in page.text
    assert "By unit" in page.text


def test_before_the_next_wave_there_is_nothing_to_set_against_a_baseline(
    settings: Settings, database: Database, keys: dict[str, str]
) -> None:
    freeze(database, "latest", ("wave", "w2"))
    freeze(database, "older", ("to", "2026-05-31"))
    page = shown(settings, keys["owner"], "/report?survey=enps&baseline=latest").text
    assert "No wave has been released since the baseline “latest” (“w2”)." in page
    assert re.findall(r"<option[^>]*>(latest|older|the latest)</option>", page) == ["the latest", "latest", "older"]


def test_a_wave_of_another_survey_is_refused_and_a_baseline_of_another_is_not_there(
    settings: Settings, database: Database, keys: dict[str, str]
) -> None:
    freeze(database, "start", ("wave", "w1"))
    with database.writing() as session:
        pulse, staff = make_enps(session, 1, key="pulse", name="Pulse"), team(None, 9)
        hire(session, 1, staff)
        hold_wave(session, pulse, "p1", staff, {one.ref: n for n, one in enumerate(staff)}, now=NOW + 2 * QUARTER)
    refused = shown(settings, keys["owner"], "/report?survey=pulse&wave=w1")
    assert (refused.status_code, "wave: nothing was released" in refused.text) == (422, True)
    page = shown(settings, keys["owner"], "/report?survey=pulse&baseline=start")
    assert [row[0][:2] for row in rows(page.text, "eNPS by wave")] == ["p1"]
    assert "There is no baseline of this name for this survey" in page.text
    assert "<option>start" not in page.text
