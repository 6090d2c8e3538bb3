"""What the documents say about settings, commands and decisions is all there, and leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli import app as soundings
from app.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
OPERATING = (DOCS / "operating.md").read_text()
MANUALS = OPERATING + (DOCS / "importing.md").read_text()
RECORDS = sorted((DOCS / "decisions").glob("*.md"))
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
PARTS = (r"^(?:## |\*\*)Context", r"^(?:## |\*\*)Decision", r"^(?:## |\*\*)Consequences", r"`tests/[\w/]+(?:\.py)?/?`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


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


def test_the_operating_manual_names_no_setting_that_is_not_there() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", OPERATING)) - {f"{name}_FILE" for name in known}
    assert named - {f"{PREFIX}NAME", f"{PREFIX}NAME_FILE"} <= known


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_and_option_is_in_a_manual(name: str) -> None:
    assert name in MANUALS
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option not in MANUALS and option != "--help"] == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_decision_record_is_one_page_with_its_reasons_its_price_and_its_test(record: Path) -> None:
    text = record.read_text()
    assert len(text.splitlines()) < 60
    assert [part for part in PARTS if not re.search(part, text, re.MULTILINE)] == []
    for named in re.findall(r"`((?:tests|surveys|app|analytics|benchmarks)/[\w/]+\.py)`", text):
        assert (ROOT / named).exists(), f"{named} is not there"


def test_decision_records_have_numbers_of_their_own() -> None:
    numbers = [record.name[:4] for record in RECORDS]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    assert [to for to in LINK.findall(page.read_text()) if not (page.parent / to).exists()] == []


def test_make_help_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z]+):(?!=)", makefile, re.MULTILINE)
    assert targets == re.findall(r"^([a-z]+):(?!=).*## ", makefile, re.MULTILINE)
