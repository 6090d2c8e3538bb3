"""Findings: what one check saw."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw: `state` is ok, warn or fail; all but ok come with a remedy."""

    name: str
    state: str
    told: str
    remedy: str = ""


def ok(name: str, told: str) -> Finding:
    """Nothing to do."""
    return Finding(name, "ok", told)


def warn(name: str, told: str, remedy: str) -> Finding:
    """It works, but perhaps not as it is meant to."""
    return Finding(name, "warn", told, remedy)


def fail(name: str, told: str, remedy: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(name, "fail", told, remedy)
