"""Running `soundings` on one database, in this process or as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from app.cli import app
from tests.conftest import SECRET

SOUNDINGS = Path(sys.executable).parent / "soundings"


def run(database_url: str, *command: str, **settings: str) -> Result:
    """What came of a command in this process; a fact is in `exception`."""
    return CliRunner().invoke(app, list(command), env={"SOUNDINGS_DATABASE_URL": database_url} | settings)


def call(database_url: str, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """What came of the real command, run in `folder`, where its mails go too."""
    settings = {"SOUNDINGS_DATABASE_URL": database_url, "SOUNDINGS_SECRET": SECRET}
    return subprocess.run(
        [str(SOUNDINGS), *command], cwd=folder, env=os.environ | settings, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
