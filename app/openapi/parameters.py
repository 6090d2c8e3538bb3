"""What the parameters of lists and reports may hold, for the OpenAPI document: one rule a name, wherever it stands."""

from typing import Any

from analytics.counts.query import LEAST_CONFIDENCE, MOST_CONFIDENCE, MOST_WINDOW, PERIODS
from app.feeds.formats import Format
from surveys.tables.organisations import AUDIENCES

Schema = dict[str, Any]
KEY = r"[a-z0-9][a-z0-9._-]{0,63}"
KEYS: Schema = {"type": "string", "pattern": f"^{KEY}(,{KEY})*$"}
WORDS: Schema = {"type": "string", "pattern": r"^[^\x00,\s][^\x00,]*$"}
GROUPING = r"(touchpoint|unit|channel|locale|wave|segment\.[^\x00,\s]+)"
DAY: Schema = {"type": "string", "format": "date", "pattern": r"^(19|2\d)\d\d-\d\d-\d\d$"}
CONFIDENCE: Schema = {"type": "number", "minimum": LEAST_CONFIDENCE, "maximum": MOST_CONFIDENCE}
RULES: dict[str, Schema] = {
    "format": {"type": "string", "enum": list(Format)},
    "audience": {"type": "string", "enum": list(AUDIENCES)},
    "period": {"type": "string", "enum": list(PERIODS)},
    "window": {"type": "integer", "minimum": 1, "maximum": MOST_WINDOW},
    "confidence": CONFIDENCE,
    "from": DAY,
    "to": DAY,
    "by": {"type": "string", "pattern": f"^{GROUPING}(,{GROUPING})?$"},
    "channel": WORDS,
    "locale": WORDS,
    "after": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{2,1000}$"},
    **dict.fromkeys(("survey", "touchpoint", "unit", "wave"), KEYS),
    "baseline": {"type": "string", "pattern": f"^{KEY}$"},
    "initiative": {"type": "string", "pattern": f"^{KEY}$"},
}


def ruled(parameter: dict[str, Any]) -> dict[str, Any]:
    """The parameter with the rule of its name; a schema that says more already stays."""
    rule = RULES.get(parameter["name"].removeprefix("a.").removeprefix("b."))
    if parameter["in"] != "query" or rule is None or "enum" in parameter["schema"]:
        return parameter
    lists = any(part.get("type") == "array" for part in parameter["schema"].get("anyOf", []))
    return parameter | {"schema": {"type": "array", "items": rule} if lists else rule}
