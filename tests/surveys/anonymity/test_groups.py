"""A wave that keeps groups: once it has closed, nothing says more of an answer than whether it was 0-6, 7-8 or 9-10."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.storage.database import Database
from surveys.fieldwork import waves
from surveys.responses import tallies
from surveys.tables import AnonymousScore, MonthTally, Survey, Tally, Wave, metadata
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, cast, hire, hold_wave, make_enps, make_units, open_wave, team

STAFF = [*team("a", 12), *team("b", 12)]
# The same categories, person by person, and no score in common.
FIRST = (10, 8, 6, 5, 9, 3)
SECOND = (9, 7, 0, 2, 10, 1)
TIED_TO_PEOPLE = (sa.Uuid, sa.LargeBinary, sa.BigInteger)  # numbers of tenants, random ids and hashes


def make_staff(session: Session, key: str, **columns: object) -> Survey:
    number = make_organisation(session, key).id
    make_units(session, number, {"a": None, "b": None})
    hire(session, number, STAFF)
    return make_enps(session, number, **columns)


def hold(session: Session, survey: Survey, kinds: tuple[int, ...], key: str = "w1") -> Wave:
    scores = {person.ref: kinds[n % len(kinds)] for n, person in enumerate(STAFF)}
    return hold_wave(session, survey, key, STAFF, scores, comments={person.ref: person.ref for person in STAFF})


def contents(session: Session, survey: Survey) -> dict[str, list[tuple[Any, ...]]]:
    """What every table holds of an organisation, but for what is random or of the tenant itself."""
    held = {}
    for table in metadata.sorted_tables:
        columns = [c for c in table.c if not isinstance(c.type, TIED_TO_PEOPLE) and table.name != "organisation"]
        if columns and "organisation_id" in table.c:
            own = sa.select(*columns).where(table.c.organisation_id == survey.organisation_id)
            held[table.name] = sorted((anybodys(row) for row in session.execute(own)), key=str)
    return held


def anybodys(row: sa.Row[Any]) -> tuple[Any, ...]:
    """A row without the names of the two tenants: what a wave states of itself has them."""
    return tuple(re.sub("fjord|sund", "", text) if isinstance(text, str) else text for text in row)


@pytest.mark.parametrize(("scores", "alike"), [("groups", True), ("scores", False)])
def test_the_whole_database_is_alike_whatever_was_given_within_the_groups(
    database: Database, *, scores: str, alike: bool
) -> None:
    with database.writing() as session:
        surveys = [make_staff(session, key, scores=scores) for key in ("fjord", "sund")]
        for survey, kinds in zip(surveys, (FIRST, SECOND), strict=True):
            assert hold(session, survey, kinds).counted_on is not None
        first, second = (contents(session, survey) for survey in surveys)
    assert len(first["anonymous_score"]) == len(STAFF)
    assert len(first["anonymous_comment"]) == len(STAFF)
    differing = {name for name in first if first[name] != second[name]}
    # Where scores are kept it differs, so that the comparison is seen to look.
    assert differing == (set() if alike else {"anonymous_score", "tally", "month_tally"})


def test_groups_are_counted_in_columns_of_their_own_and_recounted(database: Database) -> None:
    with database.writing() as session:
        survey = make_staff(session, "fjord", scores="groups")
        hold(session, survey, FIRST)
        number = survey.organisation_id
        for table in (Tally, MonthTally):
            rows = session.exec(select(table).where(col(table.organisation_id) == number)).all()
            assert {getattr(row, name) for row in rows for name in tallies.SCORES} == {0}
            assert [sum(getattr(row, name) for row in rows) for name in tallies.CATEGORIES] == [8, 4, 12]
        assert {answer.score for answer in session.exec(select(AnonymousScore))} == {None}
        assert tallies.check(session, number) == []
        session.execute(sa.update(Tally).values(promoters=0, s10=3))
        assert len(tallies.repair(session, number)) == 2
        assert tallies.check(session, number) == []


@pytest.mark.parametrize(
    ("asked", "chosen", "kept"),
    [(99, None, "groups"), (100, None, "scores"), (99, "scores", "scores"), (100, "groups", "groups")],
)
def test_groups_are_kept_where_fewer_than_a_hundred_are_asked_unless_the_survey_says(
    database: Database, asked: int, chosen: str | None, kept: str
) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        staff = team(None, asked)
        hire(session, number, staff)
        survey = make_enps(session, number, scores=chosen)
        open_wave(session, survey, "w1", staff)
        assert waves.get(session, number, "w1").scores == kept


def test_what_is_kept_is_settled_as_the_wave_opens(database: Database) -> None:
    with database.writing() as session:
        survey = make_staff(session, "fjord", scores="groups")
        invitations = open_wave(session, survey, "w1", STAFF)
        for invitation in invitations.values():
            cast(session, invitation, 4)
        survey.scores = "scores"
        session.flush()
        waves.close(session, survey.organisation_id, "w1", NOW + LASTS, SECRETS)
        kept = session.exec(select(AnonymousScore.score, AnonymousScore.category).distinct()).all()
    assert kept == [(None, "detractor")]


def test_a_row_is_a_score_or_a_category_and_never_both(database: Database) -> None:
    with database.writing() as session:
        hold(session, make_staff(session, "fjord", scores="groups"), FIRST)
    for wrong in ({"score": 9}, {"category": None}, {"category": "fan"}):
        with database.writing() as session, pytest.raises(sa.exc.IntegrityError):
            session.execute(sa.update(AnonymousScore).values(**wrong))
