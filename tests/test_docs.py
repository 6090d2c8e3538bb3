"""What the documents say about rooms, settings, commands, routes and decisions is there, and leads somewhere."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.routing import Match

from app.cli import app as soundings
from app.main import create_app
from app.settings import PREFIX, Settings
from tests.conftest import SECRET

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
OPERATING = (DOCS / "operating.md").read_text()
MANUALS = OPERATING + (DOCS / "importing.md").read_text()
RECORDS = sorted((DOCS / "decisions").glob("*.md"))
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
HEADINGS = ("## Context", "## Decision", "## Set aside", "## Consequences", "## Held by")
STATUS = re.compile(r"^Status: (?:accepted|superseded by record \d+), (\d{4}-\d\d-\d\d)\.$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
MODULE = re.compile(r"(?<![\w/])\w+\.py\b")
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z]+):(?!=)", MAKEFILE, re.MULTILINE)
SETTINGS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
PACKAGES = ("app", "analytics", "culture", "surveys")
FOLDERS = (*PACKAGES, "alembic", "benchmarks", "docs", "tests")
IN_A_FOLDER = re.compile(rf"(?<![\w/])(?:{'|'.join(FOLDERS)})/[\w./-]*")
CALL = re.compile(
    r"\b(GET|HEAD|POST|PUT|PATCH|DELETE) (/[^\s`?]*)|`()(/(?!var/|etc/)[^\s`?]+)|127\.0\.0\.1:8000()(/[\w/.{}-]+)"
)
ARCHITECTURE = (DOCS / "architecture.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
APPLICATION = create_app(Settings(secret=SECRET, database_url="sqlite://", metrics="public"))


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command with its full name, such as `soundings key create`."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands(typer.main.get_group(soundings), "soundings"))


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_in_the_operating_manual(name: str) -> None:
    assert f"`{PREFIX}{name.upper()}`" in OPERATING


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_and_option_is_in_a_manual(name: str) -> None:
    assert name in MANUALS
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option not in MANUALS and option != "--help"] == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_decision_record_is_one_page_with_its_reasons_its_price_and_its_test(record: Path) -> None:
    text = record.read_text()
    assert len(text.splitlines()) < 60
    assert re.findall(r"^## .*", text, re.MULTILINE) == list(HEADINGS)
    assert re.search(r"`tests/[\w/]+(?:\.py)?/?`", text), "no test holds it"


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_decision_record_says_whether_it_holds_and_since_when_and_what_was_set_aside(record: Path) -> None:
    text = record.read_text()
    (decided,) = STATUS.findall(text)
    assert date(2026, 11, 1) <= date.fromisoformat(decided)
    aside = text.partition("## Set aside")[2].partition("\n## ")[0]
    assert len(re.findall(r"^- .{40,}", aside, re.MULTILINE)) >= 2


def test_decision_records_have_numbers_of_their_own() -> None:
    numbers = [record.name[:4] for record in RECORDS]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    assert [to for to in LINK.findall(page.read_text()) if not (page.parent / to).exists()] == []


def test_make_help_explains_every_target() -> None:
    assert re.findall(r"^([a-z]+):(?!=).*## ", MAKEFILE, re.MULTILINE) == TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_names_is_there(page: Path) -> None:
    """Paths, modules, commands, targets, settings and routes; the changelog alone may speak of what has gone."""
    text = page.read_text()
    code = "\n".join(CODE.findall(text))
    assert [path for path in IN_A_FOLDER.findall(code) if not (ROOT / path).exists()] == []
    assert [name for name in MODULE.findall(code) if not any(next((ROOT / f).rglob(name), None) for f in FOLDERS)] == []
    assert [name for name in commands_named(code) if not any(f"{known} ".startswith(name) for known in COMMANDS)] == []
    assert set(re.findall(r"\bmake ([a-z]+)", code)) <= set(TARGETS)
    named = {name.removesuffix("_FILE") for name in re.findall(rf"{PREFIX}[A-Z_]+", text)}
    assert named <= SETTINGS | {f"{PREFIX}NAME"}
    assert [call for call in calls_named(text) if not is_answered(*call)] == []


def commands_named(code: str) -> Iterator[str]:
    """What follows `soundings` in code, as far as it can be a command and its group."""
    groups = {name.split()[1] for name in COMMANDS if name.count(" ") == 2}
    for words in re.findall(r"\bsoundings (?!soundings)([a-z][a-z-]*(?: [a-z][a-z-]*)?)", code):
        command, _, second = words.partition(" ")
        yield f"soundings {command} " + (f"{second} " if second and command in groups else "")


def calls_named(text: str) -> Iterator[tuple[str, str]]:
    """Each method (GET where none is said) and path; of `/s/` any path below it will do."""
    for parts in CALL.findall(text):
        method, path = "".join(parts[::2]), "".join(parts[1::2])
        if path.strip("/") not in ("", "api/v1"):
            yield method or "GET", re.sub(r"\{\w+\}", "x", path) + ("x" if path.endswith("/") else "")


def is_answered(method: str, path: str) -> bool:
    """Whether the application has such a route; documents leave `/api/v1` out, and links are answered before routes."""
    if path.startswith("/s/") and method in ("GET", "POST"):
        return True
    scope = {"type": "http", "method": method, "root_path": "", "headers": [], "query_string": b"", "path_params": {}}
    paths = (path, f"/api/v1{path}")
    link = path.replace("/s/x", "/s/{token}", 1).replace("/q/x", "/q/{code}", 1)
    documented = APPLICATION.openapi()["paths"].get(link, {})
    return method.lower() in documented or any(
        route.matches(scope | {"app": APPLICATION, "path": each})[0] is Match.FULL
        for route in APPLICATION.routes
        for each in paths
    )


def rooms(folder: Path) -> set[str]:
    """The folders below this one that hold modules, as `surveys/answering/`."""
    return {path.parent.relative_to(ROOT).as_posix() + "/" for path in folder.rglob("*.py") if path.parent != folder}


def drawn() -> dict[str, list[str]]:
    """The rooms of each floor of the drawing, from the top."""
    floors: dict[str, list[str]] = {}
    for line in ARCHITECTURE.split("```")[1].splitlines():
        if package := re.match(r"\+- (\w+)/ ", line):
            floors[package[1]] = []
        elif line.startswith("|") and floors:
            list(floors.values())[-1].extend(re.findall(r"\b(\w+)/ ", line))
    return floors


@pytest.mark.parametrize("package", PACKAGES)
def test_the_architecture_document_lists_every_room(package: str) -> None:
    assert {room for room in rooms(ROOT / package) if f"`{room}`" not in ARCHITECTURE} == set()


def test_the_drawing_shows_the_house_as_it_is() -> None:
    floors = drawn()
    layers = {contract["name"]: contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"}
    assert list(floors) == layers["Imports point one way"]
    for package, there in floors.items():
        assert sorted(there) == sorted(room.split("/")[1] for room in rooms(ROOT / package) if room.count("/") == 2)
    for contract in CONTRACTS:
        for package in contract.get("containers", []):
            levels = [name for layer in contract["layers"] for name in layer.split(" | ")]
            assert [room for room in floors[package] if room in levels] == [
                name for name in levels if (ROOT / package / name).is_dir()
            ]
            assert [name for name in levels if not re.search(rf"\b{name}\b", ARCHITECTURE.split("```")[1])] == []


def test_each_image_that_the_container_is_made_of_is_named_by_its_content() -> None:
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M)
    assert len(bases) == 2
    assert {re.fullmatch(r"python:3\.11-slim@sha256:[0-9a-f]{64}", base) is not None for base in bases} == {True}
    assert len(set(bases)) == 1
