"""Whoever steals the whole database after a wave has closed, and knows who answered when, learns nobody's answer.

Everything stored, logged and counted of one wave is searched, and every order in which anything is stored is tried as
a way of telling who gave which answer.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.storage.database import Database
from surveys.tables import Ballot
from tests.conftest import addresses
from tests.journeys import anonymous_wave
from tests.journeys.anonymous_wave import ADDRESS, AGENT, COMMENT_FLOOR, FORWARDED, TEAMS
from tests.journeys.dump import steal, transactions
from tests.journeys.guessing import Side, found
from tests.journeys.stolen import ERROR, Stolen, author, instants, orders_of_rows, parts, written


@pytest.fixture(scope="module", params=["sqlite", "postgresql"], name="stolen")
def stolen_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stolen]:
    """The database after one wave, for all that is asked of it."""
    folder = tmp_path_factory.mktemp("dump")
    for url in addresses(request, folder):
        database = Database(url)
        yield Stolen(database, anonymous_wave.play(database, url, folder))
        database.close()


def test_no_order_tells_who_gave_which_score(stolen: Stolen) -> None:
    assert len(stolen.played.dump.tables["anonymous_score"]) == len(stolen.people)
    assert stolen.who_scored(stolen.played.dump, "anonymous_score") == []


def test_no_order_tells_who_wrote_a_comment_or_with_which_score(stolen: Stolen) -> None:
    dump, cells = stolen.played.dump, stolen.cells()
    score = {one.ref: one.score for one in stolen.people}
    wrote = {author(row) for row in dump.tables["anonymous_comment"]}
    comments = orders_of_rows(dump, "anonymous_comment")
    people = {name: [one for one in order if one.ref in wrote] for name, order in stolen.orders_of_people().items()}
    authors = Side(people, lambda one: cells[one.ref], lambda one: one.ref)
    assert found(authors, Side(comments, lambda row: str(row["cell_id"]), author), ERROR) == []
    theirs = Side(comments, lambda row: str(row["cell_id"]), lambda row: score[author(row)])
    kept = {row["cell_id"] for row in dump.tables["anonymous_comment"]}
    scores = {
        name: [row for row in order if row["cell_id"] in kept]
        for name, order in orders_of_rows(dump, "anonymous_score").items()
    }
    assert found(theirs, Side(scores, lambda row: str(row["cell_id"]), lambda row: row["score"]), ERROR) == []


def test_scores_stored_as_they_came_or_team_by_team_would_be_found(stolen: Stolen) -> None:
    cells, fine = stolen.cells(), stolen.fine_cells()
    by_team = sorted(stolen.people, key=lambda one: (fine[one.ref], one.token))
    for table, stored in (("arrived", stolen.people), ("by_team", by_team)):
        rows = [{"id": str(uuid7()), "cell": cells[one.ref], "score": one.score} for one in stored]
        with stolen.database.writing() as session:
            session.execute(sa.text(f"CREATE TABLE {table} (id varchar(36), cell_id varchar(36), score smallint)"))
            session.execute(sa.text(f"INSERT INTO {table} VALUES (:id, :cell, :score)"), rows)  # noqa: S608
    dump = steal(stolen.database)
    arrived, by_team_ = (stolen.who_scored(dump, table) for table in ("arrived", "by_team"))
    right = {guess.way for guess in arrived if guess.hits == len(stolen.people)}
    assert right >= {"as stored, 0 off, as they answered", "as numbered, 0 off, as they answered"}
    assert any("by place" in guess.way for guess in arrived)
    assert any("their teams are" in guess.way for guess in by_team_)


def test_an_open_urn_does_not_tell_whose_an_answer_is(stolen: Stolen) -> None:
    """It tells on PostgreSQL in which order ballots came, but not from whom: no transaction touched both."""
    if stolen.database.dialect == "sqlite":
        return
    touched = stolen.played.touched.values()
    both = [tables for tables in touched if {"ballot", "invitation"} <= tables]
    assert sum("ballot" in tables for tables in touched) == len(stolen.people)
    assert any("invitation" in tables for tables in touched)
    assert both == []


def test_a_lock_on_an_invitation_would_be_found_beside_the_ballot(stolen: Stolen) -> None:
    if stolen.database.dialect == "sqlite":
        return
    with stolen.database.writing() as session:
        row = session.execute(sa.text("SELECT id, cell_id FROM invitation LIMIT 1 FOR UPDATE")).one()
        ballot = Ballot(organisation_id=1, id=row.id, cell_id=row.cell_id, score=1)
        session.add(ballot)
        session.flush()
        session.delete(ballot)
    assert any({"ballot", "invitation"} <= tables for tables in transactions(stolen.database).values())


def test_one_transaction_wrote_all_that_was_released(stolen: Stolen) -> None:
    tables = stolen.played.dump.tables
    released = [row for table in ("anonymous_score", "anonymous_comment", "tally", "turnout") for row in tables[table]]
    assert len({row.get("xmin") for row in released}) == 1


def test_no_invitation_tells_when_in_the_day_it_was_answered(stolen: Stolen) -> None:
    arrived = {one.ref: place for place, one in enumerate(stolen.people)}
    told = {
        f"{state} {name}": np.corrcoef(range(len(order)), [arrived[one.ref] for one in order])[0, 1]
        for state, dump in (("open", stolen.played.urn), ("closed", stolen.played.dump))
        for name, order in stolen.orders_of_invitations(dump).items()
    }
    # Spearman's rank correlation: beyond 6.5 standard errors once in ten thousand million orders.
    assert {name: rho for name, rho in told.items() if abs(rho) > 6.5 / np.sqrt(len(arrived) - 1)} == {}


def test_no_score_stands_beside_a_team_or_segment_that_was_merged(stolen: Stolen) -> None:
    tables, fine, cells = stolen.played.dump.tables, stolen.fine_cells(), stolen.cells()
    merged_away = {fine[one.ref] for one in stolen.people} - set(cells.values())
    assert len(merged_away) == len(TEAMS)
    beside = {
        table: {str(row["cell_id"]) for row in rows} & merged_away
        for table, rows in tables.items()
        if rows and "cell_id" in rows[0] and table != "invitation"
    }
    assert {table for table, named in beside.items() if named} == set()
    assert {"anonymous_score", "anonymous_comment", "tally", "month_tally", "turnout"} <= set(beside)
    assert tables["ballot"] == []


def test_nothing_that_was_deleted_is_left_in_any_byte(stolen: Stolen) -> None:
    played, cells = stolen.played, stolen.cells()
    size = Counter(cells.values())
    few = [one for one in stolen.people if size[cells[one.ref]] < COMMENT_FLOOR]
    assert len(few) == 65
    assert all(played.urn.holds_id(id_) for id_ in played.ballots)
    assert all(played.urn.holds(part) for one in few for part in parts(one.comment))
    assert [id_ for id_ in played.ballots if played.dump.holds_id(id_)] == []
    assert [one.ref for one in few if any(played.dump.holds(part) for part in parts(one.comment))] == []
    for told in (ADDRESS, FORWARDED, AGENT, *(one.token for one in stolen.people)):
        assert played.dump.holds(told.encode()) == []
        assert played.urn.holds(told.encode()) == []


def test_no_instant_at_which_anybody_answered_is_stored(stolen: Stolen) -> None:
    first, last = stolen.played.between
    for table, rows in stolen.played.dump.tables.items():
        assert [instant for instant in instants(rows) if first <= instant <= last] == [], table
    for name, content in stolen.played.dump.files.items():
        assert list(written(content, first, last)) == [], name


def test_the_search_for_instants_finds_those_there_are(stolen: Stolen) -> None:
    tables = stolen.played.dump.tables
    sent = sorted(instants([{"sent_at": row["sent_at"]} for row in tables["invitation"]]))
    assert len(sent) == len(stolen.people)
    found_in = [name for name, content in stolen.played.dump.files.items() if [*written(content, sent[0], sent[-1])]]
    assert found_in != []


def test_the_log_tells_neither_who_nor_when(stolen: Stolen) -> None:
    played = stolen.played
    assert played.logged_meanwhile == ""
    assert len(played.log.splitlines()) < len(stolen.people) / 2
    assert '"event":"mail"' in played.log  # or there would be no log to look at
    for one in stolen.people:
        for told in (one.token, one.token[:20], one.email, one.name, one.ref, one.comment[:30]):
            assert told not in played.log
    for told in (ADDRESS, FORWARDED, AGENT, "answered", "words of"):
        assert told not in played.log


def test_the_metrics_tell_neither_who_nor_when(stolen: Stolen) -> None:
    told = stolen.played.metrics
    first, last = stolen.played.between
    values = [float(line.rpartition(" ")[2]) for line in told.splitlines() if not line.startswith("#")]
    assert len(values) > 20
    assert [value for value in values if first.timestamp() <= value <= last.timestamp()] == []
    assert "_created" not in told
    for one in stolen.people:
        assert not any(text in told for text in (one.token, one.token[:20], one.email, one.name, one.ref))
    assert not any(text in told for text in (ADDRESS, FORWARDED, AGENT, "words of"))
