"""A key names one row, however many put it at the same moment."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from analytics.counts import query
from analytics.reports import baselines
from app.storage.database import Database
from culture import initiatives
from culture.tables import Initiative
from surveys.answering import batches
from surveys.facts import Malformed, Refused
from surveys.fieldwork import waves
from surveys.organisation import touchpoints, units
from surveys.questionnaire import definitions
from surveys.tables import Baseline, Question, Survey, Touchpoint, Unit, Wave
from tests.factories import NOW, SCORE, make_organisation, make_survey, make_unit

AT_ONCE = 6
KEY = "harbour"
Put = Callable[[Session, int], bool]


def put_unit(session: Session, number: int) -> bool:
    return units.put(session, 1, KEY, name=f"Harbour {number}", parent=None)[1]


def put_touchpoint(session: Session, number: int) -> bool:
    columns = {"name": f"Harbour {number}", "audience": "customers", "promise": "", "unit_key": None}
    return touchpoints.put(session, 1, KEY, **columns)[1]


def put_survey(session: Session, number: int) -> bool:
    columns = {
        "template": "nps", "name": f"Harbour {number}", "audience": "customers", "mode": "confidential",
        "segments": [], "rest_days": 0, "edit_hours": 48, "expires_days": 30,
    }  # fmt: skip
    return definitions.put(session, 1, KEY, columns=columns, questions=[SCORE], now=NOW)[1]


def put_initiative(session: Session, number: int) -> bool:
    columns: dict[str, Any] = {
        "kind": "inform",
        "scope": {},
        "comparison": None,
        "starts_on": date(2026, 1, 1),
        "ends_on": None,
    }
    return initiatives.put(session, 1, KEY, name=f"Harbour {number}", **columns)[1]


def create_wave(session: Session, _: int) -> bool:
    try:
        waves.create(session, 1, "nps", KEY, opens_at=NOW, closes_at=NOW + timedelta(days=7), now=NOW)
    except Refused:
        return False
    return True


def freeze_baseline(session: Session, _: int) -> bool:
    return baselines.freeze(session, query.parse(session, 1, [("to", "2026-12-31")]), KEY, None, NOW)[1]


@pytest.mark.parametrize(
    ("put", "table"),
    [
        (put_unit, Unit), (put_touchpoint, Touchpoint), (put_survey, Survey), (put_initiative, Initiative),
        (create_wave, Wave), (freeze_baseline, Baseline),
    ],
)  # fmt: skip
def test_of_several_who_put_the_same_key_at_once_one_makes_it(database: Database, put: Put, table: type[Unit]) -> None:
    with database.writing() as session:
        make_survey(session, make_organisation(session).id)
        batches.take(session, 1, "nps", [batches.Item(1, 9)], NOW)
    assert at_once(database, [put] * AT_ONCE) == [False] * (AT_ONCE - 1) + [True]
    with database.reading() as session:
        assert session.exec(select(sa.func.count()).select_from(table).where(col(table.key) == KEY)).one() == 1
        questions = session.exec(select(Question).where(Question.survey_key == KEY)).all()
        assert len(questions) == (1 if put is put_survey else 0)


def test_two_units_put_below_each_other_at_once_do_not_make_a_loop(database: Database) -> None:
    with database.writing() as session:
        make_organisation(session)
        for key in ("north", "south"):
            make_unit(session, 1, key)

    def below(unit: str, parent: str) -> Put:
        def put(session: Session, _: int) -> bool:
            try:
                units.put(session, 1, unit, name=unit, parent=parent)
            except Malformed:
                return False
            return True

        return put

    assert at_once(database, [below("north", "south"), below("south", "north")]) == [False, True]


def at_once(database: Database, puts: list[Put]) -> list[bool]:
    """What each gives, in a thread and a transaction of its own; each has seen the database before any writes."""
    together = Barrier(len(puts))
    outcomes: list[bool] = []

    def run(put: Put, number: int) -> None:
        if database.dialect == "sqlite":  # which has one writer at a time
            together.wait(10)
        with database.writing() as session:
            if database.dialect == "postgresql":
                session.execute(sa.select(sa.literal(1)))
                together.wait(10)
            outcomes.append(put(session, number))

    threads = [Thread(target=run, args=(put, n)) for n, put in enumerate(puts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)
