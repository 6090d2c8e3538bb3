"""A column of dates is read in one order, or not at all."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.answering.imports.dates import Evidence, in_format, in_order
from surveys.facts import Malformed
from surveys.organisation.organisations import zone

NOW = datetime(2026, 4, 14, 10, 0, tzinfo=UTC)
COPENHAGEN = zone("Europe/Copenhagen")
FORMS = {"MDY": "%m/%d/%Y", "DMY": "%d.%m.%Y", "YMD": "%Y-%m-%d"}


def order(*texts: str) -> str:
    """The order found in these cells on 14 April 2026."""
    evidence = Evidence(date(2026, 4, 14))
    for row, text in enumerate(texts, start=2):
        evidence.add(row, text)
    return evidence.order()


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["9/8/18 15:29", "12/31/17 3:42"], "MDY"),
        (["31.12.2017", "9.8.2018"], "DMY"),
        (["31-12-17", "9-8-18"], "DMY"),  # the year-first reading, 2031, lies ahead
        (["2017-12-31T10:00:00Z"], "YMD"),
        (["2019/12/13 9:50:30 AM GMT+1"], "YMD"),
        (["01/12/2020 8:19:03 AM", "01/17/2020 12:30:48 AM"], "MDY"),
        (["31.12.2017", "not a date", "99.99.9999"], "DMY"),
    ],
)
def test_the_whole_column_tells_the_order(texts: list[str], found: str) -> None:
    assert order(*texts) == found


@pytest.mark.parametrize("texts", [["1/2/2020", "3/4/2020"], ["1.2.03"], ["13/1/2020", "1/13/2020"], ["x"], []])
def test_a_column_that_tells_none_or_two_is_refused(texts: list[str]) -> None:
    with pytest.raises(Malformed, match="date_column"):
        order(*texts)


@given(st.lists(st.dates(date(1971, 1, 1), date(2026, 4, 13)), min_size=1), st.sampled_from(sorted(FORMS)))
def test_an_order_that_is_found_is_the_one_that_wrote_the_dates(days: list[date], written: str) -> None:
    texts = [day.strftime(FORMS[written]) for day in days]
    try:
        found = order(*texts)
    except Malformed:
        assert written != "YMD"
        assert all(day.day <= 12 for day in days)
        return
    read = in_order(found, COPENHAGEN, NOW)
    assert [read(text).day for text in texts] == days


@pytest.mark.parametrize(
    ("text", "instant", "day"),
    [
        ("2026-03-01", "2026-03-01T11:00:00+00:00", "2026-03-01"),  # noon in Copenhagen
        ("2026-04-14", "2026-04-14T10:00:00+00:00", "2026-04-14"),  # today: not later than now
        ("2026-03-01 00:30", "2026-02-28T23:30:00+00:00", "2026-03-01"),
        ("2026-03-01T23:30:00Z", "2026-03-01T23:30:00+00:00", "2026-03-02"),
        ("2026-03-01T23:30:00.123456789-05:00", "2026-03-02T04:30:00.123456+00:00", "2026-03-02"),
        ("2026-03-01 12:05 am", "2026-02-28T23:05:00+00:00", "2026-03-01"),
        ("2026-03-01 12:05 PM GMT+1", "2026-03-01T11:05:00+00:00", "2026-03-01"),
        ("2026-03-29 02:30", "2026-03-29T01:30:00+00:00", "2026-03-29"),  # an hour that the clocks skipped
    ],
)
def test_a_time_becomes_an_instant_and_a_day_in_the_organisations_zone(text: str, instant: str, day: str) -> None:
    when = in_order("YMD", COPENHAGEN, NOW)(text)
    assert (when.answered_at.isoformat(), when.day.isoformat()) == (instant, day)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-04-15", "future"), ("2026-04-14 12:01", "future"), ("1899-12-31", "before 1970"),
        ("2026-02-30", "not a date"), ("2026-02-03 25:00", "time of day"), ("2026-02-03 13:00 pm", "time of day"),
        ("2026-02-03 10:00+30:00", "time of day"), ("0000-01-01", "not a date"), ("0001-01-01 00:00", "outside"),
        ("0001-01-01", "before 1970"), ("9999-12-31 23:59-12:00", "outside"), ("soon", "not a date"),
    ],
)  # fmt: skip
def test_a_cell_that_is_no_past_moment_says_why(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        in_order("YMD", COPENHAGEN, NOW)(text)


@pytest.mark.parametrize(
    ("form", "text", "instant"),
    [
        ("dmy", "1/2/2020 10:00", "2020-02-01T09:00:00+00:00"),
        ("%d %b %Y", "1 Feb 2020", "2020-02-01T11:00:00+00:00"),
        ("%Y%m%d %H:%M", "20200201 10:00", "2020-02-01T09:00:00+00:00"),
        ("%Y-%m-%d %H:%M %z", "2020-02-01 10:00 +0500", "2020-02-01T05:00:00+00:00"),
    ],
)
def test_a_format_that_is_given_is_followed(form: str, text: str, instant: str) -> None:
    assert in_format(form, COPENHAGEN, NOW)(text).answered_at.isoformat() == instant


@pytest.mark.parametrize("form", ["%Q", "%H:%M", "%d.%m", "nonsense", ""])
def test_a_format_without_a_whole_date_is_refused(form: str) -> None:
    with pytest.raises(Malformed, match="date_format"):
        in_format(form, COPENHAGEN, NOW)
