"""Baselines are frozen once; what is so now is compared with them, never with itself."""

from datetime import date

import pytest
from sqlmodel import Session

from analytics.counts import query
from analytics.reports import baselines
from app.storage.database import Database
from surveys.facts import Malformed, OutsideUnit, Refused, Unknown
from surveys.responses.cells import Slice
from tests.analytics.rows import answered, scored
from tests.factories import NOW, make_organisation, make_survey, make_touchpoint, make_unit

SUPPORT, ADVICE = Slice("nps", touchpoint="support", unit="north"), Slice("nps", touchpoint="advice", unit="south")


def setting(session: Session) -> int:
    organisation = make_organisation(session)
    make_survey(session, organisation.id)
    for key in ("support", "advice"):
        make_touchpoint(session, organisation.id, key)
    for key in ("north", "south"):
        make_unit(session, organisation.id, key)
    first = [(SUPPORT, date(2025, 3, 1), n) for n in scored(20, 40, 40)]
    second = [(SUPPORT, date(2026, 3, 1), n) for n in scored(60, 30, 10)]
    quiet = [(ADVICE, date(year, 5, 1), n) for year in (2025, 2026) for n in scored(50, 30, 20)]
    answered(session, organisation.id, first + second + quiet)
    return organisation.id


def freeze(session: Session, number: int, *given: tuple[str, str], key: str = "year-one") -> None:
    baselines.freeze(session, query.parse(session, number, given), key, None, NOW)


def test_a_baseline_keeps_its_counts_when_answers_come_later(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        freeze(session, number, ("by", "touchpoint"), ("to", "2025-12-31"))
        before = baselines.item(baselines.get(session, number, "year-one"))
        answered(session, number, [(SUPPORT, date(2025, 3, 1), 10)] * 1)
        assert baselines.item(baselines.get(session, number, "year-one")) == before
    assert (before["estimate"]["responses"], before["estimate"]["nps"]) == (200, 5)
    assert [(g["group"]["touchpoint"], g["nps"]) for g in before["groups"]] == [("advice", 30), ("support", -20)]


def test_the_same_query_is_the_same_baseline_and_another_is_refused(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        asked = query.parse(session, number, [("touchpoint", "support,advice"), ("to", "2025-12-31")])
        again = query.parse(session, number, [("to", "2025-12-31"), ("touchpoint", "advice,support")])
        other = query.parse(session, number, [("to", "2025-12-30")])
        stored, made = baselines.freeze(session, asked, "year-one", "before the move", NOW)
        assert made
        assert baselines.freeze(session, again, "year-one", None, NOW) == (stored, False)
        with pytest.raises(Refused):
            baselines.freeze(session, other, "year-one", None, NOW)
        with pytest.raises(Refused):
            baselines.freeze(session, asked, "year-one", "another note", NOW)


def test_nothing_cannot_be_frozen(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        with pytest.raises(Refused):
            freeze(session, number, ("to", "1999-12-31"))
        with pytest.raises(Unknown):
            baselines.get(session, number, "year-one")


def test_the_change_is_that_of_the_days_after_the_baseline(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        freeze(session, number, ("by", "touchpoint"), ("to", "2025-12-31"))
        found = baselines.change(session, number, "year-one", [])
    assert found.current.from_on == date(2026, 1, 1)
    advice, support = found.items
    assert (support["baseline"]["nps"], support["current"]["nps"], support["change"]) == (-20, 50, 70)
    assert support["verdict"] == "up"
    assert (advice["change"], advice["verdict"], advice["p_value"]) == (0, "no clear change", 1)
    # Two are compared, so the smaller p-value is doubled.
    assert support["q_value"] == pytest.approx(2 * support["p_value"], abs=1e-6)


def test_months_that_stray_make_a_change_less_sure(database: Database) -> None:
    """A year of months that lie 30 points apart, then one that is 45 above them: not so sure with twelve to one."""
    with database.writing() as session:
        number = setting(session)
        year = [
            (SUPPORT, date(2024, month, 1), score)
            for month in range(1, 13)
            for score in (scored(45, 30, 25) if month % 2 else scored(30, 30, 40))
        ]
        answered(session, number, year)
        freeze(session, number, ("touchpoint", "support"), ("to", "2024-12-31"), key="straying")
        freeze(session, number, ("touchpoint", "advice"), ("to", "2025-12-31"), key="one-month")
        (item,) = baselines.change(session, number, "straying", [("from", "2026-01-01")]).items
        (alone,) = baselines.change(session, number, "one-month", []).items
    assert (item["straying"] > 10, item["straying_assumed"]) == (True, False)
    assert item["change"] == pytest.approx(45)
    assert item["p_value"] > 0.001
    assert (alone["straying"] < 7, alone["straying_assumed"]) == (True, True)


def test_days_that_overlap_the_baseline_are_refused(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        freeze(session, number, ("from", "2025-01-01"), ("to", "2025-12-31"))
        freeze(session, number, key="open")
        for key, given in (
            ("year-one", [("from", "2025-12-31")]),
            ("year-one", [("from", "2024-12-01"), ("to", "2025-01-01")]),
            ("open", [("from", "2026-04-14")]),
        ):
            with pytest.raises(Refused, match="overlap"):
                baselines.change(session, number, key, given)
        earlier = baselines.change(session, number, "year-one", [("to", "2024-12-31")])
        assert earlier.items[0]["verdict"] == "too few"
        assert baselines.change(session, number, "open", []).current.from_on == date(2026, 4, 15)


def test_the_filters_of_a_baseline_cannot_be_exchanged(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        freeze(session, number, ("touchpoint", "support"), ("to", "2025-12-31"))
        with pytest.raises(Malformed) as refused:
            baselines.change(session, number, "year-one", [("touchpoint", "advice")])
    assert refused.value.field == "touchpoint"


def test_a_manager_sees_baselines_of_the_own_unit_only(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        freeze(session, number, ("to", "2025-12-31"), key="all")
        freeze(session, number, ("to", "2025-12-31"), ("unit", "north"), key="north")
        freeze(session, number, ("to", "2025-12-31"), ("unit", "south,north"), key="two")
        shown = baselines.listed(session, number, after=None, limit=10, within="north")
        assert [b.key for b in shown] == ["north"]
        assert baselines.change(session, number, "north", [], "north").items[0]["change"] == 70
        for key in ("all", "two"):
            with pytest.raises(OutsideUnit):
                baselines.get(session, number, key, "north")
