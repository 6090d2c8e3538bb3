"""Reports equal a straight recount of the responses, by any grouping, span and period, on both databases."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from analytics.counts import frame, periods, query
from analytics.counts.query import PERIODS, Query
from analytics.reports import scores, trend
from app.storage.database import Database
from surveys.facts import Malformed, Refused
from surveys.responses import responses, tallies
from surveys.responses.cells import Slice
from surveys.responses.tallies import Change
from surveys.tables import MonthTally, Response, Tally
from tests.analytics.rows import answered, scored
from tests.factories import make_organisation, make_survey, make_touchpoint, make_unit

UNITS = {"north": None, "oslo": "north", "bergen": "north", "south": None}
BELOW = {"north": {"north", "oslo", "bergen"}, "oslo": {"oslo"}, "bergen": {"bergen"}, "south": {"south"}}
SPRING = date(2024, 3, 30)


def setting(session: Session) -> int:
    organisation = make_organisation(session)
    make_survey(session, organisation.id, segments=["tier", "país 'x'"])
    make_survey(session, organisation.id, "other")
    for key in ("support", "advice"):
        make_touchpoint(session, organisation.id, key)
    for key, parent in UNITS.items():
        make_unit(session, organisation.id, key, parent)
    return organisation.id


def in_order(span: tuple[date | None, date | None]) -> bool:
    """Whether it does not end before it begins."""
    first, last = span
    return first is None or last is None or first <= last


SLICES = st.builds(
    Slice,
    st.sampled_from(["nps", "other"]),
    st.none(),
    st.sampled_from([None, "support", "advice"]),
    st.sampled_from([None, *UNITS]),
    st.sampled_from(["email", "link"]),
    st.sampled_from([None, "da", "en"]),
    st.sampled_from([(), (("tier", "gold"),), (("tier", "silver"), ("país 'x'", "Perú"))]),
)
DAYS = st.integers(-70, 70).map(lambda n: SPRING + timedelta(n))
GIVEN = st.lists(st.tuples(SLICES, DAYS, st.integers(0, 10)), max_size=40)
BY = st.lists(
    st.sampled_from(["touchpoint", "unit", "channel", "locale", "segment.tier", "segment.país 'x'"]),
    max_size=2,
    unique=True,
)
SPANS = st.tuples(st.none() | DAYS, st.none() | DAYS).filter(in_order)
QUERIES = st.builds(
    lambda by, span, filters: [("by", name) for name in by]
    + [(name, day.isoformat()) for name, day in zip(("from", "to"), span, strict=True) if day]
    + filters,
    BY,
    SPANS,
    st.lists(
        st.sampled_from([
            ("survey", "nps"), ("touchpoint", "support"), ("unit", "north"), ("unit", "south"), ("channel", "email"),
            ("locale", "da"), ("segment.tier", "gold"), ("segment.tier", "silver"),
        ]),
        max_size=2,
        unique=True,
    ),
)  # fmt: skip


def value(s: Slice, name: str) -> str | None:
    return dict(s.segments).get(name.removeprefix("segment.")) if "." in name else getattr(s, name)


def matches(asked: Query, s: Slice, day: date) -> bool:
    wanted = {
        "survey": asked.surveys, "touchpoint": asked.touchpoints, "channel": asked.channels, "locale": asked.locales,
        "unit": set().union(*(BELOW[u] for u in asked.units)),
    } | {f"segment.{name}": values for name, values in asked.segments}  # fmt: skip
    return all(value(s, name) in values for name, values in wanted.items() if values) and (
        asked.from_on or day
    ) <= day <= (asked.to_on or day)


def recount(asked: Query, rows: list[tuple[Slice, date, int]], *more: Any) -> dict[Any, list[int]]:
    """Eleven counts per group and what `more` makes of a day, straight from the answers."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0] * 11)
    for s, day, score in rows:
        if matches(asked, s, day):
            found[(*(value(s, name) for name in asked.by), *(f(day) for f in more))][score] += 1
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=GIVEN, asked=st.lists(QUERIES, min_size=1, max_size=4), period=st.sampled_from(PERIODS))
def test_reports_equal_a_recount(database: Database, rows: Any, asked: Any, period: str) -> None:
    with Session(database.writer) as session:
        number = setting(session)
        answered(session, number, rows)
        for parameters in asked:
            parsed = query.parse(session, number, parameters)
            expected = recount(parsed, rows) or ({} if parsed.by else {(): [0] * 11})
            items, total = scores.scores(session, parsed)
            assert {tuple(i["group"].values()): i["responses"] for i in items} == {
                group: sum(n) for group, n in expected.items()
            }
            assert total["responses"] == sum(sum(n) for n in expected.values())
            shown = scores.distribution(session, parsed)
            assert {tuple(i["group"].values()): list(i["counts"].values()) for i in shown} == expected

            by_time = trend.trend(session, replace(parsed, period=period)).items
            by_period = recount(parsed, rows, lambda day: periods.label(periods.start_of(day, period), period))
            seen = {(*i["group"].values(), i["period"]): (i["promoters"], i["detractors"]) for i in by_time}
            assert {key: n for key, n in seen.items() if key in by_period} == {
                key: (sum(n[9:]), sum(n[:7])) for key, n in by_period.items()
            }
            assert sum(i["responses"] for i in by_time) == total["responses"]
        session.rollback()


