"""Faults: what a log may hold of an exception. Its text may quote a person's row; its kind and its place do not."""

import traceback
from pathlib import Path
from typing import Any

DEEPEST = 8
ROOT = Path(__file__).resolve().parents[2]
OURS = tuple(f"{ROOT / package}/" for package in ("app", "surveys", "analytics", "culture"))


def described(error: BaseException) -> dict[str, Any]:
    """`error`, its type; `code`, what the database calls it, where it says so; `at`, the `places`."""
    cause = getattr(error, "orig", None) or error
    fields: dict[str, Any] = {"error": type(cause).__name__}
    if code := getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None):
        fields["code"] = str(code)
    return fields | ({"at": where} if (where := places(error)) else {})


def places(error: BaseException) -> list[str]:
    """File, line and function of our own code on its way, the innermost last; of others' where it met none of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(OURS)] or frames[-1:]
    return [f"{_short(Path(frame.filename))}:{frame.lineno} {frame.name}" for frame in own[-DEEPEST:]]


def _short(file: Path) -> Path:
    return file.relative_to(ROOT) if file.is_relative_to(ROOT) else Path(file.name)
