"""Queries are parsed strictly: what is wrong is named, and nothing is guessed."""

from datetime import date

import pytest
from sqlmodel import Session

from analytics.counts import query
from app.storage.database import Database
from surveys.facts import Malformed, OutsideUnit
from tests.factories import make_organisation, make_survey, make_touchpoint, make_unit


def setting(session: Session) -> int:
    organisation = make_organisation(session)
    make_survey(session, organisation.id, segments=["tier"])
    make_survey(session, organisation.id, "plain")
    make_touchpoint(session, organisation.id, "support")
    make_touchpoint(session, organisation.id, "advice")
    for key, parent in (("north", None), ("oslo", "north"), ("south", None)):
        make_unit(session, organisation.id, key, parent)
    return organisation.id


def test_values_may_be_repeated_or_separated_by_commas(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        one = query.parse(session, number, [("touchpoint", "support, advice")])
        other = query.parse(session, number, [("touchpoint", "advice"), ("touchpoint", "support")])
        assert one == other
        assert one.touchpoints == ("advice", "support")


def test_a_query_survives_the_trip_through_its_parameters(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        given = [
            ("survey", "nps"), ("unit", "north"), ("segment.tier", "gold, or silver"), ("by", "channel,segment.tier"),
            ("from", "2026-01-01"), ("to", "2026-03-31"), ("confidence", "0.9"), ("locale", "da"),
        ]  # fmt: skip
        asked = query.parse(session, number, given)
        assert asked.segments == (("tier", ("gold, or silver",)),)
        assert (asked.from_on, asked.to_on) == (date(2026, 1, 1), date(2026, 3, 31))
        assert query.parse(session, number, query.pairs(asked.as_parameters())) == asked


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([("surveys", "nps")], "surveys"),
        ([("period", "month")], "period"),
        ([("segment.", "x")], "segment."),
        ([("survey", "nobody")], "survey"),
        ([("touchpoint", "support,nobody")], "touchpoint"),
        ([("unit", "nobody")], "unit"),
        ([("wave", "nobody")], "wave"),
        ([("touchpoint", "")], "touchpoint"),
        ([("touchpoint", "support,")], "touchpoint"),
        ([("channel", "e\0mail")], "channel"),
        ([("segment.colour", "red")], "segment.colour"),
        ([("survey", "plain"), ("segment.tier", "gold")], "segment.tier"),
        ([("by", "segment.colour")], "segment.colour"),
        ([("by", "score")], "by"),
        ([("by", "unit,channel,wave")], "by"),
        ([("by", "unit,unit")], "by"),
        ([("from", "2026-02-30")], "from"),
        ([("from", "20260201")], "from"),
        ([("to", "9999-12-31")], "to"),
        ([("from", "2026-02-01"), ("from", "2026-03-01")], "from"),
        ([("from", "2026-02-01"), ("to", "2026-01-31")], "from"),
        ([("confidence", "0.5")], "confidence"),
        ([("confidence", "nan")], "confidence"),
        ([("confidence", "high")], "confidence"),
    ],
)
def test_what_is_wrong_is_named(database: Database, given: list[tuple[str, str]], field: str) -> None:
    with database.writing() as session, pytest.raises(Malformed) as refused:
        query.parse(session, setting(session), given)
    assert refused.value.field == field


def test_a_manager_sees_the_own_unit_and_what_is_below(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        assert query.parse(session, number, [], within="north").units == ("north",)
        assert query.parse(session, number, [("unit", "oslo")], within="north").units == ("oslo",)
        for outside in ("south", "oslo,south"):
            with pytest.raises(OutsideUnit):
                query.parse(session, number, [("unit", outside)], within="north")
        with pytest.raises(OutsideUnit):
            query.parse(session, number, [("unit", "north")], within="oslo")


def test_keys_of_another_organisation_are_unknown(database: Database) -> None:
    with database.writing() as session:
        setting(session)
        other = make_organisation(session, "other")
        with pytest.raises(Malformed):
            query.parse(session, other.id, [("touchpoint", "support")])