def test_empty_periods_are_present_between_the_first_and_the_last(database: Database) -> None:
    s = Slice("nps")
    with database.writing() as session:
        number = setting(session)
        answered(session, number, [(s, date(2018, 1, 31), 9), (s, date(2018, 4, 1), 3)])
        items = trend.trend(session, query.parse(session, number, [("period", "month")], own={"period"})).items
    assert [(i["period"], i["responses"], i["nps"]) for i in items] == [
        ("2018-01", 1, 100), ("2018-02", 0, None), ("2018-03", 0, None), ("2018-04", 1, -100)
    ]  # fmt: skip
    assert (items[1]["starts_on"], items[1]["ends_on"]) == ("2018-02-01", "2018-02-28")


def test_a_span_fills_the_trend_and_cuts_its_edges(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        answered(session, number, [(Slice("nps"), date(2018, 2, 9), 9), (Slice("nps"), date(2018, 2, 10), 9)])
        given = [("from", "2018-02-10"), ("to", "2018-05-02"), ("period", "quarter")]
        items = trend.trend(session, query.parse(session, number, given, own={"period"})).items
    assert [(i["period"], i["starts_on"], i["ends_on"], i["responses"]) for i in items] == [
        ("2018-Q1", "2018-02-10", "2018-03-31", 1), ("2018-Q2", "2018-04-01", "2018-05-02", 0)
    ]  # fmt: skip


def test_a_trend_of_too_many_rows_is_refused(database: Database) -> None:
    with database.writing() as session:
        number = setting(session)
        asked = query.parse(
            session, number, [("period", "day"), ("from", "1900-01-01"), ("to", "2999-12-31")], own={"period"}
        )
        with pytest.raises(Malformed):
            trend.trend(session, asked)


def test_erased_answers_leave_no_group_and_no_period(database: Database) -> None:
    s = Slice("nps", touchpoint="support")
    with database.writing() as session:
        number = setting(session)
        answered(session, number, [(s, date(2018, 1, 5), 9), (replace(s, touchpoint="advice"), date(2018, 3, 5), 9)])
        responses.delete(session, [r for r in session.exec(select(Response)) if r.cell_id == s.id])
        items, _ = scores.scores(session, query.parse(session, number, [("by", "touchpoint")]))
        by_time = trend.trend(session, query.parse(session, number, [("period", "month")], own={"period"})).items
    assert [i["group"]["touchpoint"] for i in items] == ["advice"]
    assert [i["period"] for i in by_time] == ["2018-03"]


def test_a_tally_below_zero_is_shown_as_none(database: Database) -> None:
    """Such a tally is a fault that the check of tallies reports; a report never gives a negative count."""
    s = Slice("nps")
    with database.writing() as session:
        number = setting(session)
        answered(session, number, [(s, date(2018, 1, 5), 9)])
        tallies.apply(session, [Change(number, s.id, date(2018, 1, 6), 3, -1)])
        ((item,), total) = scores.scores(session, query.parse(session, number, []))
    assert (item["responses"], item["detractors"], item["nps"]) == (1, 0, 100)
    assert total["nps"] == 100


def test_response_rates_follow_those_invited_on_the_days_asked_about(database: Database) -> None:
    s = Slice("nps", touchpoint="support")
    with database.writing() as session:
        number = setting(session)
        answered(session, number, [(s, date(2018, 2, 1), 9)])
        tallies.count_turnout(
            session, [(number, s.id, date(2018, 1, 31), 4, 1, 0), (number, s.id, date(2018, 3, 1), 8, 0, 0)]
        )
        for given, expected in (
            ([], (12, 8.33)),
            ([("to", "2018-01-31")], (4, 25.0)),
            ([("from", "2018-02-01"), ("to", "2018-02-28")], (0, None)),
            ([("from", "2018-01-31"), ("to", "2018-03-01")], (12, 8.33)),
        ):
            _, total = scores.scores(session, query.parse(session, number, given))
            assert (total["invited"], total["response_rate_percent"]) == expected
        items, _ = scores.scores(session, query.parse(session, number, [("from", "2018-03-01"), ("by", "touchpoint")]))
    assert [(i["group"], i["responses"], i["invited"]) for i in items] == [({"touchpoint": "support"}, 0, 8)]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ([], [(MonthTally, None, None)]),
        ([("period", "year")], [(MonthTally, None, None)]),
        ([("period", "week")], [(Tally, None, None)]),
        ([("from", "2018-01-01"), ("to", "2018-03-31")], [(MonthTally, "2018-01-01", "2018-03-31")]),
        ([("from", "2018-01-02"), ("to", "2018-01-31")], [(Tally, "2018-01-02", "2018-01-31")]),
        ([("from", "2018-01-31"), ("to", "2018-02-01")], [(Tally, "2018-01-31", "2018-02-01")]),
        (
            [("from", "2018-01-31"), ("to", "2018-03-01")],
            [
                (MonthTally, "2018-02-01", "2018-02-28"),
                (Tally, "2018-01-31", "2018-01-31"),
                (Tally, "2018-03-01", "2018-03-01"),
            ],
        ),
    ],
)
def test_whole_months_are_read_from_the_months_and_only_edges_by_day(database: Database, given: Any, read: Any) -> None:
    with database.writing() as session:
        asked = query.parse(session, setting(session), given, own={"period"})
    found = [
        (table, *(day and day.isoformat() for day in days)) for table, *days in frame.parts(asked, Tally, MonthTally)
    ]
    assert found == read


