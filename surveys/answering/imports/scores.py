"""Scores and weights: what the cell of a score column says, 0 to 10 or nothing, and that of a weight column."""

import re
from collections.abc import Collection

BLANK_WORDS = frozenset({"", "na", "n/a", "#n/a", "null"})
NUMBER = re.compile(r"\d{1,12}(?:[.,]\d*)?|[.,]\d+", re.ASCII)
WHOLE = re.compile(r"(\d{1,2})(?:[.,]0+)?", re.ASCII)
# SurveyMonkey writes the ends of its 0-10 question as 'Not at all likely - 0', or the other way round.
LABELLED = re.compile(r"[^\W\d][^\d]*\s[-–—]\s(\d{1,2})|(\d{1,2})\s[-–—]\s[^\W\d][^\d]*")


def is_blank(text: str, codes: Collection[str] = ()) -> bool:
    """Whether a cleaned cell holds no answer: empty, a word such as NA, or one of the codes for 'no answer'."""
    if text.lower() in BLANK_WORDS or text in codes:
        return True
    whole = WHOLE.fullmatch(text)
    return whole is not None and whole.group(1) in codes


def score(text: str) -> int | None:
    """The score that a cleaned cell holds, or None where it is no whole number from 0 to 10."""
    match = WHOLE.fullmatch(text) or LABELLED.fullmatch(text)
    if match is None:
        return None
    value = int(next(group for group in match.groups() if group))
    return value if value <= 10 else None


def weight(text: str) -> float | None:
    """The survey weight that a cleaned cell holds, with a point or a comma, or None where it is no number above 0."""
    value = float(text.replace(",", ".")) if NUMBER.fullmatch(text) else 0.0
    return value if value > 0 else None
