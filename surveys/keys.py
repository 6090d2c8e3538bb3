"""Keys: the slugs people choose for units, touchpoints, surveys and waves."""

import re

from surveys.facts import Malformed

PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def check_key(field: str, key: str) -> None:
    """Raise Malformed unless `key` is 1 to 64 lower-case letters, digits, dots, dashes or underscores."""
    if not PATTERN.fullmatch(key):
        raise Malformed(
            field,
            "a key is 1 to 64 lower-case letters, digits, '.', '-' or '_', and begins and ends with a letter or digit.",
        )
