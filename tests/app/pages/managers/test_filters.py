"""Which answers the report is about: the filters of the API hold, and what a page does not know is refused."""

import re
from datetime import date

import pytest

from app.settings import Settings
from app.storage.database import Database
from surveys.questionnaire import definitions
from surveys.responses.cells import Slice
from tests.analytics.rows import answered
from tests.app.client import make_key
from tests.app.pages.report_pages import shown, stocked
from tests.factories import make_survey


def test_a_manager_sees_the_own_unit_only(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "manager", "south")
    page = shown(settings, key)
    assert "1 answer so far: too early to tell." in page.text
    assert 'id="figures"' not in page.text
    assert "100.0" not in page.text
    assert "Support" not in page.text
    assert "year-one" not in page.text
    assert shown(settings, key, "/report?unit=north").status_code == 422


def test_a_wrong_parameter_is_named_on_the_page(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")
    for path in ("/report?survey=nobody", "/report?from=yesterday", "/report?period=decade"):
        page = shown(settings, key, path)
        assert page.status_code == 422
        assert 'role="alert"' in page.text
    assert shown(settings, key, "/report?survey=nps&from=&to=").status_code == 200


@pytest.mark.parametrize(
    ("filters", "answers"),
    [
        ("touchpoint=support", 200), ("unit=south", 1), ("channel=paper", 7), ("segment.size=big", 7),
        ("touchpoint=support&touchpoint=advice", 201), ("from=2026-01-01&touchpoint=support", 100),
    ],
)  # fmt: skip
def test_the_filters_of_the_api_hold_on_the_page(
    settings: Settings, database: Database, filters: str, answers: int
) -> None:
    with stocked(database) as (session, number):
        survey = definitions.get(session, number, "nps")
        survey.segments = ["size"]
        big = Slice("nps", channel="paper", segments=(("size", "big"),))
        answered(session, number, [(big, date(2025, 3, 1), 9)] * 7)
        key = make_key(session, number, "analyst")
    page = shown(settings, key, f"/report?survey=nps&{filters}")
    assert page.status_code == 200
    overall = page.text.partition("Since the first")[2] or page.text.partition("On the days chosen")[2] or page.text
    n = re.search(r"\b(\d+) answers?(?:\.| so far)", overall)
    assert n
    assert int(n[1]) == answers


@pytest.mark.parametrize(
    "path",
    [
        "/report?colour=red", "/report?touchpoint=nothing", "/report?segment.age=old", "/report?by=unit",
        "/why?period=week", "/why?unit=nowhere", "/why?colour=red", "/report?survey=nps&survey=shop",
    ],
)  # fmt: skip
def test_what_a_page_does_not_know_is_refused_with_a_way_back(
    settings: Settings, database: Database, path: str
) -> None:
    with stocked(database) as (session, number):
        make_survey(session, number, "shop")
        key = make_key(session, number, "analyst")
    page = shown(settings, key, path)
    assert page.status_code == 422
    name = re.search(r"[?&]([\w.]+)=[^&]*$", path)
    assert name
    assert f'<p class="wrong" role="alert" lang="en">{name[1]}: ' in page.text
    assert "Show the whole report" in page.text
