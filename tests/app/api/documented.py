"""Calls to a running service by name, each answer held against the OpenAPI document."""

from typing import Any

import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from tests.app.api.service import DOCUMENT, PATIENCE_SECONDS, Service

SAID = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip


class Documented:
    """The service as the document has it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        config = SchemathesisConfig.from_dict({"base-url": service.address, "request-timeout": PATIENCE_SECONDS})
        self._schema: Any = schemathesis.openapi.from_dict(DOCUMENT, config=config)

    def __call__(
        self, method: str, template: str, *names: str, body: Any = None, key: str | None = None, **query: Any
    ) -> Any:
        """The reply; `names` stand in the path in the place of its parameters, in their order."""
        path = template if template.startswith(("/s/", "/q/")) else f"/api/v1/{template}"
        operation = self._schema[path][method]
        places = [parameter.name for parameter in operation.path_parameters]
        sent = {} if body is None else {"body": body, "media_type": "application/json"}
        case = operation.Case(path_parameters=dict(zip(places, names, strict=True)), query=query, **sent)
        headers = self.service.headers(key)
        reply = case.call(headers=headers)
        case.validate_response(reply, checks=SAID, headers=headers)
        return reply

    def status(self, method: str, template: str, *names: str, **sent: Any) -> int:
        """Only the status."""
        return int(self(method, template, *names, **sent).status_code)

    def items(self, template: str, *names: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a list."""
        rows: list[dict[str, Any]] = self("GET", template, *names, limit=1000, **query).json()["items"]
        return rows
