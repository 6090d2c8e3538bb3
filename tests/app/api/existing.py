"""What exists in the service that requests are made up for, and the OpenAPI document narrowed to it.

A document cannot say which surveys there are, or what day it is: with what exists in the place of any text, and days
that follow each other, all that it allows is to be taken.
"""

import copy
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.api.conventions.lists import encode_cursor

Schema = dict[str, Any]
NOW = datetime.now(UTC).replace(microsecond=0)
ID = "0198c0de-0000-7000-8000-000000000000"
BY_ID = ("keys", "contacts", "pages", "invitations")
ROWS = ("responses", "comments")
GROUPS = ["touchpoint", "unit", "channel", "locale", "wave", "segment.region"]
KEYS: dict[str, list[Any]] = {
    "survey": ["nps", "other"],
    "touchpoint": ["support", "advice"],
    "unit": ["north", "harbour"],
    "parent": ["north"],
    "wave": ["spring"],
    "baseline": ["then"],
    "initiative": ["course"],
}
SCORE = {"key": "score", "kind": "score", "texts": {"en": {"text": "How likely are you to recommend us?"}}}
EASE = {"key": "ease", "kind": "scale", "texts": {"en": {"text": "How easy was it?", "low": "Hard", "high": "Easy"}}}
WHY = {"key": "comment", "kind": "text", "texts": {"en": {"text": "Why?"}}}
# Each of these rules lies between fields, or in what is stored.
FIELDS: dict[str, list[Any]] = {
    **KEYS,
    "template": ["nps", "nps-touchpoint", "enps"],  # those of the library
    "locale": ["en", "da", "pt-BR"],  # CLDR says which tags are languages
    "time_zone": ["Europe/Copenhagen", "UTC"],  # and the zones are those of IANA
    "names": [{}, {"en": "Desk", "da": "Skranke"}],
    "promises": [{}, {"en": "We answer at once."}],
    "questions": [None, [SCORE], [SCORE, WHY]],  # what one question is asks something of the others
    "segments": [[], ["region"]],
    "answers": [{}, {"ease": 4}, {"ease": None}],
    "refs": [["ada"], []],
    "scope": [{}, {"survey": ["nps"], "touchpoint": "support"}, {"segment.region": "North"}],
    "comparison": [None, {"touchpoint": "advice"}],  # never the scope itself
    "opens_at": [(NOW - timedelta(days=1)).isoformat(), (NOW + timedelta(days=1)).isoformat()],
    "closes_at": [(NOW + timedelta(days=9)).isoformat()],
    "send_at": [None, (NOW + timedelta(days=2)).isoformat()],
    "expires_on": [None, (NOW + timedelta(days=90)).date().isoformat()],
    "starts_on": ["2025-09-03", "1999-12-31"],
    "ends_on": [None, "2026-01-01"],
}
# Every `from` is before every `to`.
WIDE = {"from": r"^(19\d\d|20[01]\d)-\d\d-\d\d$", "to": r"^2[1-9]\d\d-\d\d-\d\d$"}
NEAR = {"from": r"^2026-0[1-3]-\d\d$", "to": r"^2026-0[4-9]-\d\d$"}
CSV = ["email,name\nada@example.org,Ada\n", "\ufeffref;E-Mail;town\r\n1;bo@example.org;Vik\r\n2;;\r\n"]


def make(http: httpx.Client) -> dict[str, list[Any]]:
    """Put into the organisation what `narrowed` names; the ids that the service chose itself, by parameter."""

    def call(method: str, path: str, body: Any = None) -> Any:
        reply = http.request(method, f"/api/v1{path}", json=body)
        assert reply.status_code < 300, (path, reply.text)
        return reply.json() if reply.content else None

    call("PUT", "/units/north", {"name": "North"})
    call("PUT", "/units/harbour", {"name": "Harbour", "parent": "north"})
    for key in KEYS["survey"]:
        call("PUT", f"/surveys/{key}", {"name": key, "segments": ["region"], "questions": [SCORE, EASE]})
    for key in KEYS["touchpoint"]:
        call("PUT", f"/touchpoints/{key}", {"name": key, "audience": "customers", "unit": "harbour"})
    call("POST", "/contacts", {"items": [{"ref": "ada", "email": "ada@example.org"}]})
    asked = call("POST", "/surveys/nps/invitations", {"contacts": ["ada"], "deliver": "link"})
    call("POST", "/surveys/nps/responses", {"items": [{"score": 9, "comment": "Fine", "touchpoint": "support"}]})
    call("PUT", "/baselines/then", {"query": {"survey": "nps"}})
    initiative = {"name": "Course", "kind": "instruct", "scope": {"touchpoint": "support"}, "starts_on": "2025-09-03"}
    call("PUT", "/initiatives/course", initiative)
    wave = {"key": "spring", "opens_at": "2026-03-01T00:00:00Z", "closes_at": FIELDS["closes_at"][0]}
    call("POST", "/surveys/other/waves", wave)
    return {
        "token": [asked["items"][0]["link"].rpartition("/")[2]],
        "code": [call("POST", "/touchpoints/support/pages", {"survey": "nps"})["code"]],
        "key_id": [call("POST", "/keys", {"role": "reader"})["id"]],
        "id": [call("GET", "/invitations")["items"][0]["id"]],
        "ref": ["ada"],
    }


