"""What the parameters of lists and reports may hold, for the OpenAPI document: one rule a name, wherever it stands."""

from typing import Any

from analytics.counts.query import DIMENSIONS, LEAST_CONFIDENCE, MOST_CONFIDENCE, MOST_WINDOW, PERIODS, SINGLE
from app.api.conventions.fields import KEY
from app.feeds.formats import Format
from surveys import keys
from surveys.tables.organisations import AUDIENCES

Schema = dict[str, Any]
ONE_KEY: Schema = {"type": "string", "pattern": KEY}
KEYS: Schema = {"type": "string", "pattern": f"^{keys.PATTERN.pattern}(,{keys.PATTERN.pattern})*$"}
SHOWN = r"[^\x00\x1c-\x1f,\s]"  # the separators of ASCII are white space to Python, and not to every engine of patterns
WORD = rf"[^\x00,]*{SHOWN}[^\x00,]*"
WORDS: Schema = {"type": "string", "pattern": f"^{WORD}(,{WORD})*$"}
SEGMENT = r"segment\.[^\x00,\s]+"
DAY: Schema = {"type": "string", "format": "date", "pattern": r"^(19|2\d)\d\d-\d\d-\d\d$"}
CONFIDENCE: Schema = {"type": "number", "minimum": LEAST_CONFIDENCE, "maximum": MOST_CONFIDENCE}


def _groupings() -> str:
    """One grouping, or two that differ."""
    pairs = []
    for first in DIMENSIONS:
        others = "|".join([*(name for name in DIMENSIONS if name != first), SEGMENT])
        pairs.append(f"{first}(,({others}))?")
    return "|".join([*pairs, f"{SEGMENT}(,({'|'.join(DIMENSIONS)}|{SEGMENT}))?"])


RULES: dict[str, Schema] = {
    "format": {"type": "string", "enum": list(Format)},
    "audience": {"type": "string", "enum": list(AUDIENCES)},
    "period": {"type": "string", "enum": list(PERIODS)},
    "window": {"type": "integer", "minimum": 1, "maximum": MOST_WINDOW},
    "confidence": CONFIDENCE,
    "from": DAY,
    "to": DAY,
    "by": {"type": "string", "pattern": f"^({_groupings()})$"},
    "channel": WORDS,
    "locale": WORDS,
    "after": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{2,1000}$"},
    **dict.fromkeys(("survey", "touchpoint", "unit", "wave"), KEYS),
    "baseline": ONE_KEY,
    "initiative": ONE_KEY,
}


def ruled(parameter: Schema) -> Schema:
    """The parameter with the rule of its name; a schema that says more already stays."""
    if parameter["in"] == "path" and parameter["name"] == "key":
        return parameter | {"schema": ONE_KEY}
    rule = RULES.get(parameter["name"].removeprefix("a.").removeprefix("b."))
    if parameter["in"] != "query" or rule is None or "enum" in parameter["schema"]:
        return parameter
    parts = parameter["schema"].get("anyOf", [])
    if any(part.get("type") == "array" for part in parts):
        return parameter | {"schema": {"type": "array", "items": rule}}
    # Where a route reads the parameter itself, it is one key.
    return parameter | {"schema": ONE_KEY if parts and rule is KEYS else rule}


def filters(*names: str) -> Schema:
    """The schema of an object that holds these parameters, each as a text or a list of texts, and segments."""
    rules = {name: RULES[name] for name in names}
    segment = {"type": "string", "pattern": r"^[^\x00]*[^\x00\x1c-\x1f\s][^\x00]*$"}
    return {
        "type": "object",
        "properties": {name: _one_or_several(rule, 1 if name in SINGLE else None) for name, rule in rules.items()},
        "patternProperties": {r"^segment\.[^\x00]+$": _one_or_several(segment, None)},
        "additionalProperties": False,
    }


def _one_or_several(rule: Schema, most: int | None) -> Schema:
    several = {"type": "array", "items": rule} | ({} if most is None else {"maxItems": most})
    return {"anyOf": [rule, several]}
