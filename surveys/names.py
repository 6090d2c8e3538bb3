"""Names: one line that people see of an organisation, a unit, a touchpoint, a survey, a contact or an initiative."""

import re
from collections.abc import Iterable, Sequence

from surveys.facts import Malformed

NAME_LIMIT = 200
# Line breaks would inject headers into mail, NUL does not go into PostgreSQL, lone surrogates into no encoding.
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check_line(field: str, text: str) -> None:
    """Raise Malformed, naming `field`, unless the text is one line that mail and database can hold."""
    if FORBIDDEN.search(text):
        raise Malformed(field, "line breaks and control characters are not allowed.")


def check_name(field: str, name: str) -> None:
    """Raise Malformed, naming `field`, unless `name` is 1 to 200 characters on one line."""
    check_line(field, name)
    if not name.strip() or len(name) > NAME_LIMIT:
        raise Malformed(field, f"1 to {NAME_LIMIT} characters are wanted.")


def match(there: Iterable[str], wanted: Sequence[str]) -> str | None:
    """The first of the language tags `wanted` that is `there`, or else its language; None where there is none."""
    by_tag = {tag.lower().replace("_", "-"): tag for tag in there}
    by_language = {tag.partition("-")[0]: name for tag, name in reversed(by_tag.items())}
    for locale in wanted:
        tag = locale.lower().replace("_", "-").partition("@")[0]  # a variant for an address has the same words
        written = by_tag.get(tag) or by_language.get(tag.partition("-")[0])
        if written:
            return written
    return None
