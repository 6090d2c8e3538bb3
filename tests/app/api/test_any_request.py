"""Whatever is sent to a documented route: the document says whether it is taken, and the answer is one it names.

Requests are made up from the document, valid and invalid ones, and go over the wire to a real server. Valid ones name
what exists in it (`existing`). `make fuzz` makes up more of them, and others each time.
"""

import os
import random
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounds
from schemathesis.config import SchemathesisConfig
from schemathesis.core.control import SkipTest
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi import checks

from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from tests.app.api import existing
from tests.app.client import make_key
from tests.app.served import served
from tests.conftest import SECRET
from tests.factories import make_organisation

DOCUMENT = create_app(Settings(secret=SECRET, database_url="sqlite://")).openapi()
PLACES = ("/api/", "/s/", "/q/", "/r/", "/u/")
OPERATIONS = [
    (method, path) for path, methods in DOCUMENT["paths"].items() for method in methods if path.startswith(PLACES)
]
FEW = 8
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", FEW))
SEED = 1 if EXAMPLES == FEW else random.SystemRandom().randrange(2**32)
VALID, INVALID = "positive", "negative"
NUMBERS = count(1)


class Service(NamedTuple):
    """A running service, its database, the key of its owner, and the ids of what is in it."""

    address: str
    dialect: str
    key: str
    chosen: dict[str, list[Any]]

    def headers(self) -> dict[str, str]:
        """What the owner sends; from a place of their own each time, as one place may not guess at keys for long."""
        number = next(NUMBERS)
        place = ".".join(str(number >> bits & 255) for bits in (16, 8, 0))
        return {"Authorization": f"Bearer {self.key}", "X-Forwarded-For": f"10.{place}"}


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    """A service with a little in it."""
    database = Database(database_url)
    with database.writing() as session:
        key = make_key(session, make_organisation(session).id)
    database.close()
    with served(Settings(secret=SECRET, database_url=database_url, worker=False)) as address:
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60) as http:
            chosen = existing.make(http)
        yield Service(address, database_url.partition(":")[0], key, chosen)


def loaded(service: Service, kind: str) -> Any:
    """The document as a schema that valid or invalid requests are made up from."""
    generation: dict[str, Any] = {"mode": kind, "max-examples": EXAMPLES}
    if kind == VALID:
        # No text may hold U+0000, which no pattern of a text should have to say; tests of their own send it.
        generation["allow-x00"] = False
    taken = ["2xx", "3xx", 404, 409, 410]  # also what was erased, closed or taken by an earlier request
    config = {
        "seed": SEED,
        "base-url": service.address,
        "generation": generation,
        "checks": {"positive_data_acceptance": {"expected-statuses": taken}},
    }
    document = existing.narrowed(DOCUMENT, service.chosen) if kind == VALID else DOCUMENT
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


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_route_answers_as_documented(service: Service, method: str, path: str) -> None:
    ask_as(INVALID, service, method, path)
    ask_as(VALID, service, method, path)


def kinds(service: Service, method: str) -> list[HypothesisTestMode]:
    """All kinds of requests; from the few that CI has time for, each edge of a parameter is read on one database."""
    few = EXAMPLES == FEW and method == "get" and service.dialect != "sqlite"
    return [HypothesisTestMode.FUZZING] if few else [HypothesisTestMode.COVERAGE, HypothesisTestMode.FUZZING]


def ask_as(kind: str, service: Service, method: str, path: str) -> None:
    """Send what the document calls valid, or invalid, and hold each answer against it."""
    schema = loaded(service, kind)
    shown_to_ask_for_keys = False

    def holds(case: Any) -> None:
        nonlocal shown_to_ask_for_keys
        if kind == VALID:
            for_once(case)
        headers = service.headers()
        reply = case.call(headers=headers)
        left_out = [checks.ignored_auth] if shown_to_ask_for_keys else []
        sent = {"headers": service.headers()}
        case.validate_response(reply, headers=headers, excluded_checks=left_out, transport_kwargs=sent)
        shown_to_ask_for_keys |= reply.status_code < 300

    config = HypothesisTestConfig(project=schema.config, modes=kinds(service, method), settings=limits(), seed=SEED)
    try:
        create_test(operation=schema[path][method], test_func=holds, config=config)()
    except SkipTest:
        # Any text may stand in a link: where that is all of a request, none is invalid.
        assert kind == INVALID and not path.startswith("/api/")  # noqa: PT018


# The archive is no grave: what is in it is reported as before and PUT brings it back, so it answers after its DELETE.
ARCHIVED = ("/api/v1/surveys/{key}", "/api/v1/touchpoints/{key}/pages")


def test_what_was_made_is_there_and_what_was_deleted_is_not(service: Service) -> None:
    # A step must not revoke the key that all steps use.
    machine: Any = loaded(service, VALID).exclude(path="/api/v1/keys/{key_id}").as_state_machine()

    class Steps(machine):  # type: ignore[misc]
        def before_call(self, case: Any) -> None:
            for_once(case)

        def get_call_kwargs(self, _case: Any) -> dict[str, Any]:
            return {"headers": service.headers()}

        def validate_response(self, response: Any, case: Any, **sent: Any) -> None:
            # Earlier steps archive and erase what valid requests name, so that those may be refused here.
            left_out: list[Any] = [checks.positive_data_acceptance]
            if case.path in ARCHIVED:
                left_out.append(checks.use_after_free)
            case.validate_response(
                response, headers=sent["headers"], excluded_checks=left_out,
                transport_kwargs={"headers": service.headers()}, recorder=self.recorder,
            )  # fmt: skip

    Steps.run(settings=bounds(limits(), max_examples=EXAMPLES, stateful_step_count=12, derandomize=EXAMPLES == FEW))
