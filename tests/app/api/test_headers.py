"""A CSV or Parquet file without rows has the header of one with rows."""

import csv
import io

import pyarrow.parquet as pq
import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.api.organisation import furnish
from tests.app.client import ask, make_key
from tests.factories import make_organisation, make_survey, make_touchpoint

NOTHING = "survey=nps&from=2020-01-01&to=2020-01-02"
LISTS = ("/units", "/touchpoints", "/surveys", "/contacts", "/invitations", "/waves", "/baselines", "/initiatives")
BROUGHT_ALONG = ("attributes.", "at_least_percent", "contacts", "query.", "scope", "comparison", "questions")


def head(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text)), [])


@pytest.mark.parametrize(
    ("path", "nothing"),
    [
        ("/scores?by=touchpoint", NOTHING),
        ("/scores?by=touchpoint,unit&weighted=true", NOTHING),
        ("/trend?by=touchpoint", NOTHING),
        ("/distribution?by=touchpoint", NOTHING),
        ("/representation?by=unit", NOTHING),
        ("/compare?by=unit&a.touchpoint=support&b.touchpoint=advice", NOTHING),
        ("/responses?limit=1000", NOTHING),
        ("/responses?channel=link", NOTHING),
        ("/comments?channel=link", NOTHING),
    ],
)
def test_a_report_without_rows_has_the_header_of_one_with_rows(
    settings: Settings, database: Database, path: str, nothing: str
) -> None:
    with database.writing() as session:
        key = make_key(session, furnish(session, waves=0))
    full, empty, parquet = ask(
        settings, key, ("GET", f"{path}&survey=nps&format=csv"), ("GET", f"{path}&{nothing}&format=csv"),
        ("GET", f"{path}&{nothing}&format=parquet"),
    )  # fmt: skip
    assert (full.text.count("\r\n") > 1, empty.text.count("\r\n")) == (True, 1)
    assert head(empty.text) == head(full.text)
    assert pq.read_table(io.BytesIO(parquet.content)).column_names == head(full.text)


def test_each_list_without_rows_has_its_header(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        full = make_key(session, furnish(session, waves=1))
        number = make_organisation(session, "new").id
        new = make_key(session, number)
    frozen = ("PUT", "/baselines/before", {"query": {"survey": "nps", "to": "2025-12-31"}})
    _, *filled = ask(settings, full, frozen, *(("GET", f"{path}?format=csv") for path in LISTS))
    empty = ask(settings, new, *(("GET", f"{path}?format=csv") for path in LISTS))
    for path, with_rows, reply in zip(LISTS, filled, empty, strict=True):
        assert (with_rows.text.count("\r\n") > 1, reply.text.count("\r\n")) == (True, 1), path
        assert _fixed(head(reply.text)) == _fixed(head(with_rows.text)), path


def test_a_report_of_words_or_questions_without_rows_has_its_header(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        make_touchpoint(session, number)
        key = make_key(session, number)
    words, drivers, pages = ask(
        settings, key, ("GET", "/words?format=csv"), ("GET", "/drivers?format=csv"),
        ("GET", "/touchpoints/support/pages?format=csv"),
    )  # fmt: skip
    assert head(words.text)[:3] == ["language", "side", "term"]
    assert head(drivers.text)[:3] == ["question", "text", "n"]
    assert head(pages.text)[:2] == ["survey", "unit"]


def test_every_row_has_its_answers(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = furnish(session, waves=0)
        make_survey(session, number, "plain")
        key = make_key(session, number)
    stored, rows, comments = ask(
        settings, key, ("POST", "/surveys/plain/responses", {"items": [{"score": 9, "comment": "Well."}]}),
        ("GET", "/responses?survey=plain"), ("GET", "/comments?survey=plain"),
    )  # fmt: skip
    assert stored.json()["recorded"] == 1
    assert [(item["answers"], item["segments"]) for item in rows.json()["items"]] == [({}, {})]
    assert ["answers" in item for item in comments.json()["items"]] == [False]


def _fixed(columns: list[str]) -> list[str]:
    return [column for column in columns if not column.startswith(BROUGHT_ALONG)]
