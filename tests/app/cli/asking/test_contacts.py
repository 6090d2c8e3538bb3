"""`soundings contacts import` stores what is right and lists what is not."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.storage.database import Database
from surveys.facts import Malformed, Unknown
from tests.factories import make_organisation


def run(database_url: str, file: Path, organisation: str = "fjord") -> Result:
    env = {"SOUNDINGS_DATABASE_URL": database_url}
    return CliRunner().invoke(app, ["contacts", "import", str(file), "--organisation", organisation], env=env)


def test_a_file_is_imported_and_a_bad_row_is_listed(database: Database, database_url: str, tmp_path: Path) -> None:
    with database.writing() as session:
        make_organisation(session)
    file = tmp_path / "people.csv"
    file.write_text("ref;email;plan\n1;ada@example.org;gold\n2;none;gold\n3;bo@example.org;\n")
    first, second = run(database_url, file), run(database_url, file)
    assert first.stdout.splitlines()[-1] == "created 2, updated 0, refused 1"
    assert "row 3, email:" in first.stderr
    assert second.stdout.splitlines()[-1] == "created 0, updated 2, refused 1"


def test_a_file_or_organisation_that_is_not_there_is_told(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    missing = run(database_url, tmp_path / "nothing.csv")
    assert isinstance(missing.exception, Malformed)
    file = tmp_path / "people.csv"
    file.write_text("ref\n1\n")
    assert isinstance(run(database_url, file, "nowhere").exception, Unknown)
    file.write_text("name\nAda\n")
    with database.writing() as session:
        make_organisation(session)
    refused = run(database_url, file).exception
    assert isinstance(refused, Malformed)
    assert refused.field == "header"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"email\n\xe6"])
def test_a_file_of_another_encoding_is_told(
    database: Database, database_url: str, tmp_path: Path, content: bytes
) -> None:
    with database.writing() as session:
        make_organisation(session)
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    refused = run(database_url, file).exception
    assert isinstance(refused, Malformed)
    assert refused.field in ("file", "header")


def test_a_file_of_which_every_row_is_refused_ends_with_exit_code_1(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with database.writing() as session:
        make_organisation(session)
    file = tmp_path / "people.csv"
    file.write_text("ref,email\n1,none\n2,none either\n")
    refused = run(database_url, file)
    assert (refused.exit_code, refused.stdout) == (1, "created 0, updated 0, refused 2\n")
    file.write_text("ref,email\n1,none\n2,bo@example.org\n")
    assert run(database_url, file).exit_code == 0
    file.write_text("ref,email\n")
    assert run(database_url, file).exit_code == 0