def test_slices_that_share_answers_are_not_compared(database: Database) -> None:
    support, advice = Slice("nps", touchpoint="support"), Slice("nps", touchpoint="advice")
    with database.writing() as session:
        number = setting(session)
        rows = [(support, date(2018, 1, 5), n) for n in scored(20, 40, 40)]
        answered(session, number, rows + [(advice, date(2018, 1, 5), n) for n in scored(60, 30, 10)])

        def asked(*given: tuple[str, str]) -> Query:
            return query.parse(session, number, given)

        (item,) = scores.comparison(session, asked(("touchpoint", "support")), asked(("touchpoint", "advice")))
        assert (item["baseline"]["nps"], item["current"]["nps"], item["change"], item["verdict"]) == (-20, 50, 70, "up")
        with pytest.raises(Refused):
            scores.comparison(session, asked(), asked(("touchpoint", "advice")))
        scores.comparison(session, asked(("to", "2018-01-05")), asked(("from", "2018-01-06")))


def test_customers_and_staff_are_never_added_up(database: Database) -> None:
    with database.writing() as session:
        organisation_id = setting(session)
        make_survey(session, organisation_id, "work", audience="staff")
        entries = [(Slice("nps"), SPRING, 9), (Slice("work"), SPRING, 2)]
        answered(session, organisation_id, entries)
    with database.reading() as session:
        with pytest.raises(Malformed, match="'nps' asks customers and 'work' asks staff") as refused:
            scores.scores(session, Query(organisation_id))
        assert refused.value.field == "survey"
        assert scores.scores(session, Query(organisation_id, surveys=("work",)))[1]["nps"] == -100
