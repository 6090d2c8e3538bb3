"""Effort: about how long a survey takes those who answer it."""

from collections.abc import Sequence

CLOSED_SECONDS = 5  # to read a question and choose
OPEN_SECONDS = 20  # to write a sentence or two


def minutes(kinds: Sequence[str]) -> int:
    """About how many minutes questions of these kinds take together, 0 for less than one."""
    seconds = sum(OPEN_SECONDS if kind == "text" else CLOSED_SECONDS for kind in kinds)
    return 0 if seconds < 60 else round(seconds / 60)
