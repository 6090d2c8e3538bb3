"""Fields of bodies: one spelling for each day, instant, number and flag, and rules for texts as the document has them.

The domain checks texts itself, with messages that say what to do; their patterns here are for the document alone.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

from surveys import keys
from surveys.contacts.items import ATTRIBUTE_NAME_LIMIT, ATTRIBUTE_TEXT_LIMIT, ATTRIBUTES_LIMIT, NUMBER_LIMIT
from surveys.names import NAME_LIMIT
from surveys.organisation.organisations import TAG

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
KEY = rf"^{keys.PATTERN.pattern}$"
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
LINE = rf"^[^{_CONTROL}]*[^{_CONTROL}\s][^{_CONTROL}]*$"
LANGUAGE = rf"^{TAG.pattern}$"


def _written_day(value: Any) -> Any:
    # The library takes a number, also one in quotes, for seconds since 1970.
    if value is not None and not isinstance(value, date) and not (isinstance(value, str) and DAY.fullmatch(value)):
        raise ValueError("a day such as 2026-04-14 is wanted.")
    return value


def _written_instant(value: Any) -> Any:
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise ValueError("a time with its zone is wanted, such as 2026-04-14T10:00:00Z.")
    return value


def _whole(value: Any) -> Any:
    """A whole number may be written as 48.0, as JSON Schema has it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Day = Annotated[date, BeforeValidator(_written_day)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written_instant)]
AS_WHOLE = BeforeValidator(_whole)  # stands behind the bounds of a number
Whole = Annotated[int, Field(strict=True), AS_WHOLE]
Flag = Annotated[bool, Field(strict=True)]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]
# Attributes of contacts; one that is longer or of another kind is refused where it is stored.
_ATTRIBUTES = {
    "maxProperties": ATTRIBUTES_LIMIT,
    "propertyNames": {"minLength": 1, "maxLength": ATTRIBUTE_NAME_LIMIT, "pattern": rf"^[^{_CONTROL}]*$"},
    "additionalProperties": {
        "anyOf": [
            {"type": "string", "maxLength": ATTRIBUTE_TEXT_LIMIT, "pattern": rf"^\s*[^{_CONTROL}]*\s*$"},
            {"type": "number", "minimum": -NUMBER_LIMIT, "maximum": NUMBER_LIMIT},
            {"type": "boolean"},
            {"type": "null"},
        ]
    },
}
Attributes = Annotated[
    dict[str, str | int | float | bool | None], Field(default_factory=dict, json_schema_extra=_ATTRIBUTES)
]
Key = Annotated[str, Field(json_schema_extra={"pattern": KEY})]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT, json_schema_extra={"pattern": LINE})]
Note = Annotated[str, Field(max_length=NAME_LIMIT, json_schema_extra={"pattern": rf"^[^{_CONTROL}]*$"})]
Language = Annotated[str, Field(max_length=35, json_schema_extra={"pattern": LANGUAGE})]
