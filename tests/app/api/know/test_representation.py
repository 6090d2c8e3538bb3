"""Who answered, through the application."""

from datetime import timedelta

from sqlmodel import Session

from app.settings import Settings
from app.storage.database import Database
from surveys.fieldwork import bounces
from surveys.links import Link
from surveys.responses import tallies
from surveys.responses.cells import Slice
from surveys.tables import Survey
from tests.analytics.rows import answered, scored
from tests.app.client import ask, make_key
from tests.factories import NOW, make_contact, make_invitation, make_organisation, make_survey, make_unit

DAY = NOW.date()


def group(session: Session, survey: Survey, unit: str, invited: int, scores: list[int]) -> None:
    """So many invited in a unit, and these scores of theirs."""
    place = Slice(survey.key, unit=unit, channel="email", locale="en")
    answered(session, survey.organisation_id, [(place, DAY, score) for score in scores])
    tallies.count_turnout(session, [(survey.organisation_id, place.id, DAY, invited, len(scores), 0)])


def test_the_score_is_weighted_to_those_invited(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        survey = make_survey(session, number)
        for unit in ("north", "south"):
            make_unit(session, number, unit)
        group(session, survey, "north", 98, scored(20, 12, 8))
        group(session, survey, "south", 300, scored(10, 10, 20))
        answered(session, number, [(Slice("nps", unit="north", channel="page"), DAY, 10)])
        for _ in range(2):
            contact = make_contact(session, number, unit_key="north")
            sent = make_invitation(session, survey, contact, sent_at=NOW)
        link = Link(number, sent.id)
        bounces.bounce(session, link, "no such address", NOW + timedelta(hours=1), address_dead=True, first=True)
        key = make_key(session, number, "reader")
    found, alone, nobody, table = ask(
        settings, key, ("GET", "/representation?by=unit"), ("GET", "/representation"),
        ("GET", "/representation?from=2020-01-01&to=2020-01-02&by=unit"), ("GET", "/representation?by=unit&format=csv"),
    )  # fmt: skip
    body = found.json()
    assert [(i["group"]["unit"], i["invited"], i["undelivered"], i["answered"]) for i in body["items"]] == [
        ("north", 100, 1, 40), ("south", 300, 0, 40),
    ]  # fmt: skip
    assert [i["response_rate_percent"] for i in body["items"]] == [40, 13.33]  # 40 of 100, 40 of 300
    assert [i["share_of_invited_percent"] for i in body["items"]] == [25, 75]
    assert [i["share_of_answered_percent"] for i in body["items"]] == [50, 50]
    assert (body["invited"], body["undelivered"], body["answered"], body["response_rate_percent"]) == (400, 1, 80, 20)
    # A quarter of 12/40 = 30 and three quarters of -10/40 = -25; weights 0.5 and 1.5, so 80^2 / 100 effective answers.
    assert (body["unweighted"]["nps"], body["weighted"]["nps"]) == (2.5, -11.25)
    assert (body["weighted"]["effective_responses"], body["weighted"]["design_effect"]) == (64, 1.25)
    assert (body["largest_weight"], body["trimmed"], body["warnings"]) == (1.5, 0, [])
    assert alone.json()["weighted"]["nps"] == alone.json()["unweighted"]["nps"] == 2.5
    assert "nothing to weight by" in alone.json()["warnings"][0]
    assert (nobody.json()["invited"], nobody.json()["response_rate_percent"]) == (0, None)
    assert nobody.json()["weighted"]["nps"] is None
    assert table.text.splitlines()[0].startswith("group.unit,invited,undelivered,answered,response_rate_percent")
