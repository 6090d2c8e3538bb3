"""What the tests of pages share: a browser for as long as one module runs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.app.served import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium; other modules run event loops of their own, which playwright's would be in the way of."""
    with chromium() as opened:
        yield opened
