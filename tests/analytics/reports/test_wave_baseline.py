"""Waves against a baseline: the waves after those frozen, and no verdict where other people are counted together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts import query
from analytics.reports import baselines, wave_baseline
from analytics.reports.metrics import Item
from analytics.reports.wave_baseline import Waves
from app.storage.database import Database
from surveys.facts import Refused
from surveys.fieldwork import waves
from surveys.responses.cells import Slice
from surveys.tables import Wave
from tests.analytics.rows import answered
from tests.factories import NOW, make_organisation, make_survey
from tests.surveys.results import QUARTER, crew, make_results, scores
from tests.surveys.staff import hire, hold_wave, make_enps, team

LATER = NOW + 4 * QUARTER


def frozen(session: Session, number: int, *pairs: tuple[str, str]) -> Waves:
    """The change against a baseline that is frozen after every wave has closed."""
    stored, _ = baselines.freeze(session, query.parse(session, number, pairs), "start", None, LATER)
    return wave_baseline.change(session, stored, None)


def named(found: Sequence[Wave]) -> list[str]:
    return [wave.key for wave in found]


def of(found: Waves, name: str) -> dict[str | None, Item]:
    return {item["group"][name]: item for item in found.items}


def test_a_baseline_of_a_wave_is_compared_with_the_waves_after_it_though_it_was_frozen_later(
    database: Database,
) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=2)
        hold_wave(session, survey, "w3", crew(), dict.fromkeys((one.ref for one in crew()), 10), now=NOW + 2 * QUARTER)
        found = frozen(session, number, ("survey", "enps"), ("wave", "w1"))
        (item,) = found.items
        assert (named(found.then), named(found.now)) == (["w1"], ["w2", "w3"])
        assert (item["baseline"]["responses"], item["current"]["responses"]) == (52, 104)
        # 28 - 8 of 52, and then 20 + 52 of 104.
        assert (item["baseline"]["nps"], item["current"]["nps"]) == (38.46, 69.23)
        with pytest.raises(Refused, match="overlap"):
            baselines.change(session, number, "start", [("from", str(date(2026, 4, 21)))])


def test_the_waves_that_a_baseline_names_are_looked_up_once(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        asked = query.parse(session, number, [("survey", "enps"), ("wave", "w1")])
        baselines.freeze(session, asked, "start", None, LATER)
        statements: list[str] = []
        with statements_of(session, statements):
            baselines.change(session, number, "start", [])
    assert len([text for text in statements if "FROM wave" in text and "counted_on IS NOT NULL" in text]) == 1


@contextmanager
def statements_of(session: Session, statements: list[str]) -> Iterator[None]:
    """Keep what a session says to its database meanwhile, on one line each."""

    def keep(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(" ".join(statement.split()))

    connection = session.connection()
    sa.event.listen(connection, "before_cursor_execute", keep)
    yield
    sa.event.remove(connection, "before_cursor_execute", keep)


def test_a_baseline_that_names_a_wave_and_no_survey_stays_with_the_survey_of_that_wave(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        pulse, staff = make_enps(session, number, key="pulse"), team(None, 9)
        hire(session, number, staff)
        hold_wave(session, pulse, "p1", staff, {one.ref: 0 for one in staff}, now=NOW + QUARTER)
        found = frozen(session, number, ("wave", "w1"))
        assert (named(found.then), named(found.now)) == (["w1"], ["w2"])
        assert found.items[0]["current"]["responses"] == 52


def test_a_baseline_of_days_has_the_waves_that_count_on_them(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=3)
        found = frozen(session, number, ("survey", "enps"), ("to", "2026-08-31"))
        assert (named(found.then), named(found.now)) == (["w1", "w2"], ["w3"])


def test_a_baseline_of_a_confidential_wave_is_asked_of_the_same_wave_again(database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number)
        waves.create(session, number, "nps", "spring", opens_at=NOW, closes_at=NOW + QUARTER, now=NOW)
        answered(session, number, [(Slice("nps", "spring"), date(2026, 4, day), 9) for day in (15, 16, 20)])
        asked = query.parse(session, number, [("wave", "spring"), ("to", "2026-04-16")])
        baselines.freeze(session, asked, "start", None, LATER)
        found = baselines.change(session, number, "start", [])
    assert (found.current.waves, found.current.from_on) == (("spring",), date(2026, 4, 17))
    assert found.items[0]["current"]["responses"] == 1


def test_the_same_people_counted_together_again_are_compared_under_all_their_names(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        units = of(frozen(session, number, ("survey", "enps"), ("wave", "w1"), ("by", "unit")), "unit")
    assert {unit: (item["alike"], item["parts"], item["without"]) for unit, item in units.items()} == {
        "desk": (True, ["desk"], []), "engine": (True, ["engine"], []), "ships": (True, ["bridge", "deck"], []),
    }  # fmt: skip


def test_others_counted_together_under_the_same_name_are_not_compared(database: Database) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=1)
        # Other people: of the ships three on the bridge, and too few at the engine to be told apart from them.
        staff = [*team("bridge", 3, 100), *team("engine", 17, 100), *team("desk", 12, 100)]
        hire(session, number, staff)
        hold_wave(session, survey, "w2", staff, scores(staff), now=NOW + QUARTER)
        units = of(frozen(session, number, ("survey", "enps"), ("wave", "w1"), ("by", "unit")), "unit")
    ships = units["ships"]
    assert (ships["baseline"]["responses"], ships["current"]["responses"]) == (20, 20)
    assert ships["verdict"] == "no clear change"
    assert {unit: item["alike"] for unit, item in units.items()} == {"desk": True, "engine": False, "ships": False}


def test_a_segment_some_of_whose_people_were_counted_elsewhere_is_not_compared(database: Database) -> None:
    with database.writing() as session:
        number, survey = make_results(session, waves=0)
        for n, few in enumerate((9, 3)):
            staff = [*team("deck", 20, 100 * n, watch="day"), *team("engine", few, 100 * n, watch="day")]
            staff += team("engine", 20, 100 * n + 50, watch="night")
            hire(session, number, staff)
            hold_wave(session, survey, f"w{n + 1}", staff, scores(staff), now=NOW + n * QUARTER)
        found = frozen(session, number, ("survey", "enps"), ("wave", "w1"), ("by", "segment.watch"))
    day = of(found, "segment.watch")["day"]
    assert (day["baseline"]["responses"], day["current"]["responses"]) == (29, 20)
    assert (day["alike"], day["without"]) == (False, ["engine"])
