"""Closing an anonymous wave: what is counted where, what is gone, and when cells keep their boundaries."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.storage.database import Database
from surveys.answering.answers import Unlinked
from surveys.contacts import erasure
from surveys.facts import AlreadyAnswered, WaveClosed
from surveys.fieldwork import waves
from surveys.responses import tallies
from surveys.tables import AnonymousComment, AnonymousScore, Ballot, Cell, Invitation, Survey, Tally, Wave
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, Employee, cast, hire, hold_wave, make_enps, make_units, open_wave, team

TREE = {"dept": None, "a": "dept", "b": "dept", "c": "dept", "d": None}
STAFF = [*team("a", 9), *team("b", 10), *team("c", 12), *team("d", 8)]
WEEK = timedelta(days=8)


@pytest.fixture(name="survey")
def made_survey(database: Database) -> Survey:
    with database.writing() as session:
        number = make_organisation(session).id
        make_units(session, number, TREE)
        return make_enps(session, number)


def held(
    session: Session, survey: Survey, key: str, staff: Sequence[Employee], number: int = 0
) -> dict[str | None, int]:
    """Hold a wave in which everybody answers; how many are counted in each unit."""
    hire(session, survey.organisation_id, staff)
    hold_wave(session, survey, key, staff, {one.ref: n % 11 for n, one in enumerate(staff)}, now=NOW + number * WEEK)
    counted = sum((col(getattr(Tally, name)) for name in tallies.COLUMNS), sa.literal(0))
    rows = session.execute(
        sa.select(col(Cell.unit_key), sa.func.sum(counted))
        .join(Tally, (col(Tally.organisation_id) == col(Cell.organisation_id)) & (col(Tally.cell_id) == col(Cell.id)))
        .where(col(Cell.wave_key) == key)
        .group_by(col(Cell.unit_key))
    )
    return {row[0]: row[1] for row in rows}


def test_the_same_people_are_reported_in_the_same_cells_wave_after_wave(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        sizes = [held(session, survey, f"w{n}", STAFF, n) for n in range(3)]
    assert sizes == [{"a": 9, "b": 10, "c": 12, "d": 8}] * 3


def test_who_moves_between_teams_is_hidden_by_counting_the_two_together(database: Database, survey: Survey) -> None:
    moved = [Employee("a-0", "b") if one.ref == "a-0" else one for one in STAFF]
    with database.writing() as session:
        held(session, survey, "w1", STAFF)
        assert held(session, survey, "w2", moved, 1) == {"dept": 19, "c": 12, "d": 8}


def test_five_who_join_a_team_hide_each_other(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        held(session, survey, "w1", STAFF)
        assert held(session, survey, "w2", [*STAFF, *team("a", 5, 9)], 1) == {"a": 14, "b": 10, "c": 12, "d": 8}


def test_one_who_joins_where_nobody_else_comes_or_goes_leaves_nothing(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        held(session, survey, "w1", STAFF)
        assert held(session, survey, "w2", [*STAFF, *team("a", 1, 9)], 1) == {}
        kept = [len(session.exec(select(table)).all()) for table in (Ballot, AnonymousScore)]
        assert kept == [0, 39]
        # The third is compared with the first: of the second nothing is known.
        assert held(session, survey, "w3", [*STAFF, *team("a", 5, 9)], 2) == {"a": 14, "b": 10, "c": 12, "d": 8}


def test_where_the_total_is_always_released_one_who_joins_leaves_only_the_whole(
    database: Database, survey: Survey
) -> None:
    with database.writing() as session:
        session.get_one(Survey, (survey.organisation_id, survey.key)).always_release_total = True
        held(session, survey, "w1", STAFF)
        assert held(session, survey, "w2", [*STAFF, *team("a", 1, 9)], 1) == {None: 40}


def test_a_unit_that_moves_in_the_tree_keeps_its_cell(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        held(session, survey, "w1", STAFF)
        make_units(session, survey.organisation_id, {"d": "dept", "c": None})
        assert held(session, survey, "w2", STAFF, 1) == {"a": 9, "b": 10, "c": 12, "d": 8}


def test_answers_go_into_the_urn_without_time_or_person(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        hire(session, survey.organisation_id, STAFF)
        invitations = open_wave(session, survey, "w1", STAFF)
        before = invitations["a-0"].model_dump()
        assert isinstance(cast(session, invitations["a-0"], 9, "Fine"), Unlinked)
        assert isinstance(cast(session, invitations["a-0"], 3), AlreadyAnswered)
        assert isinstance(cast(session, invitations["a-1"], 3, now=NOW + LASTS), WaveClosed)
        session.expire_all()
        (ballot,) = session.exec(select(Ballot)).all()
        told = session.get_one(Invitation, (survey.organisation_id, invitations["a-0"].id))
    assert (ballot.score, ballot.comment, ballot.cell_id) == (9, "Fine", told.cell_id)
    assert set(Ballot.model_fields) == {"organisation_id", "cell_id", "id", "score", "comment"}
    assert told.model_dump() == before


def test_closing_leaves_the_urn_empty_and_parts_scores_from_words(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        hire(session, survey.organisation_id, STAFF)
        scores = {one.ref: 7 for one in STAFF}
        wave = hold_wave(session, survey, "w1", STAFF, scores, comments={one.ref: one.ref for one in STAFF})
        assert session.exec(select(Ballot)).all() == []
        kept = session.exec(select(AnonymousScore)).all()
        words = session.exec(select(AnonymousComment)).all()
        assert tallies.check(session, survey.organisation_id) == []
    assert (wave.counted_on, len(kept)) == ((NOW + LASTS).date(), 39)
    assert {comment.comment for comment in words} == {one.ref for one in STAFF if one.unit in ("b", "c")}
    assert {comment.id for comment in words}.isdisjoint(score.id for score in kept)


def test_closing_again_changes_nothing(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        first = held(session, survey, "w1", STAFF)
        again = waves.close(session, survey.organisation_id, "w1", NOW + LASTS + WEEK, SECRETS)
        assert again.closed_at == NOW + LASTS
        assert waves.close_due(session, NOW + LASTS + WEEK, SECRETS) is None
        assert sum(first.values()) == len(session.exec(select(AnonymousScore)).all()) == 39


def test_the_floors_are_those_of_the_opening(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        hire(session, survey.organisation_id, STAFF)
        invitations = open_wave(session, survey, "w1", STAFF)
        session.get_one(Survey, (survey.organisation_id, survey.key)).floor = 12
        session.flush()
        for ref in invitations:
            cast(session, invitations[ref], 5)
        wave = waves.close(session, survey.organisation_id, "w1", NOW + LASTS, SECRETS)
        assert wave.floor == 5
        assert len({score.cell_id for score in session.exec(select(AnonymousScore)).all()}) == 4


def test_who_is_erased_leaves_the_answer_where_it_is(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        hire(session, survey.organisation_id, STAFF)
        invitations = open_wave(session, survey, "w1", STAFF)
        for ref in invitations:
            cast(session, invitations[ref], 5)
        erasure.erase(session, survey.organisation_id, "a-0", NOW, SECRETS, keep_responses=False)
        waves.close(session, survey.organisation_id, "w1", NOW + LASTS, SECRETS)
        assert len(session.exec(select(AnonymousScore)).all()) == 39
        assert session.get_one(Wave, (survey.organisation_id, "w1")).counted_on is not None


def test_cells_are_as_large_as_their_ballots_where_a_backup_lost_some(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        hire(session, survey.organisation_id, STAFF)
        invitations = open_wave(session, survey, "w1", STAFF)
        for ref in invitations:
            cast(session, invitations[ref], 5)
        lost = session.exec(select(Ballot).where(Ballot.cell_id == invitations["a-0"].cell_id)).all()
        for ballot in lost[:6]:
            session.delete(ballot)
        waves.close(session, survey.organisation_id, "w1", NOW + LASTS, SECRETS)
        cells = Counter(score.cell_id for score in session.exec(select(AnonymousScore)).all())
    assert sorted(cells.values()) == [8, 12, 13], "three of team a, too few, with ten of team b"


def test_segments_are_given_up_in_the_order_declared_when_the_wave_opened(database: Database, survey: Survey) -> None:
    staff = [
        *team("a", 3, site="north", years="few"), *team("a", 10, 3, site="north", years="many"),
        *team("a", 10, 13, site="south", years="few"),
    ]  # fmt: skip
    with database.writing() as session:
        session.add(survey)
        survey.segments = ["site", "years"]
        hire(session, survey.organisation_id, staff)
        for invitation in open_wave(session, survey, "w1", staff).values():
            cast(session, invitation, 7)
        survey.segments = ["years", "site"]
        waves.close(session, survey.organisation_id, "w1", NOW + LASTS, SECRETS)
        merged = session.execute(
            sa.select(col(Cell.segments), sa.func.count())
            .join(AnonymousScore, col(AnonymousScore.cell_id) == col(Cell.id))
            .group_by(col(Cell.id), col(Cell.segments))
        )
        found = sorted((n, sorted(segments.items())) for segments, n in merged)
    assert found == [(10, [("site", "south"), ("years", "few")]), (13, [("site", "north")])]
