"""Trends of stored answers: levels, signals, slopes, rolling sums and last year, on both databases."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from analytics.counts import query
from analytics.reports import trend
from analytics.reports.trend import Trend
from app.storage.database import Database
from surveys.facts import Malformed
from surveys.organisation.organisations import day_of
from surveys.responses.cells import Slice
from tests.analytics.rows import answered, scored
from tests.factories import make_organisation, make_survey, make_touchpoint

SUPPORT = Slice("nps", touchpoint="support")
# Two years of months with 8 to 20 answers from one unchanging shape; the NPS swings between 25 and 2 and beyond.
NOISE = [
    (7, 6, 3), (5, 4, 3), (4, 6, 3), (6, 5, 5), (3, 3, 2), (8, 6, 4), (5, 5, 4), (6, 3, 4), (4, 5, 3), (7, 8, 5),
    (5, 3, 2), (6, 7, 6), (9, 6, 5), (3, 4, 2), (6, 6, 3), (5, 4, 4), (7, 5, 4), (4, 6, 4), (8, 7, 5), (5, 6, 4),
    (6, 4, 3), (4, 4, 3), (7, 6, 5), (6, 5, 4),
]  # fmt: skip


def stored(session: Session, months: Iterable[tuple[int, int, int]], s: Slice = SUPPORT, year: int = 2024) -> int:
    """An organisation with these promoters, passives and detractors in the months from January on."""
    organisation = make_organisation(session)
    make_survey(session, organisation.id)
    make_touchpoint(session, organisation.id, "support")
    add(session, organisation.id, months, s, year)
    return organisation.id


def add(session: Session, number: int, months: Iterable[tuple[int, int, int]], s: Slice, year: int = 2024) -> None:
    rows = [
        (s, date(year + month // 12, month % 12 + 1, 15), score)
        for month, three in enumerate(months)
        for score in scored(*three)
    ]
    answered(session, number, rows)


def asked(session: Session, number: int, *given: tuple[str, str]) -> Trend:
    return trend.trend(session, query.parse(session, number, given, own={"period", "window"}))


def test_pure_noise_gives_no_signal_no_shift_and_no_clear_change(database: Database) -> None:
    with database.writing() as session:
        found = asked(session, stored(session, NOISE))
    assert len({item["nps"] for item in found.items}) > 10
    assert {item["signal"] for item in found.items} == {None}
    (said,) = found.summary
    assert (said["shifts"], said["verdict"]) == ([], "no clear change")
    assert (said["last_year"]["against"], said["last_year"]["period"]) == ("2024-12", "2025-12")
    assert said["last_year"]["verdict"] == "no clear change"
    levels = [item["level"] for item in found.items]
    assert max(levels) - min(levels) < 10
    assert all(item["level_low"] < 12 < item["level_high"] for item in found.items)


def test_a_lasting_change_is_a_shift(database: Database) -> None:
    months = [(60, 30, 10)] * 6 + [(40, 30, 30)] * 6
    with database.writing() as session:
        found = asked(session, stored(session, months))
    assert [item["period"] for item in found.items if item["signal"] == "shift"] == ["2024-07"]
    (said,) = found.summary
    assert said["shifts"] == [{"period": "2024-07", "before": 50, "since": 10}]
    assert [item["level"] > 30 for item in found.items] == [True] * 6 + [False] * 6


def test_a_steady_climb_has_a_slope(database: Database) -> None:
    with database.writing() as session:
        (said,) = asked(session, stored(session, [(40 + 2 * m, 30, 30 - 2 * m) for m in range(12)])).summary
    assert said["slope"] == 4
    assert said["slope_low"] < 4 < said["slope_high"]
    assert (said["verdict"], said["last_year"]) == ("up", None)


def test_slopes_are_corrected_for_every_group(database: Database) -> None:
    with database.writing() as session:
        number = stored(session, [(40 + m, 30, 30 - m) for m in range(8)])
        make_touchpoint(session, number, "advice")
        add(session, number, [(40, 30, 30)] * 8, Slice("nps", touchpoint="advice"))
        advice, support = asked(session, number, ("by", "touchpoint")).summary
    assert (advice["group"], support["group"]) == ({"touchpoint": "advice"}, {"touchpoint": "support"})
    assert support["q_value"] == pytest.approx(2 * support["p_value"], abs=2e-6)
    assert advice["verdict"] == "no clear change"


def test_a_window_adds_counts_up_and_never_averages_scores(database: Database) -> None:
    """1 of 1, then 0 of 99 promoters: their scores would average 0; of the hundred, 1 promotes and 99 detract."""
    with database.writing() as session:
        number = stored(session, [(1, 0, 0), (0, 0, 99), (0, 0, 0), (10, 0, 0)])
        plain, summed = asked(session, number), asked(session, number, ("window", "2"))
    assert [item["responses"] for item in plain.items] == [1, 99, 0, 10]
    assert [item["responses"] for item in summed.items] == [1, 100, 99, 10]
    assert [item["nps"] for item in summed.items] == [100, -98, -100, 100]
    for name in ("period", "starts_on", "ends_on", "level", "signal"):
        assert [item[name] for item in summed.items] == [item[name] for item in plain.items]


@pytest.mark.parametrize("window", ["0", "-1", "2.5", "367", "x", "", "²", "9" * 30])
def test_a_window_is_a_small_whole_number(database: Database, window: str) -> None:
    with database.writing() as session:
        number = stored(session, [])
        with pytest.raises(Malformed) as refused:
            asked(session, number, ("window", window))
    assert refused.value.field == "window"


def test_last_year_is_offered_from_thirteen_months_on(database: Database) -> None:
    """60/30/10 against 40/30/30 is -40; a year before the thirteenth month is the first."""
    with database.writing() as session:
        number = stored(session, [(60, 30, 10), *[(50, 30, 20)] * 11])
        assert asked(session, number).summary[0]["last_year"] is None
        add(session, number, [(40, 30, 30)], SUPPORT, year=2025)
        (said,) = asked(session, number).summary
        assert asked(session, number, ("period", "day")).summary[0]["last_year"] is None
    last = said["last_year"]
    assert (last["period"], last["against"], last["change"], last["verdict"]) == ("2025-01", "2024-01", -40, "down")


def test_weeks_are_compared_with_the_week_52_weeks_before(database: Database) -> None:
    with database.writing() as session:
        number = stored(session, [])
        days = (date(2024, 12, 30), date(2025, 12, 29))
        answered(session, number, [(SUPPORT, day, n) for day in days for n in scored(5, 3, 2)])
        (said,) = asked(session, number, ("period", "week")).summary
    assert (said["last_year"]["period"], said["last_year"]["against"]) == ("2026-W01", "2025-W01")


def test_an_empty_month_keeps_its_row_and_a_wider_level(database: Database) -> None:
    with database.writing() as session:
        found = asked(session, stored(session, [(50, 30, 20)] * 3 + [(0, 0, 0)] * 4 + [(50, 30, 20)] * 3))
    width = [item["level_high"] - item["level_low"] for item in found.items]
    assert (found.items[5]["responses"], found.items[5]["nps"]) == (0, None)
    assert width[5] > width[1]


def test_nothing_has_no_trend(database: Database) -> None:
    with database.writing() as session:
        number = stored(session, [])
        assert asked(session, number) == Trend([], [])
        (said,) = asked(session, number, ("from", "2024-01-01"), ("to", "2024-12-31")).summary
    assert (said["verdict"], said["slope"], said["last_year"]) == ("too few", None, None)


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Europe/Oslo", "2025-03-30T00:59:59", "2025-03-30"),  # the hour from 2 to 3 does not exist that night
        ("Europe/Oslo", "2025-03-29T22:59:59", "2025-03-29"),
        ("Europe/Oslo", "2025-03-29T23:00:00", "2025-03-30"),  # still winter time: midnight is 23:00
        ("Europe/Oslo", "2025-03-30T21:59:59", "2025-03-30"),
        ("Europe/Oslo", "2025-03-30T22:00:00", "2025-03-31"),  # summer time: midnight is 22:00
        ("Europe/Oslo", "2025-10-26T22:59:59", "2025-10-26"),  # a day of 25 hours
        ("America/Los_Angeles", "2025-01-01T07:59:59", "2024-12-31"),
        ("Pacific/Kiritimati", "2024-12-31T10:00:00", "2025-01-01"),
        ("Asia/Kathmandu", "2024-12-31T18:15:00", "2025-01-01"),
    ],
)
def test_an_instant_falls_on_the_organisations_day_across_changes_of_the_clock(
    zone: str, instant: str, day: str
) -> None:
    found = day_of(datetime.fromisoformat(instant).replace(tzinfo=UTC), zone)
    assert found.isoformat() == day


def test_a_year_with_53_weeks_has_them_all(database: Database) -> None:
    with database.writing() as session:
        number = stored(session, [])
        answered(session, number, [(SUPPORT, date(2020, 12, 21), 9), (SUPPORT, date(2021, 1, 10), 9)])
        found = asked(session, number, ("period", "week"))
    assert [item["period"] for item in found.items] == ["2020-W52", "2020-W53", "2021-W01"]
    assert found.items[1]["starts_on"] == "2020-12-28"


def test_many_groups_keep_their_estimates_and_only_the_first_are_read(database: Database) -> None:
    with database.writing() as session:
        number = stored(session, [])
        slices = [Slice("nps", touchpoint="support", channel=f"c{i:03}") for i in range(trend.MOST_READ + 2)]
        answered(session, number, [(s, date(2024, month, 1), 9) for s in slices for month in (1, 2, 3)])
        found = asked(session, number, ("by", "channel"))
    assert [item["level"] is None for item in found.items[::3]] == [False] * trend.MOST_READ + [True] * 2
    assert all(item["nps"] == 100 for item in found.items)
    assert [said["verdict"] for said in found.summary[-3:]] == ["too few", "not read", "not read"]
