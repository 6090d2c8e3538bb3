"""What the report says changed: in its first line, against the baseline, and at which touchpoints."""

from datetime import date

from analytics.counts import query
from analytics.reports import baselines
from app.settings import Settings
from app.storage.database import Database
from surveys.responses.cells import Slice
from tests.analytics.rows import answered, scored
from tests.app.client import make_key
from tests.app.pages.report_pages import SUPPORT, first_line, rows, shown, stocked
from tests.factories import NOW, make_organisation, make_survey, make_touchpoint


def test_a_baseline_of_another_survey_is_not_offered_and_one_that_cannot_be_asked_leaves_the_rest(
    settings: Settings, database: Database
) -> None:
    with stocked(database) as (session, number):
        survey = make_survey(session, number, "shop", segments=["size"])
        big = Slice("shop", touchpoint="support", segments=(("size", "big"),))
        answered(session, number, [(big, date(2025, 3, 1), 9)] * 9)
        asked = query.parse(session, number, [("survey", "shop"), ("by", "segment.size"), ("to", "2025-12-31")])
        baselines.freeze(session, asked, "sizes", None, NOW)
        survey.segments = []
        key = make_key(session, number)
    shop, nps = (shown(settings, key, f"/report?survey={one}&baseline=sizes") for one in ("shop", "nps"))
    assert (shop.status_code, nps.status_code) == (200, 200)
    assert "The baseline “sizes” can no longer be compared with." in shop.text
    assert "How the scores are spread" in shop.text
    assert "There is no baseline of this name for this survey" in nps.text
    assert "<option>sizes" not in nps.text


def test_the_report_starts_with_the_last_period_against_the_one_before(settings: Settings, database: Database) -> None:
    """March 2025 has 20 promoters and 40 detractors of 100, March 2026 61 and 10 of 101: from -20 to 50.5."""
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    assert first_line(page).startswith("March 2026 is up on March 2025: +70.5 points (+")
    assert '<span class="nps">50.5</span> <span class="unit">NPS</span>' in page
    assert "The score since 1 January 2026 is up on the baseline “year-one”: +70.5 points" in page
    assert "Since the first answer: NPS 15.4" in page


def test_a_period_with_one_answer_is_too_early_to_tell_and_does_not_lead(
    settings: Settings, database: Database
) -> None:
    with stocked(database) as (session, number):
        answered(session, number, [(SUPPORT, date(2026, 4, 2), 0)])
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    assert first_line(page).startswith("March 2026 is up on March 2025")
    assert "April 2026: 1 answer so far: too early to tell." in page


def test_touchpoints_that_surely_differ_stand_first_with_the_verdict_beside_their_name(
    settings: Settings, database: Database
) -> None:
    """60 of 100 promoters and no detractors, 20 and 30, 26 and 24, and 6 and 1 of 11: the last is high by chance."""
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        groups = {"good": (60, 40, 0), "bad": (20, 50, 30), "usual": (26, 50, 24), "lucky": (6, 4, 1), "new": (2, 0, 0)}
        for name, three in groups.items():
            make_touchpoint(session, number, name)
            place = Slice("nps", touchpoint=name)
            answered(session, number, [(place, date(2026, 3, 1), score) for score in scored(*three)])
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    order = [(row[0], row[1]) for row in rows(page, "NPS by touchpoint")]
    assert order == [("Good", "higher"), ("Usual", "lower"), ("Bad", "lower"), ("Lucky", "no clear difference")]
    assert rows(page, "Touchpoints with fewer than 5 answers")[0][:3] == ["New", "–", "too few answers"]
    assert "verdicts grey" in page
