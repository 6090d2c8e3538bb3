"""Lists and exports come out as JSON, CSV and Parquet, with cells that no spreadsheet runs."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from starlette.requests import Request

from app.edge.problems import Problem
from app.feeds.formats import Format, answer, csv_chunks, wanted
from app.feeds.parquet import chunks

AT = datetime(2026, 4, 14, 10, 0, tzinfo=UTC)


def asking(query: str = "", accept: str | None = None) -> Request:
    headers = [(b"accept", accept.encode())] if accept else []
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize(
    ("query", "accept", "format_"),
    [
        ("", None, "json"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "json"),
        ("", "text/csv", "csv"),
        ("", "application/json;q=0.5, application/vnd.apache.parquet", "parquet"),
        ("format=parquet", "text/csv", "parquet"),
        ("", "text/csv;q=0, */*;q=0.1", "json"),
    ],
)
def test_the_format_is_the_one_asked_for(query: str, accept: str | None, format_: str) -> None:
    assert wanted(asking(query, accept)) is Format(format_)


@pytest.mark.parametrize(("query", "accept"), [("format=xml", None), ("", "image/png"), ("format=", None)])
def test_a_format_that_is_not_made_here_is_406(query: str, accept: str | None) -> None:
    with pytest.raises(Problem) as refused:
        wanted(asking(query, accept))
    assert refused.value.status_code == 406


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_defused_and_numbers_stay_numbers(text: str) -> None:
    content = b"".join(csv_chunks(["=name", "n"], [[text, -1.5]])).decode()
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["'=name", "n"], [f"'{text}", "-1.5"]]


def test_csv_keeps_quotes_commas_breaks_and_letters_of_every_script() -> None:
    words = 'a "b", c\r\nd\ne æøå 漢'
    content = b"".join(csv_chunks(["w", "none"], [[words, None]]))
    assert content.startswith(b"w,none\r\n")
    assert list(csv.reader(io.StringIO(content.decode(), newline="")))[1] == [words, ""]


ITEMS: list[dict[str, Any]] = [
    {"group": {"touchpoint": "support"}, "nps": 12.5, "n": 3, "at": AT},
    {"group": {}, "nps": None, "n": 4, "day": date(2026, 4, 14), "tags": ["a", "b"]},
]


def test_json_is_an_envelope_that_can_grow() -> None:
    reply = answer(asking(), ITEMS, name="scores", envelope={"next": None})
    assert reply.body == (
        b'{"items":[{"group":{"touchpoint":"support"},"nps":12.5,"n":3,"at":"2026-04-14T10:00:00Z"},'
        b'{"group":{},"nps":null,"n":4,"day":"2026-04-14","tags":["a","b"]}],"next":null}'
    )


def test_csv_and_parquet_hold_nested_items_flat() -> None:
    text = answer(asking("format=csv"), ITEMS, name="scores")
    assert text.headers["content-disposition"] == 'attachment; filename="scores.csv"'
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    lines = bytes(text.body).decode().split("\r\n")
    assert lines[:2] == ["group.touchpoint,nps,n,at,day,tags", "support,12.5,3,2026-04-14T10:00:00.000000Z,,"]
    table = pq.read_table(io.BytesIO(bytes(answer(asking("format=parquet"), ITEMS, name="scores").body)))
    assert table.column_names == ["group.touchpoint", "nps", "n", "at", "day", "tags"]
    assert table["n"].to_pylist() == [3, 4]
    assert table["at"].to_pylist() == [AT, None]


def test_a_long_parquet_file_is_written_in_groups_and_read_as_one() -> None:
    columns = {"id": str, "score": int, "day": date, "at": datetime}
    rows = ((UUID(int=n), n % 11, date(2026, 1, 1), AT) for n in range(120_000))
    table = pq.read_table(io.BytesIO(b"".join(chunks(columns, rows))))
    assert table.num_rows == 120_000
    assert table["score"].to_pylist()[:12] == [*range(11), 0]
    assert table["id"].to_pylist()[7] == str(UUID(int=7))
