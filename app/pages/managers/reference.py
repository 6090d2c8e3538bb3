"""The API's reference as a page of our own: the OpenAPI document in words, without scripts from elsewhere."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.pages.managers import manage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one path, as the document describes it."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    fields: list[tuple[str, dict[str, Any]]]
    statuses: list[str]


@router.get("/docs")
def get_reference(request: Request) -> Response:
    """Every call by its group: parameters, fields of the body, and how it may answer."""
    return manage.draw(
        request, "reference.html", {"groups": groups(request.app.openapi()), "kind": kind}, language="en"
    )


def groups(document: dict[str, Any]) -> dict[str, list[Call]]:
    """The calls of an OpenAPI document by their first tag, in its order."""
    by_tag: dict[str, list[Call]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = next(iter(operation.get("tags", [])), "answer")
            by_tag.setdefault(tag, []).append(_call(document, method, path, operation))
    return by_tag


def _call(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Call:
    return Call(
        method.upper(),
        path,
        operation.get("summary", ""),
        operation.get("description", ""),
        [p for p in operation.get("parameters", []) if p["name"] != "Idempotency-Key"],
        _fields(document, operation.get("requestBody", {})),
        list(operation["responses"]),
    )


def _fields(document: dict[str, Any], body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    schema = body.get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", ())
    return [
        (name + ("" if name in required else "?"), field | {"kind": kind(field)})
        for name, field in schema.get("properties", {}).items()
    ]


def kind(schema: dict[str, Any]) -> str:
    """The type of a value in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind(each) for each in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    words = str(schema.get("format") or schema.get("type") or "any value")
    return "one of " + ", ".join(map(str, schema["enum"])) if "enum" in schema else words
