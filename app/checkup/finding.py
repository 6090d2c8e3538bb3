"""Findings: what one check saw."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw: `state` is ok, warn or fail; all but ok come with a remedy."""

    name: str
    state: str
    detail: str
    remedy: str = ""


def ok(name: str, detail: str) -> Finding:
    """Nothing to do."""
    return Finding(name, "ok", detail)


def warn(name: str, detail: str, remedy: str) -> Finding:
    """It works, but perhaps not as it is meant to."""
    return Finding(name, "warn", detail, remedy)


def fail(name: str, detail: str, remedy: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(name, "fail", detail, remedy)
