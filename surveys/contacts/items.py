"""Contact items: what a sender says about one person, checked field by field."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from surveys.facts import Malformed
from surveys.names import FORBIDDEN, NAME_LIMIT, check_line
from surveys.organisation.organisations import check_locale
from surveys.tables.organisations import AUDIENCES

FIELDS = ("ref", "email", "name", "locale", "audience", "unit", "attributes")
LIMITS = {"ref": 320, "email": 320, "name": NAME_LIMIT, "locale": 35}
ATTRIBUTES_LIMIT = 100
ATTRIBUTE_NAME_LIMIT = 64
ATTRIBUTE_TEXT_LIMIT = 500
NUMBER_LIMIT = 1e15
EMAIL = re.compile(
    r"""[^\s@<>()\[\]\\,;:"]{1,64}@(?![.-])(?:[^\s@<>()\[\]\\,;:".]{1,63}\.)*[^\s@<>()\[\]\\,;:".]{1,63}"""
)


def check(item: Any, units: Collection[str]) -> dict[str, Any]:
    """The fields that `item` has, cleaned; empty text means null, a field left out stays left out.

    `units` are the keys that exist. Raises Malformed naming the field.
    """
    if not isinstance(item, Mapping):
        raise Malformed("item", "an object with the fields of a contact is wanted.")
    for name in item:
        if name not in FIELDS:
            raise Malformed(str(name)[:80], f"there is no such field; a contact has {', '.join(FIELDS)}.")
    fields: dict[str, Any] = {name: _text(name, item[name]) for name in FIELDS[:-1] if name in item}
    if not fields.get("ref") and not fields.get("email"):
        raise Malformed("ref", "a contact needs a ref or an e-mail address.")
    if fields.get("email"):
        check_email(fields["email"])
    if fields.get("locale"):
        _known_locale(fields["locale"])
    if fields.get("audience") and fields["audience"] not in AUDIENCES:
        raise Malformed("audience", f"'{fields['audience'][:40]}' is not one of {', '.join(AUDIENCES)}.")
    if fields.get("unit") and fields["unit"] not in units:
        raise Malformed("unit", f"there is no unit '{fields['unit'][:64]}'.")
    if item.get("attributes") is not None:
        fields["attributes"] = _attributes(item["attributes"])
    return fields


def check_email(address: str, field: str = "email") -> None:
    """Raise Malformed unless `address` has the shape local@domain (RFC 5321, without quoted local parts)."""
    local = address.partition("@")[0]
    if (
        len(address.lower()) > LIMITS["email"]
        or not EMAIL.fullmatch(address)
        or ".." in address
        or local.startswith(".")
        or local.endswith(".")
    ):
        raise Malformed(field, f"'{address[:80]}' is not an e-mail address.")
    if not address.isascii() and not _can_be_mailed(address):
        raise Malformed(field, f"'{address[:80]}' cannot be mailed: write what stands before the @ in Latin letters.")


def _can_be_mailed(address: str) -> bool:
    """Whether servers everywhere take it: a domain has a form in ASCII (RFC 3490), a local part would take RFC 6531."""
    local, _, domain = address.partition("@")
    try:
        return local.isascii() and bool(EMAIL.fullmatch(f"{local}@{domain.encode('idna').decode()}"))
    except UnicodeError:
        return False


@lru_cache(maxsize=512)
def _known_locale(tag: str) -> None:
    check_locale(tag)


def _text(field: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Malformed(field, "text is wanted.")
    text = value.strip()
    # Only the ends may hold what strip() takes; a line break at the end of an address is an attempt, not a space.
    check_line(field, value if field == "email" else text)
    limit = LIMITS.get(field, 64)
    if len(text) > limit:
        raise Malformed(field, f"at most {limit} characters are possible.")
    return text or None


def _attributes(attributes: Any) -> dict[str, Any]:
    if not isinstance(attributes, Mapping):
        raise Malformed("attributes", "an object from name to text, number or true/false is wanted.")
    if len(attributes) > ATTRIBUTES_LIMIT:
        raise Malformed("attributes", f"at most {ATTRIBUTES_LIMIT} are possible.")
    return {_attribute_name(name): _attribute(name, value) for name, value in attributes.items()}


def _attribute_name(name: Any) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= ATTRIBUTE_NAME_LIMIT or FORBIDDEN.search(name):
        raise Malformed("attributes", f"a name is 1 to {ATTRIBUTE_NAME_LIMIT} characters without control characters.")
    return name


def _attribute(name: str, value: Any) -> Any:
    field = f"attributes.{name}"
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not abs(value) <= NUMBER_LIMIT:  # also where it is not a number at all
            raise Malformed(field, "this number is too large, or none.")
        return value
    if not isinstance(value, str):
        raise Malformed(field, "text, a number, true or false is wanted; attributes are flat.")
    text = value.strip()
    if FORBIDDEN.search(text) or len(text) > ATTRIBUTE_TEXT_LIMIT:
        raise Malformed(field, f"at most {ATTRIBUTE_TEXT_LIMIT} characters on one line are possible.")
    return text or None
