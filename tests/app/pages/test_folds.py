"""A long comment is folded on a report: its start is shown, the rest opens, and not a word is lost."""

from datetime import date
from random import Random
from uuid import uuid4

import pytest

from app.pages.folds import MOST, MOST_LINES, SHOWN, SHOWN_LINES, fold
from app.settings import Settings
from app.storage.database import Database
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from tests.app.client import make_key
from tests.app.pages.report_pages import plain, shown
from tests.factories import NOW, make_organisation, make_survey


def test_what_is_short_is_not_folded() -> None:
    for text in ("", "Fine", "x" * MOST, "\n".join("a" * MOST_LINES)):
        assert fold(text) == (text, "")


def test_a_long_text_is_parted_between_words_and_none_is_lost() -> None:
    random = Random(7)
    for _ in range(200):
        words = ["a" * random.randint(1, 30) for _ in range(random.randint(200, 900))]
        text = "".join(word + random.choice(" \n ") for word in words).strip()
        head, rest = fold(text)
        assert (head + " " + rest).split() == words
        assert SHOWN // 4 < len(head) <= SHOWN or head.count("\n") == SHOWN_LINES - 1
        assert head.count("\n") < SHOWN_LINES


@pytest.mark.parametrize("text", ["x" * 9000, "x" * (MOST + 1), "x" * 9000 + " end", "\n" * 9000 + "y", "y\n" * 4500])
def test_a_text_without_words_or_of_many_lines_is_parted_too(text: str) -> None:
    head, rest = fold(text)
    assert len(head) <= SHOWN
    assert head.count("\n") < SHOWN_LINES
    assert "".join((head + rest).split()) == "".join(text.split())


def test_a_comment_of_nine_thousand_letters_is_folded_on_the_report(settings: Settings, database: Database) -> None:
    words = " ".join(f"word{n}" for n in range(1200))
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        place = Slice("nps", locale="da")
        cells.ensure(session, number, [place])
        entries = [
            Entry(number, uuid4(), "nps", place.id, date(2026, 3, 1), 3, NOW, text)
            for text in (words, "A <short> text")
        ]
        responses.store(session, entries, NOW)
        key = make_key(session, number, "analyst")
    page = shown(settings, key).text
    quote = page.partition("word0 ")[2].partition("</blockquote>")[0]
    above, _, folded = quote.partition('<details class="rest"><summary lang="en">Read on</summary>')
    assert len(above) < SHOWN + 10
    assert "</details>" in folded
    assert plain(above.removesuffix("…") + folded) == words.removeprefix("word0 ")
    assert '<blockquote lang="da">A &lt;short&gt; text</blockquote>' in page
