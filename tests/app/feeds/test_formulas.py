"""No cell of a CSV is run by a spreadsheet: Python, SQLite and PostgreSQL defuse the same ones in the same way."""

import csv
import io
import random

import pytest

from app.feeds.formats import csv_chunks
from app.feeds.formulas import defused
from app.settings import Settings
from app.storage.database import Database
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry, response_id
from tests.app.client import ask, make_key
from tests.factories import NOW, make_organisation, make_survey

RUN = [
    ("=1+1", "'=1+1"),
    ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\tx", "'\tx"),
    ("\rx", "'\rx"),
    (" \u00a0=1", "' \u00a0=1"),
    ("\u3000＝1", "'\u3000＝1"),
    ("＋1", "'＋1"),
    ("－1", "'－1"),
    ("＠A1", "'＠A1"),
    ("fine\n=1", "fine\n'=1"),
    ("fine\r\n \t+1\n-2", "fine\r\n' \t+1\n'-2"),
    ("\n=1", "\n'=1"),
    ("\r=1", "\r'=1"),
]
LETTERS = "=+-@＝＋－＠\t\r\n \u00a0\u2009\u3000\ufeff\u000b'\"ab1,é"


@pytest.mark.parametrize(("text", "cell"), RUN)
def test_each_line_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str, cell: str) -> None:
    assert defused(text) == cell
    content = b"".join(csv_chunks(["comment"], [[text]])).decode()
    assert list(csv.reader(io.StringIO(content, newline="")))[1] == [cell]


@pytest.mark.parametrize("text", ["", "a=b", "a\nb-c", "it's 5 > 3", "1 - 1", "\n\n", "–", "a @ b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


def test_numbers_stay_numbers() -> None:
    assert b"".join(csv_chunks(["n", "share"], [[-1, -0.5]])) == b"n,share\r\n-1,-0.5\r\n"


def test_an_export_defuses_in_the_database_what_python_would(database: Database, settings: Settings) -> None:
    chance = random.Random("formulas")
    texts = [text for text, _ in RUN]
    texts += ["x" + "".join(chance.choices(LETTERS, k=chance.randrange(12))) for _ in range(150)]
    texts += ["".join(chance.choices(LETTERS, k=chance.randrange(1, 8))) for _ in range(350)]
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        place = Slice("nps", channel="api")
        cells.ensure(session, number, [place])
        ids = {response_id("nps", "api", str(n)): text for n, text in enumerate(texts)}
        rows = [Entry(number, id_, "nps", place.id, NOW.date(), 9, NOW, text, None, {}) for id_, text in ids.items()]
        responses.store(session, rows, NOW)
        owner = make_key(session, number)
    (reply,) = ask(settings, owner, ("GET", "/responses?survey=nps&format=csv"))
    exported = {row["id"]: row["comment"] for row in csv.DictReader(io.StringIO(reply.text, newline=""))}
    assert exported == {str(id_): defused(text) for id_, text in ids.items()}
    assert sum(cell != text for cell, text in zip(map(defused, texts), texts, strict=True)) > 150
