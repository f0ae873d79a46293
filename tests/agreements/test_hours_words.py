"""Business hours in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from agreements.opening_hours import read_opening_hours
from agreements.readings.hours_words import other_days_text, week_text

WEEK = {day: [["09:00", "12:30"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu")}


def hours(**more: Any):
    return read_opening_hours(
        {"tz": "Europe/Warsaw", "weekly": {**WEEK, "fri": [["09:00", "15:00"]]}, **more}
    )


def test_neighbouring_days_alike_stand_together():
    assert week_text(hours()) == "Mon–Thu 09:00–12:30, 13:00–17:00; Fri 09:00–15:00"
    assert week_text(read_opening_hours({"tz": "UTC", "weekly": {}})) == "never open"
    always = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    assert week_text(read_opening_hours({"tz": "UTC", "weekly": always})) == "Mon–Sun 00:00–24:00"


def test_only_days_with_other_hours_than_their_weekday_are_named():
    found = hours(
        holidays=["2026-03-03", "2026-03-07", "2026-04-03"],
        overrides={"2026-03-14": [["10:00", "12:00"]], "2026-03-13": [["09:00", "15:00"]]},
        breaks={"2026-03-20": [["14:00", "15:00"]]},
    )
    march = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
    assert other_days_text(found, *march) == "3 Mar closed, 14 Mar 10:00–12:00, 20 Mar 09:00–14:00"
    assert other_days_text(hours(), *march) == ""
