"""The OpenAPI document: what the routes declare, with the errors and the survey links that clients meet."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.answering.path import AnswerIn
from app.api.answer.batches import ItemIn
from app.api.ask.interactions import InteractionIn
from app.api.set_up.contacts import ContactIn
from app.pages.respondents.open_page import OpenAnswerIn
from app.problems import BY_STATUS, MEDIA

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "An error (RFC 9457). `errors` is there on 422 and names each field.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "urn:soundings:problem:<name>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
ALWAYS = (401, 403, 404, 406, 409, 422, 429, 500, 503)
WRITES = (410, 413, 415)
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "A repeat within 24 hours answers as the first did.",
}


def install(app: FastAPI) -> None:
    """Give the application its document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = _completed(made)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _completed(made: dict[str, Any]) -> dict[str, Any]:
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            operation["responses"].pop("422", None)
            if "parameters" in operation:
                operation["parameters"] = list({(p["in"], p["name"]): p for p in operation["parameters"]}.values())
            if path.startswith("/api/"):
                statuses = ALWAYS if method == "get" else ALWAYS + WRITES
                operation["responses"] |= {str(status): _refused(status) for status in statuses}
            if path.startswith("/api/") and method == "put":
                operation["responses"]["201"] = operation["responses"]["200"] | {"description": "Made."}
            if path.startswith("/api/") and method == "post":
                operation.setdefault("parameters", []).append(ONCE)
    made["paths"]["/readyz"]["get"]["responses"]["503"] = _refused(503)
    made["paths"]["/s/{token}"] = _link("token", "survey_page", "AnswerIn", "Corrected.")
    made["paths"]["/q/{code}"] = _link("code", "open_page", "OpenAnswerIn", "Stored before.")
    made["paths"]["/q/{code}/qr.svg"] = _picture()
    made["paths"]["/r/{token}"] = _results()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for shape in (AnswerIn, OpenAnswerIn, ItemIn, ContactIn, InteractionIn):
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas[shape.__name__] = {name: part for name, part in schema.items() if name != "$defs"}
    schemas["Problem"] = PROBLEM
    return made


def _refused(status: int) -> dict[str, Any]:
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": BY_STATUS.get(status, ("", "Over"))[1], "content": content}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _picture() -> dict[str, Any]:
    picture = {"description": "The QR code.", "content": {"image/svg+xml": {}}}
    return {
        "get": {
            "tags": ["answer"],
            "summary": "The link of an open page as a QR code",
            "operationId": "open_page_qr",
            "security": [],
            "parameters": [_parameter("code")],
            "responses": {"200": picture} | {str(status): _refused(status) for status in (404, 410, 429)},
        }
    }


def _results() -> dict[str, Any]:
    page: dict[str, Any] = {"text/html": {}}
    over = {str(status): {"description": "A page that says why.", "content": page} for status in (404, 410)}
    return {
        "get": {
            "tags": ["answer"],
            "summary": "The results of a wave, as staff read them",
            "operationId": "results_page",
            "security": [],
            "parameters": [_parameter("token")],
            "responses": {"200": {"description": "The page.", "content": page}} | over | {"429": _refused(429)},
        }
    }


def _link(parameter: str, name: str, shape: str, again: str) -> dict[str, Any]:
    recorded = {"type": "object", "properties": {"recorded_at": {"type": "string", "format": "date-time"}}}
    json = {"application/json": {"schema": recorded}}
    answer: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{shape}"}}
    form = {"schema": {"type": "object"}}
    refused = {str(status): _refused(status) for status in (404, 410, 413, 415, 422, 429, 503)}
    return {
        "get": {
            "tags": ["answer"],
            "summary": f"The {name.replace('_', ' ')}",
            "operationId": name,
            "security": [],
            "parameters": [_parameter(parameter)],
            "responses": {"200": {"description": "The page.", "content": {"text/html": {}}}}
            | {
                str(status): {"description": "A page that says why.", "content": {"text/html": {}}}
                for status in (404, 410)
            }
            | {"429": _refused(429)},
        },
        "post": {
            "tags": ["answer"],
            "summary": f"Answer on the {name.replace('_', ' ')}",
            "operationId": f"answer_{name}",
            "security": [],
            "parameters": [_parameter(parameter)],
            "requestBody": {
                "required": True,
                "content": {"application/json": answer, "application/x-www-form-urlencoded": form},
            },
            "responses": {
                "201": {"description": "Recorded.", "content": json},
                "200": {"description": again, "content": json},
            }
            | refused,
        },
    }
