"""Which surveys a report asks that names none: those of customers, or of staff where it says so."""

from datetime import date

import pytest

from app.settings import Settings
from app.storage.database import Database
from surveys.responses.cells import Slice
from tests.analytics.rows import answered, scored
from tests.app.client import ask, make_key
from tests.factories import make_organisation, make_survey

DAY = date(2026, 3, 2)


@pytest.fixture
def key(database: Database) -> str:
    """A key of an organisation that asks eight customers, and four of its staff."""
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        make_survey(session, number, "pulse", audience="staff")
        rows = [(Slice("nps"), DAY, score) for score in scored(4, 3, 1)]
        answered(session, number, rows + [(Slice("pulse"), DAY, score) for score in scored(1, 1, 2)])
        return make_key(session, number)


def test_customers_are_asked_unless_staff_are_named(settings: Settings, key: str) -> None:
    scores, staff, trend, of_staff, spread, rows, few = ask(
        settings, key, ("GET", "/scores"), ("GET", "/scores?audience=staff"), ("GET", "/trend"),
        ("GET", "/trend?audience=staff"), ("GET", "/distribution"), ("GET", "/responses"),
        ("GET", "/responses?audience=staff"),
    )  # fmt: skip
    assert [reply.json()["total"]["responses"] for reply in (scores, staff)] == [8, 4]
    assert [reply.json()["items"][0]["responses"] for reply in (trend, of_staff, spread)] == [8, 4, 8]
    assert [len(reply.json()["items"]) for reply in (rows, few)] == [8, 4]


def test_an_audience_is_a_word_and_that_of_the_surveys_named(settings: Settings, key: str) -> None:
    named, both, other, unknown, two = ask(
        settings, key, ("GET", "/scores?survey=pulse"), ("GET", "/scores?survey=pulse&audience=staff"),
        ("GET", "/scores?survey=pulse&audience=customers"), ("GET", "/scores?audience=everybody"),
        ("GET", "/scores?audience=staff,customers"),
    )  # fmt: skip
    assert named.json()["total"] == both.json()["total"]
    assert [reply.json()["errors"][0]["field"] for reply in (other, unknown, two)] == ["audience"] * 3


def test_a_baseline_and_a_comparison_keep_to_their_audience(settings: Settings, key: str) -> None:
    made, again, read, compared = ask(
        settings, key, ("PUT", "/baselines/work", {"query": {"audience": "staff", "to": "2026-03-31"}}),
        ("PUT", "/baselines/work", {"query": {"to": "2026-03-31", "audience": "staff"}}), ("GET", "/baselines/work"),
        ("GET", "/compare?audience=staff&a.to=2026-03-01&b.from=2026-03-02"),
    )  # fmt: skip
    assert (made.status_code, again.status_code, read.json()["estimate"]["responses"]) == (201, 200, 4)
    assert read.json()["query"]["audience"] == "staff"
    assert compared.json()["items"][0]["current"]["responses"] == 4
