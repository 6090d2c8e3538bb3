"""Files as people have them: each is read for what it is, or refused with what to do about it."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app.storage.database import Database
from surveys.answering.imports.plan import Plan, prepare
from surveys.answering.imports.run import CHUNK_ROWS, Result, Run
from surveys.answering.imports.wanted import Wanted
from surveys.facts import Malformed, Refused
from surveys.refusals import Refusal
from surveys.responses import tallies
from surveys.tables import Cell, Response, Survey, Touchpoint
from tests.factories import make_contact, make_organisation, make_survey, make_touchpoint, make_unit

ON = date(2026, 4, 1)
MANY = "score,t\n" + "".join(f"9,{n}\n" for n in range(1001))
Import = Callable[..., tuple[Plan, Result, list[Refusal]]]


@pytest.fixture
def bring(database: Database, now: datetime, tmp_path: Path) -> Import:
    """Import bytes into a survey, with the score in `score` and all answers on one day if not said otherwise."""
    with database.writing() as session:
        make_survey(session, make_organisation(session).id)

    def import_(content: bytes | str, **wanted: Any) -> tuple[Plan, Result, list[Refusal]]:
        path = tmp_path / "answers.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        refusals: list[Refusal] = []
        asked = Wanted(**({"score_column": "score"} | ({} if "date_column" in wanted else {"on": ON}) | wanted))
        with database.reading() as session:
            plan = prepare(session, 1, "nps", path, asked, now=now)
        run = Run(plan, now, stores=True, refuse=refusals.append)
        for chunk in run.chunks():
            with database.writing() as session:
                run.take(session, chunk)
        return plan, run.result, refusals

    return import_


def stored(database: Database) -> list[Response]:
    """What is there, lowest score first, after a recount."""
    with database.reading() as session:
        assert tallies.check(session, 1) == []
        return list(session.exec(select(Response).order_by(col(Response.score), col(Response.comment))))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty"),
        (b"\r\n\r\n", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"score,comment\n", "no rows below"),
        (b"score,comment\n\n\n", "no rows below"),
        (b"score,comment\n9,a\0b\n", "line 2 holds a NUL"),
        ("score,comment\n9,x\n".encode("utf-16-le"), "utf-16-le"),
        (b"\xff\xfes\0\n\0\x00\xd8\n\0", "it is not utf-16"),
        (b"PK\x03\x04rest", "save the sheet as CSV"),
        (b"<html>", "XML or HTML"),
        ("score,comment\n9,så\n8,æ\n".encode() + b"7,\xe6\n", "damaged bytes, the first in line 4"),
        (b'score,comment\n9,"never closed\n8,x\n', "opens in row 2 is never closed"),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(
    bring: Import, database: Database, content: bytes, problem: str
) -> None:
    with pytest.raises(Malformed) as told:
        bring(content)
    assert told.value.field == "file"
    assert problem in told.value.message
    assert stored(database) == []


@pytest.mark.parametrize(
    ("content", "wanted", "field", "problem"),
    [
        ("Score given,when\n9,x\n", {}, "score_column", "did you mean 'Score given'?"),
        ("score^when\n9^x\n", {}, "score_column", "one column only, 'score^when'"),
        ("score,score\n9,8\n", {}, "score_column", "2 columns are called 'score'; say which: 'score (1)', 'score (2)'"),
        ("score,a\n9,b\n", {"comment_column": "why"}, "comment_column", "it has 2: 'score', 'a'"),
        ("score,a\n9,b\n", {"segments": {"land": None}}, "segment", "no column 'land'"),
        ("score,day\n9,1/2/2020\n", {"date_column": "day"}, "date_column", "MDY (2 January 2020) or DMY (1 February"),
        ("score,day\n9,13/2/2020\n8,2/13/2020\n", {"date_column": "day"}, "date_column", "do not have one order"),
        ("score,day\n9,13\n", {"date_column": "day"}, "date_column", "'13' in row 2 is not a date"),
        ("score,day\n9,\n", {"date_column": "day"}, "date_column", "it is empty"),
        ("score,day\n9,x\n", {"date_column": "day", "date_format": "%H"}, "date_format", "gives no day"),
        ("score,day\n9,x\n", {"date_column": None}, "date_column", "--on"),
        ("score,day\n9,x\n", {"on": date(2026, 4, 15)}, "on", "future"),
        ("score,day\n9,x\n", {"encoding": "utf-99"}, "encoding", "utf-99"),
        ("score,day\n9,x\n", {"delimiter": ",,"}, "delimiter", "one character"),
        (MANY, {"touchpoint_column": "t"}, "touchpoint_column", "more than 1000 different values"),
        (MANY, {"segments": {"t": None}}, "segment", "more than 1000 different values"),
    ],
)  # fmt: skip
def test_an_option_that_does_not_fit_the_file_is_named(
    bring: Import, database: Database, *, content: str, wanted: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(Malformed) as told:
        bring(content, **wanted)
    assert told.value.field == field
    assert problem in told.value.message
    assert stored(database) == []


def test_bad_rows_are_refused_by_number_and_good_ones_are_kept(bring: Import, database: Database) -> None:
    content = 'score,why\n9,"two\nlines"\n11,\n-1,\n7.5,\nnine,\n\n8,x,y\n6\n"a"b,c\n9.0,\n,\nN/A,\n0,last\n'
    _, result, refusals = bring(content, comment_column="why")
    bad = [(3, "11"), (4, "-1"), (5, "7.5"), (6, "nine"), (8, ""), (9, ""), (10, "")]
    assert [(r.row, r.value) for r in refusals] == bad
    assert str(result) == "imported 3, blank 2, refused 7, already there 0"
    assert {(r.score, r.comment) for r in stored(database)} == {(0, "last"), (9, "two\nlines"), (9, None)}


def test_rows_from_the_future_or_without_a_date_are_refused(bring: Import, database: Database) -> None:
    _, _, refusals = bring("score,day\n9,2026-04-15\n8,\n7,2026-02-30\n6,2026-04-14\n", date_column="day")
    assert [(r.row, r.field) for r in refusals] == [(2, "day"), (3, "day"), (4, "day")]
    assert [r.day.isoformat() for r in stored(database)] == ["2026-04-14"]


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("score;why\r\n9;Så, så, så\r\n8;x, y\r\n".encode(), "utf-8", ";"),
        ("score\twhy\r9\tSå, så\r".encode("utf-8-sig"), "utf-8-sig", "\t"),
        ("score|why\n9|Så\n".encode("utf-16"), "utf-16", "|"),
        ("score,why\n9,Så er det på høje tid\n".encode("cp1252"), "cp1252", ","),
        ("score,why\n9,Så er det på høje tid\n".encode("mac_roman"), "mac_roman", ","),
        (b"sep=;\nscore;why\n9;S\xc3\xa5\n", "utf-8", ";"),
        ("\n\nscore,why\n9,Så\n".encode(), "utf-8", ","),
        ("\u00a0Score\u00a0 ,WHY\n\u00a09\u00a0,\u00a0Så\u00a0\n".encode(), "utf-8", ","),
    ],
)
def test_encodings_delimiters_and_spaces_are_found(
    bring: Import, database: Database, content: bytes, encoding: str, delimiter: str
) -> None:
    plan, _, refusals = bring(content, comment_column="why")
    assert (plan.sheet.encoding.name, plan.sheet.delimiter, refusals) == (encoding, delimiter, [])
    highest = stored(database)[-1]
    assert highest.score == 9
    assert str(highest.comment).startswith("Så")


def test_a_longer_export_adds_only_its_new_rows_and_identical_rows_count_each(
    bring: Import, database: Database
) -> None:
    _, first, _ = bring("score,why\n9,a\n9,a\n3,b\n")
    assert first.imported == 3
    _, second, _ = bring("score,why\n8,new\n9,a\n3,b\n9,a\n9,a\n")
    assert str(second) == "imported 2, blank 0, refused 0, already there 3"
    assert [r.score for r in stored(database)] == [3, 8, 9, 9, 9]


def test_two_columns_of_one_name_are_two_questions(bring: Import, database: Database) -> None:
    for column, score in (("score (1)", 9), ("score (2)", 2)):
        _, result, _ = bring("score,score\n9,2\n", score_column=column)
        assert (result.imported, result.scores[score]) == (1, 1)
    assert [r.score for r in stored(database)] == [2, 9]


def test_more_rows_than_a_chunk_are_all_there_once(bring: Import, database: Database) -> None:
    content = "score,n\n" + "".join(f"{n % 11},{n % 4000}\n" for n in range(5000))
    _, result, _ = bring(content)
    assert result.imported == 5000
    _, again, _ = bring(content)
    assert (again.imported, again.already_there) == (0, 5000)
    assert len(stored(database)) == 5000


def test_a_touchpoint_is_found_by_key_or_name_and_else_made_with_a_plain_key(bring: Import, database: Database) -> None:
    with database.writing() as session:
        make_touchpoint(session, 1, "phone", name="Telefonen")
    content = "score,t\n9,phone\n8,TELEFONEN\n7,Rådgivning & køb\n6,Rådgivning/køb\n5,\n4,客服\n"
    _, result, _ = bring(content, touchpoint_column="t")
    with database.reading() as session:
        keys = {t.name: t.key for t in session.exec(select(Touchpoint))}
        cells = session.exec(select(Cell)).all()
    assert keys["Rådgivning & køb"] == "radgivning-kob"
    assert keys["Rådgivning/køb"].startswith("radgivning-kob-")
    assert keys["客服"].startswith("touchpoint-")
    assert (len(keys), len(cells), len(result.touchpoints_made)) == (4, 5, 3)
    _, again, _ = bring(content, touchpoint_column="t")
    assert (again.already_there, again.touchpoints_made) == (6, {})


def test_a_touchpoint_of_the_other_audience_stops_the_import(bring: Import, database: Database) -> None:
    with database.writing() as session:
        make_touchpoint(session, 1, "canteen", audience="staff")
    with pytest.raises(Malformed, match="canteen"):
        bring("score,t\n9,desk\n8,canteen\n", touchpoint_column="t")
    assert stored(database) == []
    with database.reading() as session:
        assert [t.key for t in session.exec(select(Touchpoint))] == ["canteen"]


def test_contacts_are_known_by_ref_or_address_and_strangers_count_without_one(
    bring: Import, database: Database
) -> None:
    with database.writing() as session:
        make_unit(session, 1, "north")
        contact = make_contact(session, 1, "c-1", email="Ada@Example.org", unit_key="north")
    _, result, _ = bring("score,who\n9,c-1\n8,ada@example.ORG\n7,nobody\n6,\n", contact_column="who")
    assert (result.contacts_known, result.contacts_unknown) == (2, 1)
    assert [r.contact_id for r in stored(database)] == [None, None, contact.id, contact.id]
    with database.reading() as session:
        assert {c.unit_key for c in session.exec(select(Cell))} == {None, "north"}


def test_a_segment_is_declared_once_and_sliced_by(bring: Import, database: Database) -> None:
    for _ in range(2):
        bring("score,land\n9,DK\n8,NA\n", segments={"land": "country"})
    with database.reading() as session:
        assert session.get_one(Survey, (1, "nps")).segments == ["country"]
        assert sorted(str(c.segments) for c in session.exec(select(Cell))) == ["{'country': 'DK'}", "{}"]


def test_a_touchpoint_of_the_other_audience_in_the_last_row_stores_nothing(bring: Import, database: Database) -> None:
    with database.writing() as session:
        make_touchpoint(session, 1, "canteen", audience="staff")
    rows = [f"9,Desk {n % 7}" for n in range(CHUNK_ROWS)]
    with pytest.raises(Malformed, match="staff"):
        bring("\n".join(["score,where", *rows, "8,canteen"]), touchpoint_column="where")
    assert stored(database) == []


def test_one_touchpoint_can_be_given_for_the_rows_that_name_none(bring: Import, database: Database) -> None:
    with database.writing() as session:
        make_touchpoint(session, 1, "support")
        make_touchpoint(session, 1, "canteen", audience="staff")
    for key, problem in (("desk", "no touchpoint 'desk'"), ("canteen", "for staff")):
        with pytest.raises(Malformed, match=problem) as told:
            bring("score\n9\n", touchpoint=key)
        assert told.value.field == "touchpoint"
    bring("score\n9\n", touchpoint="support")
    bring("score,where\n9,Phone\n8,\n", touchpoint="support", touchpoint_column="where")
    with database.reading() as session:
        found = session.exec(
            select(Response.score, Cell.touchpoint_key).where(col(Cell.id) == col(Response.cell_id))
        ).all()
    assert sorted(found) == [(8, "support"), (9, "phone"), (9, "support")]


def test_an_import_that_breaks_off_keeps_its_chunks_and_is_continued_by_running_it_again(
    bring: Import, database: Database, now: datetime, tmp_path: Path
) -> None:
    content = "score,n\n" + "".join(f"{n % 11},{n}\n" for n in range(CHUNK_ROWS + 50))
    path = tmp_path / "answers.csv"
    path.write_text(content)
    with database.reading() as session:
        plan = prepare(session, 1, "nps", path, Wanted("score", on=ON), now=now)
    run = Run(plan, now, stores=True)
    with database.writing() as session:
        run.take(session, next(run.chunks()))
    assert len(stored(database)) == CHUNK_ROWS
    _, result, _ = bring(content)
    assert str(result) == f"imported 50, blank 0, refused 0, already there {CHUNK_ROWS}"
    assert len(stored(database)) == CHUNK_ROWS + 50


@pytest.mark.parametrize("taken", [0, 1])
def test_a_file_that_changes_while_it_is_read_stores_nothing_from_then_on(
    bring: Import,
    database: Database,
    now: datetime,
    tmp_path: Path,
    taken: int,
) -> None:
    content = "score,n\n" + "".join(f"9,{n}\n" for n in range(2 * CHUNK_ROWS))
    path = tmp_path / "changing.csv"
    path.write_text(content)
    with database.reading() as session:
        plan = prepare(session, 1, "nps", path, Wanted("score", on=ON), now=now)
    run = Run(plan, now, stores=True)
    chunks = run.chunks()
    for _ in range(taken):
        with database.writing() as session:
            run.take(session, next(chunks))
    path.write_text(content + "8,x\n")
    with pytest.raises(Refused, match=f"changed.*; {taken * CHUNK_ROWS or 'no'} answers"):
        next(chunks)
    assert len(stored(database)) == taken * CHUNK_ROWS
