"""Every route of the OpenAPI document tells its errors in the one shape, and is documented."""

import asyncio
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.api.conventions import routes
from app.edge import problems
from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from tests.app.client import client, make_key
from tests.conftest import SECRET
from tests.factories import make_organisation, make_survey, make_touchpoint, make_unit

DOCUMENT = create_app(Settings(secret=SECRET, database_url="sqlite://")).openapi()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
API = [one for one in OPERATIONS if one[1].startswith("/api/v1/")]
MANUAL = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
Call = tuple[str, str, dict[str, Any]]  # method, path and what is sent


@pytest.fixture
def keys(database: Database) -> dict[str, str]:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id, "taken")
        make_touchpoint(session, organisation.id, "taken")
        make_unit(session, organisation.id, "taken")
        made = {role: make_key(session, organisation.id, role) for role in ("owner", "reader")}
        return made | {"other": make_key(session, make_organisation(session, "other").id)}


def walk(settings: Settings, key: str | None, calls: list[Call]) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        async with client(settings, key) as http:
            return [await http.request(method, path, **sent) for method, path, sent in calls]

    return asyncio.run(run())


def filled(path: str) -> str:
    return re.sub(r"\{\w*id\w*\}", str(uuid4()), path).replace("{key}", "taken").replace("{ref}", "taken")


def assert_problem(reply: httpx.Response, status: int) -> None:
    assert reply.status_code == status, (str(reply.request.url), reply.text)
    assert reply.headers["content-type"] == "application/problem+json"
    told = reply.json()
    assert {"type", "title", "status", "detail"} <= told.keys() <= {"type", "title", "status", "detail", "errors"}
    assert told["type"].startswith(problems.TYPE)
    assert (told["status"], "errors" in told) == (status, status == 422)
    assert all(error.keys() == {"field", "message"} for error in told.get("errors", []))


def test_every_route_asks_for_a_key(settings: Settings) -> None:
    calls: list[Call] = [(method, filled(path), {"json": {}} if method != "GET" else {}) for method, path, _ in API]
    for reply in walk(settings, None, calls):
        assert_problem(reply, 401)
        assert reply.headers["www-authenticate"] == "Bearer"


def test_every_write_refuses_a_reader(settings: Settings, keys: dict[str, str]) -> None:
    calls: list[Call] = [(method, filled(path), {"json": {}}) for method, path, _ in API if method != "GET"]
    assert calls
    for reply in walk(settings, keys["reader"], calls):
        assert_problem(reply, 403)


def test_every_body_refuses_an_unknown_field(settings: Settings, keys: dict[str, str]) -> None:
    body = {"json": {"no_such_field": 1}}
    calls: list[Call] = [(m, filled(p), body) for m, p, operation in API if "requestBody" in operation]
    assert calls
    for reply in walk(settings, keys["owner"], calls):
        assert_problem(reply, 422)
        assert "no_such_field" in [error["field"] for error in reply.json()["errors"]]


def test_every_list_refuses_an_unknown_parameter_and_format(settings: Settings, keys: dict[str, str]) -> None:
    lists = [path for method, path, operation in API if method == "GET" and "text/csv" in str(operation["responses"])]
    assert lists
    for reply in walk(settings, keys["owner"], [("GET", path, {"params": {"no_such": "1"}}) for path in lists]):
        assert_problem(reply, 422)
    for reply in walk(settings, keys["owner"], [("GET", path, {"params": {"format": "xml"}}) for path in lists]):
        assert_problem(reply, 406)


def test_segments_are_refused_where_nothing_has_any(settings: Settings, keys: dict[str, str]) -> None:
    sliced = {"/api/v1/responses", "/api/v1/comments"}
    plain = [
        path
        for method, path, operation in API
        if method == "GET" and not any(p["name"] in ("channel", "a.channel") for p in operation.get("parameters", []))
    ]
    assert sliced.isdisjoint(plain)
    assert len(plain) > 15
    for reply in walk(
        settings, keys["owner"], [("GET", filled(path), {"params": {"segment.x": "1"}}) for path in plain]
    ):
        assert_problem(reply, 422)
        assert reply.json()["errors"][0]["field"] == "segment.x"


def test_an_address_names_its_methods_as_the_document_does(settings: Settings, keys: dict[str, str]) -> None:
    paths = sorted({path for _, path, _ in API if "{ref}" not in path})
    for path, reply in zip(
        paths, walk(settings, keys["owner"], [("TRACE", filled(p), {}) for p in paths]), strict=True
    ):
        assert_problem(reply, 405)
        assert reply.headers["allow"] == ", ".join(sorted(m.upper() for m in DOCUMENT["paths"][path])), path


def test_another_organisations_thing_is_not_there(settings: Settings, keys: dict[str, str]) -> None:
    calls: list[Call] = [(m, filled(p), {}) for m, p, _ in API if "{" in p and m in ("GET", "DELETE")]
    calls.append(("POST", "/api/v1/surveys/taken/responses", {"json": {"items": [{"score": 9}]}}))
    for reply in walk(settings, keys["other"], calls):
        assert_problem(reply, 404)


def test_every_write_goes_through_the_edge() -> None:
    written = 0
    for included in create_app(Settings(secret=SECRET, database_url="sqlite://")).routes:
        context = getattr(included, "include_context", None)
        if context is None or context.prefix != "/api/v1":
            continue
        for route in included.original_router.routes:  # type: ignore[attr-defined]
            assert isinstance(route, routes.Route), f"{route.path}: its router is to be a Router"
            written += "POST" in (route.methods or ())
    assert written


def test_every_route_is_in_the_manual() -> None:
    missing = [
        f"{method} {path}"
        for method, path, _ in OPERATIONS
        if f"{method} {path.removeprefix('/api/v1')}`" not in MANUAL
    ]
    assert missing == []


def test_every_problem_is_in_the_manual() -> None:
    names = {type_ for _, type_, _ in problems.STATUS.values()} | {name for name, _ in problems.BY_STATUS.values()}
    assert sorted(name for name in names if f"`{name}`" not in MANUAL) == []


def test_the_document_names_the_errors_of_every_route() -> None:
    for _, path, operation in API:
        for status in ("401", "403", "422"):
            content = operation["responses"][status]["content"]
            assert content == {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}, path
    assert DOCUMENT["paths"]["/s/{token}"]["post"]["responses"].keys() >= {"200", "201", "404", "410", "422"}
