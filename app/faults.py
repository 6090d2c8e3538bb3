"""Faults: what a log may hold of an exception. Its text may quote a person's row; its kind and its place do not."""

import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = tuple(f"{ROOT / package}/" for package in ("app", "surveys", "analytics", "culture"))


def described(error: BaseException) -> dict[str, str]:
    """`error`, its type; `code`, what the database calls it, where it says so; `at`, the innermost place of our own."""
    cause = getattr(error, "orig", None) or error
    fields = {"error": type(cause).__name__}
    if code := getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None):
        fields["code"] = str(code)
    return fields | ({"at": where} if (where := place(error)) else {})


def place(error: BaseException) -> str:
    """File, line and function where our own code met it, or where it arose when it met none."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((f for f in reversed(frames) if f.filename.startswith(OURS)), frames[-1] if frames else None)
    if frame is None:
        return ""
    file = Path(frame.filename)
    return f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name}:{frame.lineno} {frame.name}"
