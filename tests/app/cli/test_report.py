"""`soundings report` shows the figures of the API in a table."""

from datetime import datetime

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.storage.database import Database
from surveys.facts import Malformed
from surveys.responses import cells
from surveys.responses.cells import Slice
from surveys.responses.tallies import Change, apply, count_turnout
from tests.factories import make_organisation, make_survey, make_touchpoint
from tests.surveys.results import make_results


def report(database_url: str, *options: str) -> Result:
    env = {"SOUNDINGS_DATABASE_URL": database_url}
    return CliRunner().invoke(app, ["report", "--organisation", "fjord", *options], env=env)


@pytest.fixture
def answered(database: Database, now: datetime) -> None:
    """Forty answers about support, and three about the ferry's phone."""
    with database.writing() as session:
        make_survey(session, make_organisation(session).id)
        make_touchpoint(session, 1, "support", name="Customer support")
        make_touchpoint(session, 1, "phone", name="Phone")
        support, phone = (Slice("nps", touchpoint=key, channel="email") for key in ("support", "phone"))
        cells.ensure(session, 1, [support, phone])
        scores = [(support.id, 9)] * 20 + [(support.id, 8)] * 10 + [(support.id, 6)] * 10 + [(phone.id, 10)] * 3
        apply(session, [Change(1, cell_id, now.date(), score) for cell_id, score in scores])
        count_turnout(session, [(1, support.id, now.date(), 80, 40, 0)])


@pytest.mark.usefixtures("answered")
def test_groups_are_shown_by_name_with_their_figures(database_url: str) -> None:
    shown = report(database_url, "--survey", "nps", "--by", "touchpoint")
    assert shown.exit_code == 0, shown.output
    assert " NPS " in shown.stdout
    rows = {cells[0]: cells[1:] for line in shown.stdout.splitlines() if len(cells := _cells(line)) == 8}
    # (20 - 10) / 40 is 25 points; the interval is that of analytics.estimate.
    assert rows["Customer support"][0] == "25.0"
    assert rows["Customer support"][2:] == ["40", "20", "10", "10", "50.0 % of 80"]
    assert rows["Phone"] == ["100.0*", "", "3", "3", "0", "0", ""]
    assert rows["all"][2:6] == ["43", "23", "10", "10"]


@pytest.mark.usefixtures("answered")
def test_days_bound_it_and_what_is_not_there_is_named(database_url: str) -> None:
    assert _cells(report(database_url, "--to", "2020-12-31").stdout.splitlines()[-2])[3] == "0"
    refused = report(database_url, "--survey", "enps").exception
    assert isinstance(refused, Malformed)
    assert refused.field == "--survey"
    assert isinstance(report(database_url, "--by", "weather").exception, Malformed)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("│")[1:-1]]


def test_groups_of_anonymous_waves_are_told_in_words_where_figures_are_withheld(
    database: Database, database_url: str
) -> None:
    with database.writing() as session:
        make_results(session)
    shown = report(database_url, "--survey", "enps", "--by", "unit")
    rows = {cells[0]: cells[1:] for line in shown.stdout.splitlines() if len(cells := _cells(line)) == 8}
    assert rows["Desk"] == ["90 % or more promoters", "", "12", "", "", "", "100.0 % of 12"]
    assert rows["Bridge"][:3] == ["with others", "", "0"]
    assert rows["Engine"][0] == "20.0*"
    assert " eNPS " in shown.stdout
