"""How the code is written, where a linter does not look."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "analytics", "culture", "surveys")
COMMITS = re.compile(r"\.commit\(|\.begin\(|\.writing\(")
# Whoever opens the session commits: the database and its probe, request edge, intake, worker and its mail, the CLI.
MAY_COMMIT = (
    "app/storage/database.py",
    "app/storage/migrations.py",
    "app/storage/probes.py",
    "app/api/conventions/edge.py",
    "app/answering/intake.py",
    "app/worker/worker.py",
    "app/worker/sweeping.py",
    "app/mail/delivery.py",
    "app/cli/",
    "app/demo/",
)
SHAPELESS = {"service", "services", "repository", "manager", "helper", "helpers", "util", "utils", "common", "base"}


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a module takes from elsewhere, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def test_only_those_who_open_a_session_commit_it() -> None:
    found = []
    for path in modules():
        name = path.relative_to(ROOT).as_posix()
        lines = path.read_text().splitlines()
        if not name.startswith(MAY_COMMIT):
            found += [f"{name}:{n}: {line.strip()}" for n, line in enumerate(lines, 1) if COMMITS.search(line)]
    assert found == [], "domain functions flush and never commit"


def test_modules_are_named_after_nouns_of_the_field() -> None:
    assert [str(path) for path in modules() if path.stem in SHAPELESS] == []


def test_every_module_says_in_one_line_what_it_is() -> None:
    assert [str(path) for path in modules() if (text := path.read_text()).strip() and not text.startswith('"""')] == []


def test_nothing_is_taken_from_a_test_module() -> None:
    """What tests share has a module of its own, so that changing one test cannot break another."""
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for folder in ("tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(path)
        if any(part.startswith("test_") for part in name.split("."))
    ]
    assert found == []


def test_migrations_are_no_package() -> None:
    assert list((ROOT / "alembic").rglob("__init__.py")) == [], "it would hide the library alembic"


VAGUE = re.compile(r"\b(?:found|told|given)\b")
MOST_VAGUE = 85
ROOM_MODULES = 15
MODULE_LINES = 240
FUNCTION_LINES = 30
LONG_FUNCTION_SHARE = 0.02
TEMPLATE_WIDTH = 160


def functions() -> Iterator[tuple[str, int]]:
    """Every function with how many lines it has."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_names_say_what_a_thing_is() -> None:
    """Participles name nothing: `texts`, `items` and `estimates` say what was found, told or given."""
    uses = {path: len(VAGUE.findall(path.read_text())) for path in modules()}
    most = sorted(uses, key=lambda path: -uses[path])[:5]
    assert sum(uses.values()) <= MOST_VAGUE, [f"{path.relative_to(ROOT)}: {uses[path]}" for path in most]


def test_a_room_has_one_noun_on_its_door() -> None:
    rooms: dict[Path, int] = {}
    for path in modules():
        rooms[path.parent] = rooms.get(path.parent, 0) + (path.name != "__init__.py")
    assert {str(room.relative_to(ROOT)): count for room, count in rooms.items() if count > ROOM_MODULES} == {}


def test_a_module_is_read_in_one_go() -> None:
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules()}
    assert {path: count for path, count in lines.items() if count > MODULE_LINES} == {}
    assert sorted(lines.values())[len(lines) // 2] < 90


def test_few_functions_are_long() -> None:
    sizes = dict(functions())
    long = {name: count for name, count in sizes.items() if count > FUNCTION_LINES}
    assert len(long) <= LONG_FUNCTION_SHARE * len(sizes), long


def test_template_lines_can_be_read() -> None:
    wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "app").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > TEMPLATE_WIDTH
    ]
    assert wide == [], "a section of its own is a partial of its own"
