"""A wheel is all one needs: installed into an empty environment, its commands work in any folder."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "analytics", "culture", "surveys", "alembic")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def soundings(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment that holds the wheel, and what it depends on, but not this checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    uv = Path(sys.executable).parent / "uv"
    run([str(uv), "pip", "install", "-q", "--offline", "--no-deps", "--python", str(python), str(wheel)], folder)
    # A folder named in a .pth file has its packages found, but its own .pth file, which leads to this checkout, unread.
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin" / "soundings"


def run(command: list[str], folder: Path, **settings: str) -> str:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("SOUNDINGS_", "PYTHON"))}
    done = subprocess.run(
        command, cwd=folder, env=kept | settings, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_carries_every_file_of_the_packages(wheel: Path) -> None:
    with ZipFile(wheel) as opened:
        carried = set(opened.namelist())
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    names = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    wanted = {f"app/{name}" if name.startswith("alembic/") else name for name in names}
    assert wanted - carried == set()
    assert len(wanted) > 250


def test_the_demo_is_set_up_by_what_is_installed(soundings: Path, tmp_path: Path) -> None:
    where = run([str(soundings.parent / "python"), "-c", "import app; print(app.__file__)"], tmp_path)
    assert where.startswith(str(soundings.parents[1]))
    assert "imported 889, blank 78" in run([str(soundings), "demo", "--no-serve"], tmp_path)
    assert (tmp_path / "var/demo/soundings.db").exists()


def test_a_database_is_migrated_by_what_is_installed(soundings: Path, tmp_path: Path, database_url: str) -> None:
    for to, said in (("base", "at revision base"), ("head", "at revision 00")):
        assert said in run([str(soundings), "migrate", "--to", to], tmp_path, SOUNDINGS_DATABASE_URL=database_url)
