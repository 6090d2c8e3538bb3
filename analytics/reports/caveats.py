"""Caveats: what a reader must know beside the figures of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Caveat:
    """A code, and the figures that belong to it; each report lists its codes."""

    code: str
    figures: Mapping[str, Any]
