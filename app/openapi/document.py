"""The OpenAPI document: what the routes declare, with the errors and the survey links that clients meet."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from analytics.counts.query import COMMON, FILTERS
from app.answering.replies import AnswerIn
from app.api.answer.batches import ItemIn
from app.api.ask.interactions import InteractionIn
from app.api.set_up.contacts import ContactIn
from app.openapi import questions
from app.openapi.links import paths, refused
from app.openapi.parameters import filters, ruled
from app.pages.respondents.open_page import OpenAnswerIn

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
TEXT = {"type": "string"}
FILES = {"application/vnd.apache.parquet": {"type": "string", "format": "binary"}}
ALWAYS = (401, 403, 404, 406, 409, 422, 429, 500, 503)
WRITES = (410, 413, 415)
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,198}[!-~])?$"},
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
                named = {(p["in"], p["name"]): p for p in operation["parameters"]}
                operation["parameters"] = [ruled(p) for p in named.values()]
            if path.startswith("/api/"):
                statuses = ALWAYS if method == "get" else ALWAYS + WRITES
                operation["responses"] |= {str(status): refused(status) for status in statuses}
            operation["responses"] = {status: _typed(answer) for status, answer in operation["responses"].items()}
            if path.startswith("/api/") and method == "put":
                operation["responses"]["201"] = operation["responses"]["200"] | {"description": "Made."}
            if path.startswith("/api/") and method == "post":
                operation.setdefault("parameters", []).append(ONCE)
    made["paths"]["/readyz"]["get"]["responses"]["503"] = refused(503)
    made["paths"] |= paths()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["BaselineIn"]["properties"]["query"] |= filters(*COMMON)
    for part in (schemas["InitiativeIn"]["properties"], schemas["InitiativeOut"]["properties"]):
        part["scope"] |= filters(*FILTERS, "audience")
        part["comparison"]["anyOf"][0] |= filters(*FILTERS, "audience")
    schemas["QuestionIn"] |= questions.question()
    schemas["SurveyIn"] |= questions.survey()
    for shape in (AnswerIn, OpenAnswerIn, ItemIn, ContactIn, InteractionIn):
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas[shape.__name__] = {name: part for name, part in schema.items() if name != "$defs"}
    schemas["Problem"] = PROBLEM
    return made


def _typed(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with a schema for each medium that is no JSON."""
    if "content" not in answer:
        return answer
    content = {media: {"schema": FILES.get(media, TEXT)} | part for media, part in answer["content"].items()}
    return answer | {"content": content}
