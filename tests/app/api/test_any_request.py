"""Whatever is sent to a documented route: the document says whether it is taken, and the answer is one it names.

Requests are made up from the document, valid and invalid ones, and go over the wire to a real server. Valid ones name
what exists in it (`existing`). `make fuzz` makes up more of them, and others each time.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounds
from schemathesis.config import SchemathesisConfig
from schemathesis.core.control import SkipTest
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi import checks

from tests.app.api import existing
from tests.app.api.service import DOCUMENT, EXAMPLES, FEWER, NUMBERS, PATIENCE_SECONDS, SEED, Service, furnish

PLACES = ("/api/", "/s/", "/q/", "/r/", "/u/")
OPERATIONS = [
    (method, path) for path, methods in DOCUMENT["paths"].items() for method in methods if path.startswith(PLACES)
]
REPORT = "/api/v1/scores"
SHARED = {parameter["name"] for parameter in DOCUMENT["paths"][REPORT]["get"]["parameters"]}
QUERIES = ("/api/v1/baselines/{key}", "/api/v1/initiatives/{key}")  # their bodies hold what is read of reports
VALID, INVALID = "positive", "negative"


@pytest.fixture(scope="module")
def furnished(running: tuple[str, str]) -> Service:
    """An organisation that is only read."""
    return furnish(*running)


@pytest.fixture
def service(method: str, running: tuple[str, str], furnished: Service) -> Service:
    """The service with a little in it; a route that writes has an organisation of its own to write into."""
    return furnished if method == "get" else furnish(*running)


def loaded(service: Service, kind: str, document: dict[str, Any]) -> Any:
    """A document as a schema that valid or invalid requests are made up from."""
    generation: dict[str, Any] = {"mode": kind, "max-examples": EXAMPLES}
    if kind == VALID:
        generation["allow-x00"] = False  # of parameters; see `storable` for bodies
    taken = ["2xx", "3xx", 404, 409, 410]  # also what was erased, closed or taken by an earlier request
    config = {
        "seed": SEED,
        "base-url": service.address,
        "request-timeout": PATIENCE_SECONDS,
        "generation": generation,
        "checks": {"positive_data_acceptance": {"expected-statuses": taken}},
    }
    if kind == VALID:
        document = existing.narrowed(document, service.chosen, wide=not FEWER)
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))


def limits() -> bounds:
    """How many requests are made up, and of which phases; a failing one is shown as it is."""
    return bounds(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def for_once(case: Any) -> None:
    """Give a request an Idempotency-Key of its own where it has one: each is for one request."""
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = f"request-{next(NUMBERS)}"


def is_lost_on_the_wire(query: Any) -> bool:
    """Whether what is wrong with a query may be a parameter that nothing is sent of, such as an empty list."""
    return any(sent in (None, [], {}, ()) for sent in (query or {}).values())


def storable(body: Any) -> Any:
    """A body without U+0000, which no text may hold and no pattern should have to say; tests of their own send it."""
    if isinstance(body, str):
        return body.replace("\0", "0")
    if isinstance(body, list):
        return [storable(each) for each in body]
    return {name: storable(each) for name, each in body.items()} if isinstance(body, dict) else body


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_route_answers_as_documented(service: Service, method: str, path: str) -> None:
    ask_as(INVALID, service, method, path)
    ask_as(VALID, service, method, path)


def phases(service: Service, method: str, path: str) -> list[tuple[HypothesisTestMode, dict[str, Any]]]:
    """Which requests are made up, each kind from its document: at the edge of each parameter, and at random.

    CI has time for the edges of what is read on one database, and of the parameters that reports share on one report.
    """
    fuzzing = (HypothesisTestMode.FUZZING, DOCUMENT)
    if not FEWER:
        return [(HypothesisTestMode.COVERAGE, DOCUMENT), fuzzing]
    if (method == "get" or path in QUERIES) and service.dialect != "sqlite":
        return [fuzzing]
    whole = method != "get" or path == REPORT
    return [(HypothesisTestMode.COVERAGE, DOCUMENT if whole else without_shared(path)), fuzzing]


def without_shared(path: str) -> dict[str, Any]:
    """The document without the parameters that this route has from the reports, or has twice."""
    methods = DOCUMENT["paths"][path]
    operation = methods["get"]
    own = [p for p in operation.get("parameters", []) if p["name"] not in SHARED and not p["name"].startswith("b.")]
    return DOCUMENT | {"paths": DOCUMENT["paths"] | {path: methods | {"get": operation | {"parameters": own}}}}


def ask_as(kind: str, service: Service, method: str, path: str) -> None:
    """Send what the document calls valid, or invalid, and hold each answer against it."""
    shown_to_ask_for_keys = False

    def holds(case: Any) -> None:
        nonlocal shown_to_ask_for_keys
        if kind == VALID:
            case.body = storable(case.body)
            for_once(case)
        headers = service.headers()
        reply = case.call(headers=headers)
        left_out: list[Any] = [checks.ignored_auth] if shown_to_ask_for_keys else []
        if kind == INVALID and is_lost_on_the_wire(case.query):
            left_out.append(checks.negative_data_rejection)
        sent = {"headers": service.headers()}
        case.validate_response(reply, headers=headers, excluded_checks=left_out, transport_kwargs=sent)
        shown_to_ask_for_keys |= reply.status_code < 300

    for phase, document in phases(service, method, path):
        schema = loaded(service, kind, document)
        config = HypothesisTestConfig(project=schema.config, modes=[phase], settings=limits(), seed=SEED)
        try:
            create_test(operation=schema[path][method], test_func=holds, config=config)()
        except SkipTest:
            # Any text may stand in a link: where that is all of a request, none is invalid.
            assert kind == INVALID and not path.startswith("/api/")  # noqa: PT018
