"""A service that runs for all tests of a module: to start one costs as much as to ask a route."""

from collections.abc import Iterator

import pytest

from tests.app.api.service import started
from tests.conftest import addresses


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The addresses of the service and of its database."""
    for url in addresses(request, tmp_path_factory.mktemp("served")):
        with started(url) as address:
            yield address, url