def narrowed(document: Mapping[str, Any], chosen: Mapping[str, list[Any]], *, wide: bool) -> dict[str, Any]:
    """The document with what exists in the place of what a text could be; `chosen` are ids by parameter.

    Days are of some months, or `wide` apart: a trend by day of a thousand years takes seconds.
    """
    days = WIDE if wide else NEAR
    smaller: dict[str, Any] = copy.deepcopy(dict(document))
    for path, operations in smaller["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                existing = _existing(parameter, path, method, chosen, days)
                if existing is not None:
                    parameter["schema"] = existing
    for name, schema in smaller["components"]["schemas"].items():
        if name.endswith("In") or name == "Filter":
            _narrow_fields(schema, days)
    csv = smaller["paths"]["/api/v1/contacts"]["post"]["requestBody"]["content"]["text/csv"]
    csv["schema"] = {"enum": CSV}
    return smaller


def _existing(
    parameter: Schema, path: str, method: str, chosen: Mapping[str, list[Any]], days: Mapping[str, str]
) -> Schema | None:
    """The schema of what this parameter can be here; None where that is all the document says."""
    name = parameter["name"].removeprefix("a.").removeprefix("b.")
    if parameter["in"] == "path":
        noun = path.split("/")[3][:-1] if name == "key" else name
        made = {**KEYS, **chosen}.get(noun)
        other_link = path.startswith(("/r/", "/u/"))  # signed for another purpose
        return None if made is None or other_link or method == "put" else {"enum": made}
    if name == "after":
        return {"enum": [encode_cursor(_row_before(path.rpartition("/")[2]))]}
    if name == "contact":
        return {"enum": chosen["ref"]}
    return _existing_filter(name, parameter["schema"], days)


def _row_before(noun: str) -> list[str]:
    if noun in ROWS:
        return ["2026-01-01T00:00:00+00:00", ID]
    return [ID] if noun in BY_ID else ["a"]


def _existing_filter(name: str, schema: Schema, days: Mapping[str, str]) -> Schema | None:
    """The same for a parameter that chooses answers."""
    if name in days:
        return {"type": "string", "format": "date", "pattern": days[name]}
    if name == "by":
        return {"enum": GROUPS + [f"{first},{second}" for first in GROUPS for second in GROUPS if first != second]}
    if name == "audience":  # of the surveys there are
        return {"enum": ["customers"]}
    return _one_of(schema, KEYS[name]) if name in KEYS else None


def _narrow_fields(schema: Schema, days: Mapping[str, str]) -> None:
    properties: Schema = schema["properties"]
    for name, part in properties.items():
        if name == "query":
            part.pop("examples")
            part["properties"] = {
                field: _existing_filter(field, inner, days) or inner for field, inner in part["properties"].items()
            }
            part["patternProperties"] = {r"^segment\.region$": {"enum": ["North", ["North", "South"]]}}
        elif name == "contacts":
            part["anyOf"][0] = {"enum": FIELDS["refs"]}
        elif name in FIELDS:
            nullable = {"type": "null"} in part.get("anyOf", []) and None not in FIELDS[name]
            properties[name] = {"enum": [*FIELDS[name], None] if nullable else FIELDS[name]}


def _one_of(schema: Schema, keys: list[str]) -> Schema:
    """The schema with these keys in the place of its texts."""
    if schema.get("type") == "array":
        return schema | {"items": _one_of(schema["items"], keys)}
    if "anyOf" in schema:
        return schema | {"anyOf": [_one_of(part, keys) for part in schema["anyOf"]]}
    return {"enum": keys} if schema.get("type") == "string" else schema
