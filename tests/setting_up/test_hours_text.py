"""Hours and days off are read as people write them, and written as they are read."""

from __future__ import annotations

import pytest

from slaproject.setting_up.hours_text import NotUnderstood, days_text, hours_text, read_days, read_hours


@pytest.mark.parametrize(
    ("text", "intervals"),
    [
        ("", []),
        ("09:00-17:00", [["09:00", "17:00"]]),
        ("9-17", [["09:00", "17:00"]]),
        (" 9:00 – 12:30 ; 13:00—17:00 ", [["09:00", "12:30"], ["13:00", "17:00"]]),
        ("22:00-06:00", [["22:00", "06:00"]]),
        ("00:00-24:00", [["00:00", "24:00"]]),
    ],
)
def test_hours_are_read_as_people_write_them(text, intervals):
    assert read_hours(text) == intervals
    assert read_hours(hours_text(intervals)) == intervals


@pytest.mark.parametrize(
    "text",
    ["nine", "9", "09:00-25:00", "09:60-17:00", "09:00-09:00", "24:00-06:00", "9-17-20", "٠٩:٠٠-١٧:٠٠"],
)
def test_what_is_no_opening_time_is_named(text):
    with pytest.raises(NotUnderstood) as refused:
        read_hours(f"08:00-08:30, {text}")
    assert refused.value.part == text


def test_days_off_keep_their_names_hours_and_years():
    text = "2026-12-24 Christmas Eve\n\n2026-12-31 09:00-13:00 half a day\n2027-01-04\n12-24 every year"
    days = read_days(text)
    assert days.overrides == {"2026-12-24": [], "2026-12-31": [["09:00", "13:00"]], "2027-01-04": []}
    assert days.yearly == ["12-24"]
    assert days.names == {
        "2026-12-24": "Christmas Eve",
        "2026-12-31": "half a day",
        "12-24": "every year",
    }
    definition = {"overrides": days.overrides, "holidays_every_year": days.yearly}
    assert days_text(definition, days.names) == text.replace("\n\n", "\n")


def test_public_holidays_are_no_days_off_of_ones_own():
    definition = {"holidays": ["2026-12-25", "2026-12-28"]}
    assert days_text(definition, {"2026-12-25": "Christmas Day"}) == "2026-12-28"


@pytest.mark.parametrize(
    "line",
    [
        "tomorrow",
        "2026-02-30",
        "02-30",
        "0001-01-01",
        "2026-12-24-25",
        "12-24 09:00-13:00",
        "2026-12-24 22:00-06:00",
    ],
)
def test_what_is_no_day_off_is_named(line):
    with pytest.raises(NotUnderstood) as refused:
        read_days(f"2026-12-24 Christmas Eve\n{line}")
    assert refused.value.part == line
