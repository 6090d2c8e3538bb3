"""Real exports go through the command, and come out as the counts that were made of them elsewhere."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from analytics.counts import weights
from analytics.counts.query import Query
from analytics.reports import scores
from app.storage.database import Database
from surveys.responses import tallies
from surveys.tables import Cell, Response, Survey, Tally, Touchpoint
from surveys.tables.columns import core
from tests.journeys.exports import DATA, FILES, Command


def counted(session: Session) -> tuple[int, int, int, int, float]:
    """Scored, promoters, passives, detractors and NPS, by the tallies."""
    t = core(Tally).c
    sums = session.execute(sa.select(*(sa.func.coalesce(sa.func.sum(t[c]), 0) for c in tallies.SCORES))).one()
    n, promoters, detractors = sum(sums), sum(sums[9:]), sum(sums[:7])
    nps = round(100 * (promoters - detractors) / n, 3) if n else 0.0
    return n, promoters, n - promoters - detractors, detractors, nps


@pytest.mark.parametrize(("file", "options", "counts", "blank"), FILES, ids=[f[0].stem for f in FILES])
def test_a_real_export_gives_the_independent_counts_and_adds_nothing_twice(
    command: Command, database: Database, *, file: Path, options: list[str], counts: tuple[float, ...], blank: int
) -> None:
    first = command(file, *options)
    assert first.exit_code == 0, first.output
    assert first.stdout.splitlines()[-1] == f"imported {counts[0]}, blank {blank}, refused 0, already there 0"
    with database.reading() as session:
        assert counted(session) == counts
        assert tallies.check(session, 1) == []
    again = command(file, *options)
    assert again.stdout.splitlines()[-1] == f"imported 0, blank {blank}, refused 0, already there {counts[0]}"
    with database.reading() as session:
        assert counted(session) == counts
        assert tallies.check(session, 1) == []


def test_touchpoints_segments_and_days_come_with_the_answers(command: Command, database: Database) -> None:
    file, options, _, _ = FILES[1]
    command(file, *options)
    with database.reading() as session:
        made = {t.key: t for t in session.exec(select(Touchpoint))}
        assert len(made) == 35
        assert made["how-to-run-a-meeting"].name == "How to Run a Meeting"
        assert {t.audience for t in made.values()} == {"customers"}
        assert session.get_one(Survey, (1, "nps")).segments == ["country"]
        cells = session.exec(select(Cell)).all()
        assert {c.channel for c in cells} == {"import"}
        assert {"country": "Denmark"} in [c.segments for c in cells]
        assert {str(r.day) for r in session.exec(select(Response))} == {"2020-09-01"}


def test_us_timestamps_are_read_in_the_organisations_zone(command: Command, database: Database) -> None:
    file, options, _, _ = FILES[0]
    command(file, *options)
    with database.reading() as session:
        days = [r.day.isoformat() for r in session.exec(select(Response))]
        newest = max(r.answered_at for r in session.exec(select(Response)))
    assert (min(days), max(days)) == ("2016-06-09", "2018-09-08")
    # 9/8/18 15:29 in Copenhagen, in summer two hours ahead of UTC.
    assert newest.isoformat() == "2018-09-08T13:29:00+00:00"


def test_a_dry_run_says_what_it_understood_and_stores_nothing(command: Command, database: Database) -> None:
    file, options, _, _ = FILES[5]
    told = command(file, *options, "--dry-run")
    for line in (
        "encoding: utf-8 (certain",
        "delimiter: comma",
        "header rows: 1",
        "scores: 'NETPRO', 0 to 10",
        "2746 scored: 1436 promoters, 968 passives, 342 detractors, NPS 39.84",
        "touchpoints: 7, 7 of them new",
        "segment language from 'LANG', new in survey 'nps': 4 values",
        "2746 answers would be imported",
    ):
        assert line in told.stdout
    assert told.stdout.splitlines()[-1] == "imported 0, blank 85, refused 0, already there 0"
    with database.reading() as session:
        assert counted(session)[0] == 0
        assert session.exec(select(Touchpoint)).all() == []
        assert session.get_one(Survey, (1, "nps")).segments == []


def test_without_its_blank_code_each_11_is_refused_by_row(command: Command, database: Database, tmp_path: Path) -> None:
    listed = tmp_path / "refusals.csv"
    result = command(DATA / "sfo/sfo_2017.csv", "NETPRO", "--on", "2017-05-15", "--refusals", str(listed))
    assert result.stdout.splitlines()[-1] == "imported 2746, blank 1, refused 84, already there 0"
    assert "... and 64 more" in result.stdout
    lines = listed.read_text("utf-8-sig").splitlines()
    assert len(lines) == 85
    assert lines[1].endswith(",NETPRO,11,is not a whole number from 0 to 10.")


def test_a_weighted_export_gives_the_published_weighted_score(command: Command, database: Database) -> None:
    options = ["--on", "2017-05-15", "--blank-codes", "11", "--weight-column", "WEIGHT", "--segment", "LANG=language"]
    result = command(DATA / "sfo/sfo_2017.csv", "NETPRO", *options)
    assert result.stdout.splitlines()[-1] == "imported 2746, blank 85, refused 0, already there 0"
    with database.reading() as session:
        ((_, sums),) = weights.sums(session, Query(1)).items()
        found = weights.estimate(sums)
        items, total = scores.weighted(session, Query(1, by=("segment.language",)))
        (later,) = scores.weighted(session, Query(1, from_on=date(2017, 5, 16)))[0]
    assert round(found.nps or 0, 3) == 40.398
    assert (total["nps"], total["weighted"]["nps"], total["responses"]) == (39.84, 40.4, 2746)
    assert 1 < total["weighted"]["design_effect"] < 3
    assert total["weighted"]["high"] - total["weighted"]["low"] > total["high"] - total["low"]
    assert sum(item["responses"] for item in items) == 2746
    assert all(item["weighted"]["effective_responses"] <= item["responses"] + 0.01 for item in items)
    assert later["weighted"]["nps"] is None


def test_a_row_with_a_weight_that_cannot_be_is_refused(command: Command, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "weights.csv"
    file.write_text('score,w\n9,"1,5"\n9,0\n2,-1\n3,\n4,heavy\n5,.5\n6,1e3\n')
    result = command(file, "score", "--on", "2026-04-01", "--weight-column", "W")
    assert result.stdout.splitlines()[-1] == "imported 2, blank 0, refused 5, already there 0"
    assert "is not a number above 0." in result.stdout
    with database.reading() as session:
        assert sorted(r.weight or 0 for r in session.exec(select(Response))) == [0.5, 1.5]
        (found,) = weights.sums(session, Query(1)).values()
    assert weights.estimate(found).nps == pytest.approx(100 * (1.5 - 0.5) / 2)
    assert weights.estimate(found).effective_responses == pytest.approx(4 / 2.5)
    assert weights.estimate(found).low is None


def test_options_that_cannot_be_are_refused_in_one_sentence(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("score\n9\n")
    on = ["--on", "2026-04-01"]
    for options, problem in (
        (["scores", *on], "--score-column: the file has no column 'scores'"),
        (["score", *on, "--refusals", str(file)], "--refusals: this is the file to import"),
        (["score", *on, "--weight-column", "w"], "--weight-column: the file has no column 'w'"),
        (["score", *on, "--survey", "none"], "There is no survey 'none' here."),
        (["score", *on, "--organisation", "none"], "There is no organisation 'none' here."),
        (["score"], "--date-column: name the column"),
    ):
        assert problem in str(command(file, *options).exception)
    assert file.read_text() == "score\n9\n"
    assert "there is no file" in str(command(tmp_path / "none.csv", "score", *on).exception)


@pytest.mark.parametrize(
    ("file", "options", "told"),
    [
        ("surveymonkey_k8s_2019.csv", ["Communication", "--date-column", "Start Date"],
         ["encoding: utf-8-sig (certain", "header rows: 2 (SurveyMonkey)", "rows below them: 211", "MDY"]),
        ("surveymonkey_starwars.csv", ["Age", "--on", "2014-06-01"],
         ["encoding: cp1252 (a guess", "header rows: 2 (SurveyMonkey)", "rows below them: 1186"]),
        ("qualtrics_sample.csv", ["This is a multiple choice question.", "--date-column", "EndDate"],
         ["encoding: utf-8 (certain", "header rows: 3 (Qualtrics)", "rows below them: 1,", "YMD"]),
    ],
)  # fmt: skip
def test_exports_of_other_tools_are_understood(
    command: Command, file: str, options: list[str], told: list[str]
) -> None:
    result = command(DATA / "formats" / file, *options, "--dry-run")
    assert result.exit_code == 0, result.output
    for line in ["delimiter: comma", *told]:
        assert line in result.stdout
