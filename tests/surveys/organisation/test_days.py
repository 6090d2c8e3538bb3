"""A day ends at midnight where the organisation is, whatever the clocks do that night."""

from datetime import UTC, datetime

import pytest

from surveys.organisation.organisations import end_of_day


@pytest.mark.parametrize(
    ("instant", "zone", "end"),
    [
        ("2026-12-24T05:37+00:00", "Europe/Copenhagen", "2026-12-24T23:00+00:00"),
        ("2026-12-24T23:30+00:00", "Europe/Copenhagen", "2026-12-25T23:00+00:00"),  # the 25th has begun there
        ("2026-10-25T00:30+00:00", "Europe/Copenhagen", "2026-10-25T23:00+00:00"),  # a day of 25 hours
        ("2026-07-01T23:59+00:00", "America/New_York", "2026-07-02T04:00+00:00"),
    ],
)
def test_the_end_of_a_day_is_the_next_midnight_of_the_zone(instant: str, zone: str, end: str) -> None:
    assert end_of_day(datetime.fromisoformat(instant), zone) == datetime.fromisoformat(end).astimezone(UTC)
