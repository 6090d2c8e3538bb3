"""The page of definitions says what every figure means, to everyone in their own language."""

import asyncio
import re
from typing import Any

import pytest

from app.languages import LANGUAGES
from app.settings import Settings
from tests.app.client import client


@pytest.mark.parametrize("language", LANGUAGES)
def test_definitions_are_open_to_everyone_in_the_language_of_the_reader(settings: Settings, language: str) -> None:
    async def run() -> list[Any]:
        english, own = {"Accept-Language": "en"}, {"Accept-Language": f"{language}, en;q=0.5"}
        async with client(settings) as http:
            return [
                await http.get("/definitions", headers=english), await http.get("/definitions", headers=own),
                await http.get(f"/definitions?lang={language}", headers=english),
            ]  # fmt: skip

    english, *pages = asyncio.run(run())
    for page in pages:
        assert (page.status_code, page.headers["content-language"]) == (200, language)
        assert "<code>response_rate_percent</code>" in page.text
        said, unsaid = words(page.text), words(english.text)
        assert len(said) == len(unsaid) > 200
        assert language == "en" or [one for one, other in zip(said, unsaid, strict=True) if one == other] == []


def words(text: str) -> list[str]:
    """The headings, paragraphs and cells of a page, without names of the API."""
    cells = re.findall(r"<(h1|h2|p|th|td)\b[^>]*>(.*?)</\1>", text, re.S)
    return [cell for _, cell in cells if "<code>" not in cell]
