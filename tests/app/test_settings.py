"""A setting that cannot be right is refused by its name, in one line, before anything is done with it."""

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.settings import Settings, SettingsWrong
from app.storage.database import Database
from tests.conftest import SECRET
from tests.journeys.server import SOUNDINGS

WRONG = [
    ("BASE_URL", ""),
    ("BASE_URL", "javascript:alert(1)"),
    ("BASE_URL", "ask.example.org"),
    ("BASE_URL", "ftp://ask.example.org"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https://ask.example.org:port"),
    ("BASE_URL", "https://ask.example.org/?x=1"),
    ("BASE_URL", "https://ask.example.org/#top"),
    ("BASE_URL", "https://ask.example.org\nBcc: x"),
    ("BASE_URL", "https://user:word@ask.example.org"),
    ("DATABASE_URL", ""),
    ("DATABASE_URL", "soundings.db"),
    ("DATABASE_URL", "mysql://user:hidden-word@db/soundings"),
    ("DATABASE_URL", "postgresql+asyncpg://user:hidden-word@db/soundings"),
    ("DATABASE_URL", "postgresql://user:hidden-word@db:port/soundings"),
    ("REPORT_DATABASE_URL", "nowhere"),
    ("WORKER", "maybe"),
    ("METRICS", "on"),
    ("METRICS_ADDRESS", "9100"),
    ("METRICS_ADRESS", "127.0.0.1:9100"),
    ("LOG_LEVEL", "LOUD"),
    ("SECRET_FILE", "/nowhere/secret"),
    ("DATABSE_URL", "sqlite:///x.db"),
    ("BASE_URL_FLIE", "x"),
]
COMMANDS = [
    ["migrate"],
    ["serve"],
    ["worker", "--once"],
    ["bounce"],
    ["doctor"],
    ["organisation", "create", "fjord", "--name", "Fjord"],
    ["key", "create", "--organisation", "fjord", "--role", "owner"],
    ["contacts", "import", __file__, "--organisation", "fjord"],
    ["import", "responses", __file__, "--organisation", "fjord", "--survey", "nps", "--score-column", "x"],
    ["invite", "--organisation", "fjord", "--survey", "nps"],
    ["report", "--organisation", "fjord"],
    ["tallies", "check", "--organisation", "fjord"],
    ["demo", "--no-serve"],
]


def test_settings_that_are_right_are_taken() -> None:
    for url in ("sqlite:///var/soundings.db", "postgresql://user:word@db/soundings", "postgres://db/soundings"):
        assert Settings(secret=SECRET, database_url=url).database_url == url
    for url in ("https://ask.example.org", "http://127.0.0.1:8000", "http://[::1]:8000", "https://example.org/ask"):
        assert Settings(secret=SECRET, base_url=f"{url}/").base_url == url
    assert Settings(secret=SECRET, report_database_url="").report_database_url is None


@pytest.mark.parametrize(("name", "setting"), WRONG)
def test_a_wrong_setting_is_named(name: str, setting: str) -> None:
    done = CliRunner().invoke(app, ["migrate"], env={f"SOUNDINGS_{name}": setting, "SOUNDINGS_SECRET": SECRET})
    assert isinstance(done.exception, SettingsWrong)
    (line,) = str(done.exception).splitlines()
    assert line.startswith(f"SOUNDINGS_{name}: ")
    assert "hidden-word" not in line


def test_a_name_that_is_no_setting_is_told_with_the_one_that_is_like_it() -> None:
    done = CliRunner().invoke(app, ["migrate"], env={"SOUNDINGS_DATABSE_URL": "x", "SOUNDINGS_WORKER": "maybe"})
    unknown, wrong = str(done.exception).splitlines()
    assert unknown == "SOUNDINGS_DATABSE_URL: there is no such setting; is SOUNDINGS_DATABASE_URL meant?"
    assert wrong.startswith("SOUNDINGS_WORKER: ")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_that_reads_settings_refuses_wrong_ones(command: list[str], tmp_path: Path) -> None:
    options = ["--folder", str(tmp_path / "demo")] if command[0] == "demo" else []
    env = {"SOUNDINGS_SECRET": SECRET, "SOUNDINGS_WORKER": "maybe", "SOUNDINGS_NO_SUCH": "1"}
    done = CliRunner().invoke(app, [*command, *options], env=env)
    if command == ["doctor"]:
        assert done.exit_code == 1
        assert "SOUNDINGS_WORKER" in done.stdout
        return
    assert isinstance(done.exception, SettingsWrong), done.output


@pytest.mark.parametrize(
    ("command", "settings", "lines"),
    [
        (["serve", "--port", "1"], {"WORKER": "maybe", "BASE_URL": "javascript:x", "NO_SUCH": "1"}, 3),
        (["worker", "--once"], {"DATABASE_URL": "postgresql://user:hidden-word@127.0.0.1:1/none"}, 1),
        (["migrate"], {"DATABASE_URL": "sqlite:////proc/nowhere/soundings.db"}, 1),
        (["migrate"], {"DATABASE_URL": "sqlite:////etc/hostname"}, 1),
    ],
)
def test_what_is_wrong_stands_in_one_line_each_with_exit_code_2(
    command: list[str], settings: dict[str, str], lines: int
) -> None:
    env = os.environ | {"SOUNDINGS_SECRET": SECRET} | {f"SOUNDINGS_{name}": text for name, text in settings.items()}
    done = subprocess.run([str(SOUNDINGS), *command], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines()), done.stdout) == (2, lines, ""), done.stderr
    assert all(line.startswith("SOUNDINGS_") for line in done.stderr.splitlines())
    assert "hidden-word" not in done.stderr


def test_the_service_starts_on_what_is_right(database: Database, settings: Settings) -> None:
    env = {"SOUNDINGS_SECRET": SECRET, "SOUNDINGS_DATABASE_URL": settings.database_url, "SOUNDINGS_WORKER": "no"}
    done = CliRunner().invoke(app, ["worker", "--once"], env=env | {"SOUNDINGS_MAIL": settings.mail})
    assert done.stdout == "sent 0, refused 0\n"


def test_what_kubernetes_puts_beside_a_service_of_this_name_is_no_setting() -> None:
    env = {
        "SOUNDINGS_SERVICE_HOST": "10.0.0.7",
        "SOUNDINGS_SERVICE_PORT": "8000",
        "SOUNDINGS_SERVICE_PORT_HTTP": "8000",
        "SOUNDINGS_PORT": "tcp://10.0.0.7:8000",
        "SOUNDINGS_PORT_8000_TCP": "tcp://10.0.0.7:8000",
        "SOUNDINGS_PORT_8000_TCP_ADDR": "10.0.0.7",
    }
    done = CliRunner().invoke(app, ["migrate"], env=env | {"SOUNDINGS_DATABASE_URL": "x", "SOUNDINGS_SERVICE": "x"})
    assert [line.partition(":")[0] for line in str(done.exception).splitlines()] == [
        "SOUNDINGS_SERVICE",
        "SOUNDINGS_DATABASE_URL",
    ]


def test_a_name_that_is_like_none_is_told_without_a_guess() -> None:
    done = CliRunner().invoke(app, ["migrate"], env={"SOUNDINGS_TYPO": "1"})
    assert str(done.exception) == "SOUNDINGS_TYPO: there is no such setting."
