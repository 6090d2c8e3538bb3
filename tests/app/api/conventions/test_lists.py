"""Cursors come back as they went, and anything else is refused by name."""

import pytest

from app.api.conventions.lists import Asked, decode_cursor, encode_cursor, turn
from surveys.facts import Malformed


def test_a_cursor_comes_back_as_it_went() -> None:
    key = ["2026-04-14T10:00:00Z", "æ", 3, None]
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize("text", ["", "x", "####", "e30", "æ", "W" * 2_000, "W1tbW1tb"])
def test_a_cursor_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode_cursor(text)
    assert refused.value.field == "after"


def test_the_last_page_has_no_next() -> None:
    assert turn([1, 2], Asked(2, None), lambda n: [n]) == ([1, 2], None)
    shown, cursor = turn([1, 2, 3], Asked(2, None), lambda n: [n])
    assert shown == [1, 2]
    assert decode_cursor(cursor or "") == [2]
