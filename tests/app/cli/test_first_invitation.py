"""From an empty database to the first real invitation, by the commands as one types them."""

import re
import shlex
from contextlib import chdir
from email import message_from_bytes, policy
from pathlib import Path

import sqlalchemy as sa

from app.storage.database import Database
from surveys.tables import metadata
from tests.app.cli.commands import call, run
from tests.conftest import SECRET

README = (Path(__file__).resolve().parents[3] / "README.md").read_text()


def typed(database_url: str, folder: Path, *command: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command typed in `folder`, the first as a process of its own."""
    if command[:2] == ("organisation", "create"):
        done = call(database_url, folder, *command)
        return done.returncode, done.stdout, done.stderr
    with chdir(folder):
        made = run(database_url, *command, SOUNDINGS_SECRET=SECRET)
    return made.exit_code, made.stdout, f"{made.stderr}{made.exception or ''}"


def test_the_commands_of_the_readme_lead_to_the_first_invitations(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("ref,email,name\n1,ada@example.org,Ada\n2,bo@example.org,Bo\n")
    said: dict[str, str] = {}
    for line in re.findall(r"^soundings (.*)$", README, re.MULTILINE):
        command = shlex.split(line, comments=True)
        before = rows(database)
        if command == ["serve"]:
            command = ["worker", "--once"]  # the part of serving that sends mail, and ends
        code, output, errors = typed(database_url, tmp_path, *command)
        assert code == 0, errors
        said[line.partition("#")[0].strip()] = output
        if "--dry-run" in command or "--to" in command:
            assert rows(database) == before
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in (tmp_path / "var/mail").iterdir()]
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mails) == [
        "ada@example.org", "bo@example.org", "you@example.org",
    ]  # fmt: skip
    asking = "invite --survey nps --touchpoint phone"
    assert said[f"{asking} --to you@example.org"].startswith("A test mail to you@example.org is in var/mail.\n")
    assert said[f"{asking} --dry-run"].endswith("invited 2, withheld 0\n")
    assert said[asking] == "invited 2, withheld 0\n"
    assert said["serve"].endswith("sent 2, refused 0\n")
    organisations = typed(database_url, tmp_path, "organisation", "list")[1]
    assert organisations == "fjord\tFjord Ferries\tEurope/Copenhagen\ten\n"
    assert "\towner\tworks\tfirst owner\n" in typed(database_url, tmp_path, "key", "list")[1]


def test_what_is_wrong_is_one_line_and_exit_code_2(database_url: str, tmp_path: Path) -> None:
    for command, line in (
        (["key", "list"], "There is no organisation yet. Run: soundings organisation create KEY --name NAME\n"),
        (["organisation", "create", "x", "--name", "X", "--time-zone", "[red]"],
         "time_zone: '[red]' is not an IANA time zone such as Europe/Copenhagen.\n"),
    ):  # fmt: skip
        done = call(database_url, tmp_path, *command)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as session:
        return {
            name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }
