"""Every list and report answers what the OpenAPI document says: no field more, none less, and each of its type."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_json

from app.api.conventions.routes import Route
from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from tests.app.api.organisation import PERSON, furnish
from tests.app.client import Call, ask, make_key
from tests.conftest import SECRET

APP = create_app(Settings(secret=SECRET, database_url="sqlite://"))
DOCUMENT = APP.openapi()
NPS, ENPS = "survey=nps", "survey=enps"
PATHS = (
    "/organisation", "/units", "/touchpoints", "/survey-templates", "/surveys", "/surveys/enps", "/keys",
    "/contacts", f"/contacts/{PERSON}/data", "/contacts/desk-1/data", "/touchpoints/support/pages", "/invitations",
    "/waves", "/waves/w1", "/waves/w1/participation", "/waves/w1/publication", "/waves/w1/statement",
    "/responses", f"/responses?{ENPS}",
    f"/comments?{NPS}", f"/comments?{ENPS}",
    f"/scores?{NPS}", f"/scores?{NPS}&by=touchpoint,unit&weighted=true", f"/scores?{ENPS}&by=unit",
    f"/scores?{NPS}&from=2020-01-01&to=2020-01-31",
    f"/trend?{NPS}&period=week&by=touchpoint", f"/trend?{NPS}&period=quarter", f"/trend?{ENPS}&by=unit",
    f"/distribution?{NPS}&by=touchpoint", f"/distribution?{ENPS}&by=unit",
    "/baselines", "/baselines/before", "/baselines/spring",
    "/baselines/before/change", "/baselines/spring/change",
    f"/compare?{NPS}&by=unit&a.touchpoint=support&b.touchpoint=advice", f"/compare?{ENPS}&by=unit&a.wave=w1&b.wave=w2",
    f"/drivers?{NPS}", f"/drivers?{ENPS}", f"/words?{NPS}", f"/words?{ENPS}",
    f"/representation?{NPS}&by=unit", f"/representation?{ENPS}&by=unit", f"/representation?{NPS}&channel=email",
    "/initiatives", "/initiatives/course", "/initiatives/course/effect", "/initiatives/alone/effect",
    f"/charts/trend?{NPS}", f"/charts/touchpoints?{NPS}", f"/charts/distribution?{NPS}", "/charts/baseline",
    "/charts/effect?initiative=course", f"/charts/drivers?{NPS}", f"/charts/words?{NPS}",
)  # fmt: skip
WRITES: tuple[Call, ...] = (
    ("PUT", "/baselines/before", {"query": {"survey": "nps", "by": "touchpoint", "to": "2025-12-31"}, "note": "x"}),
    ("PUT", "/baselines/spring", {"query": {"survey": "enps", "wave": "w1", "by": "unit", "to": "2026-05-31"}}),
    ("PUT", "/waves/w1/publication", {"note": "Thank you.", "comments": True}),
    (
        "PUT", "/initiatives/alone",
        {"name": "Alone", "kind": "inform", "scope": {"survey": "nps"}, "starts_on": "2026-01-14"},
    ),
)  # fmt: skip


def routes() -> Iterator[Route]:
    """The routes of the API."""
    for included in APP.routes:
        if getattr(getattr(included, "include_context", None), "prefix", None) == "/api/v1":
            yield from (r for r in included.original_router.routes if isinstance(r, Route))  # type: ignore[attr-defined]


def route(method: str, path: str) -> Route:
    """The route that answers this path."""
    whole = path.partition("?")[0]
    return next(r for r in routes() if method in (r.methods or ()) and r.path_regex.match(whole))


def check(method: str, path: str, answer: bytes) -> None:
    """Fail where the answer is not of the model of its route, or has a field that the model does not name."""
    model = route(method, path).response_model
    read = TypeAdapter(model).validate_json(answer, strict=True, extra="forbid")
    named = TypeAdapter(model).dump_json(read, exclude_unset=True)
    assert all(instant.endswith(b"Z") for instant in re.findall(rb'"(\d{4}-\d\d-\d\dT[^"]*)"', answer)), path
    assert set(re.findall(rb'"(\w+)":', named)) == set(re.findall(rb'"(\w+)":', answer)), path


def answers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Route, media type and schema of each documented answer with 2xx that has a body."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if status.startswith("2") and status != "204":
                    assert answer["content"], (method, path, status)
                    yield from (
                        (f"{method} {path}", media, part["schema"]) for media, part in answer["content"].items()
                    )


def test_each_answer_has_the_shape_that_is_documented(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        key = make_key(session, furnish(session))
    calls: list[Call] = [*WRITES, *(("GET", path) for path in PATHS)]
    filled = set()
    for (method, path, *_), reply in zip(calls, ask(settings, key, *calls), strict=True):
        assert reply.status_code in (200, 201), (path, reply.text)
        check(method, path, reply.content)
        filled |= {route(method, path).path} if reply.json().get("items", True) else set()
    assert {r.path for r in routes() if "GET" in (r.methods or ())} <= filled


def test_no_answer_is_documented_without_a_schema() -> None:
    named = {"$ref", "properties"}
    for where, media, schema in answers():
        assert (schema.keys() & named) if media == "application/json" else schema["type"] == "string", where


def test_the_example_of_each_report_is_one() -> None:
    models = {r.response_model for r in routes() if r.response_model is not None}
    shown = [m for m in models if (getattr(m, "model_config", {}).get("json_schema_extra") or {}).get("examples")]
    assert len(shown) >= 12
    for model in shown:
        (example,) = model.model_config["json_schema_extra"]["examples"]
        TypeAdapter(model).validate_json(to_json(example), strict=True, extra="forbid")
