"""Formulas: text that a spreadsheet would run when it opens a CSV, and how it is kept from doing so."""

import re

# White space that programs take off a cell before they read it, and the signs they take for a formula, of both widths.
# One pattern for Python and PostgreSQL: every escape means the same in both, and none of them matches a line break.
_SPACE = r"[\t\u000b\u000c\u001c-\u001f \u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]"
_SIGN = r"[=+@\uff1d\uff0b\uff0d\uff20-]"
PATTERN = rf"([\n\r]|^)({_SPACE}*{_SIGN}|^[\t\r])"
DEFUSED = r"\1'\2"

_formula = re.compile(PATTERN)


def defused(text: str) -> str:
    """The text with an apostrophe before each line that a spreadsheet would run as a formula."""
    return _formula.sub(DEFUSED, text)
