"""What the tests of imports share: the command, on an organisation with a survey."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.storage.database import Database
from tests.factories import make_organisation, make_survey
from tests.journeys.exports import Command


@pytest.fixture
def command(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`soundings import responses FILE SCORE-COLUMN ...` on an organisation with a survey."""
    monkeypatch.setenv("SOUNDINGS_DATABASE_URL", database_url)
    with database.writing() as session:
        make_survey(session, make_organisation(session).id)

    def run(file: Path, score_column: str, *rest: str) -> Result:
        place = ["--organisation", "fjord", "--survey", "nps", "--score-column", score_column]
        return CliRunner().invoke(app, ["import", "responses", str(file), *place, *rest])

    return run
