"""`soundings` starts at once: what a command needs is loaded when it runs."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app import VERSION
from tests.app.cli.commands import run

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"sqlalchemy", "sqlmodel", "alembic", "pandas", "numpy", "scipy", "plotly", "fastapi", "babel"}
LOADED = f"""
import sys
try:
    from app.cli import app
    app()
finally:
    print("loaded:", sorted({HEAVY} & set(sys.modules)))
"""


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["invite", "--help"], ["key", "create"], ["nonsense"]])
def test_help_and_slips_load_none_of_the_heavy_libraries(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, *command], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_the_version_is_the_one_of_the_package() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert run("sqlite://", "--version").stdout == f"soundings {VERSION}\n"
