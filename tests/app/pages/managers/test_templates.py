"""Templates only set words in rows: short lines, and no logic beyond a loop and a condition."""

import re
from pathlib import Path

import pytest

import app
from app.pages.managers.manage import FOLDER

TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
ALL = sorted(Path(app.__file__).parent.rglob("templates/**/*.html"))
LONGEST = 160


@pytest.mark.parametrize("template", ALL, ids=lambda path: path.name)
def test_no_line_of_a_template_is_long(template: Path) -> None:
    lines = template.read_text(encoding="utf-8").splitlines()
    assert [n for n, line in enumerate(lines, 1) if len(line) > LONGEST] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_formats_and_compares_no_figures(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert re.findall(r"\|\s*(?:format|round|abs|int|float|sum)\b|[<>]=?\s*\d+\s*%}", text) == []
