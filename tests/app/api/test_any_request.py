"""Whatever is sent to a documented route, the answer is one the document names, and never a fault."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from schemathesis import checks
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.result import Ok, Result
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as openapi

from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from tests.app.client import client, make_key
from tests.conftest import SECRET, addresses
from tests.factories import make_organisation, make_survey, make_touchpoint

DOCUMENT = create_app(Settings(secret=SECRET, database_url="sqlite://")).openapi()


def read(found: Result[APIOperation[Any, Any, Any, Any], InvalidSchema]) -> APIOperation[Any, Any, Any, Any]:
    """An operation of the document, which is to be a valid one."""
    assert isinstance(found, Ok)
    return found.ok()


FEW = 12
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", FEW))  # `make fuzz` asks for more, and for others each time
# What is right in shape may be refused for these: a shape does not know what there is, what day it is, and what was
# sent before.
BEYOND_SHAPE = {
    "survey", "touchpoint", "unit", "wave", "parent", "template", "baseline", "initiative", "after", "from", "by",
    "audience", "segment", "query", "scope", "comparison", "key", "items", "contacts", "questions", "segments",
    "locale", "time_zone", "expires_on", "opens_at", "closes_at", "ends_on", "send_at", "delay_hours", "header",
    "reminders_after_days", "answers", "name", "names", "promise", "promises", "comment_floor", "file", "address",
    "email", "ref", "to", "Idempotency-Key", "body",
}  # fmt: skip


def taken_or_beyond_shape(_ctx: Any, response: Any, case: Any) -> None:
    """A request of a valid shape is taken, or refused for what no shape can say."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (406, 422):
        return
    problem = response.json()
    fields = {
        error["field"].removeprefix("a.").removeprefix("b.").partition(".")[0]
        for error in problem.get("errors", [{"field": "format"}])
    }
    assert fields <= BEYOND_SHAPE, (case.operation.label, problem["detail"])


# Keys have tests of their own, and the client here always sends one.
CHECKS = [
    checks.not_a_server_error, openapi.status_code_conformance, openapi.content_type_conformance,
    openapi.response_headers_conformance, openapi.response_schema_conformance,
    openapi.allow_header_conformance, openapi.unsupported_method, taken_or_beyond_shape,
]  # fmt: skip
OPERATIONS = [
    operation
    for operation in map(read, schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
    if operation.path.startswith(("/api/", "/s/", "/q/", "/r/"))
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A function that sends one request to a service with a little in it, as its owner."""
    for url in addresses(request, tmp_path_factory.mktemp("any")):
        database = Database(url)
        with database.writing() as session:
            organisation = make_organisation(session)
            make_survey(session, organisation.id)
            make_touchpoint(session, organisation.id, "phone")
            key = make_key(session, organisation.id)
        database.close()
        with asyncio.Runner() as runner:
            opened = client(Settings(secret=SECRET, database_url=url), key)
            http = runner.run(opened.__aenter__())

            def send(**request: Any) -> httpx.Response:
                return runner.run(http.request(**request))  # noqa: B023 - used inside this turn only

            yield send
            runner.run(opened.__aexit__(None, None, None))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method.upper()} {o.path}")
def test_a_documented_route_never_breaks(service: Any, operation: Any) -> None:
    @bounds(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES == FEW,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def holds(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://soundings.test")
        wanted = {
            name: sent[name] for name in ("method", "url", "params", "json", "data") if sent.get(name) is not None
        }
        if isinstance(wanted.get("data"), bytes | str):
            wanted["content"] = wanted.pop("data")  # a body that is no form, such as a file of contacts
        headers = {k: v for k, v in sent.get("headers", {}).items() if k.lower() in ("idempotency-key", "content-type")}
        try:
            reply = service(**wanted, headers=headers)
        except (UnicodeEncodeError, httpx.InvalidURL, httpx.LocalProtocolError):
            return  # no client could send this
        case.validate_response(reply, checks=CHECKS)

    holds()
