"""The clock against published facts: the shared vectors where they are at hand, and a golden sheet.

The golden sheet was worked by hand from the rules in the heading of ``agreements/business_time.py`` and from
the zones' published changes of the clock; the remark above each line says what it shows.
"""

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.vectors import answer_business_time

SHARED = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "business_time.public.json"
INSTANTS = ("instant",)
NO_USE = {"add_days"}


def same(answer, expected) -> bool:
    """Equal as facts: instants are compared as instants, and only what is expected is compared."""
    for key, value in expected.items():
        if key not in answer:
            return False
        got = answer[key]
        if key in INSTANTS and value is not None and got is not None:
            got, value = datetime.fromisoformat(got), datetime.fromisoformat(value)
        if got != value:
            return False
    return True


def test_the_shared_vectors_are_answered():
    if not SHARED.exists():
        pytest.skip(f"no shared vectors at {SHARED}: the golden sheet below is tested alone")
    shared = json.loads(SHARED.read_text())
    wrong, answered = [], 0
    for vector in shared["vectors"]:
        if vector["op"] in NO_USE:
            assert answer_business_time({}, vector) is NotImplemented
            continue
        answer = answer_business_time(shared["calendars"].get(vector.get("calendar"), {}), vector)
        answered += 1
        if not same(answer, vector["expected"]):
            wrong.append((vector["id"], answer, vector["expected"]))
    assert not wrong
    assert answered > 0


WEEK = ("mon", "tue", "wed", "thu", "fri")
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in WEEK}
ALWAYS = {day: [["00:00", "24:00"]] for day in (*WEEK, "sat", "sun")}
NIGHTS = {day: [["22:00", "06:00"]] for day in WEEK}
CALENDARS = {
    "warsaw": {"tz": "Europe/Warsaw", "weekly": NINE_TO_FIVE, "holidays": ["2026-05-01"]},
    "warsaw-always": {"tz": "Europe/Warsaw", "weekly": ALWAYS},
    "warsaw-nights": {"tz": "Europe/Warsaw", "weekly": NIGHTS, "holidays": ["2026-05-01"]},
    "lord-howe": {"tz": "Australia/Lord_Howe", "weekly": ALWAYS},
    "apia": {"tz": "Pacific/Apia", "weekly": ALWAYS},
    "new-york-fold": {"tz": "America/New_York", "weekly": {"sun": [["01:15", "01:45"]]}},
    "new-york-gap": {"tz": "America/New_York", "weekly": {"sun": [["02:15", "02:45"]]}},
    "seoul": {
        "tz": "Asia/Seoul",
        "weekly": {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in WEEK},
        "holidays_every_year": ["10-09"],
        "breaks": {"2026-10-08": [["15:00", "24:00"]]},
        "overrides": {"2026-10-10": [["10:00", "14:00"]], "2026-10-09": [["10:00", "14:00"]]},
    },
    "closed": {"tz": "UTC", "weekly": {}},
    "once": {"tz": "UTC", "weekly": {}, "overrides": {"2026-03-02": [["09:00", "10:00"]]}},
}


def e(calendar, start, end, seconds, pauses=()):
    vector = {"op": "elapsed", "start": start, "end": end, "pauses": pauses}
    return calendar, vector, {"seconds": seconds}


def d(calendar, start, seconds, instant, pauses=()):
    vector = {"op": "due", "start": start, "duration_seconds": seconds, "pauses": pauses}
    return calendar, vector, {"instant": instant}


def b(calendar, end, seconds, instant):
    return calendar, {"op": "due_back", "end": end, "duration_seconds": seconds}, {"instant": instant}


GOLDEN = [
    # A Friday afternoon and a Monday morning, one hour each.
    e("warsaw", "2026-03-06T16:00+01:00", "2026-03-09T10:00+01:00", 7200),
    # The same over the weekend on which the clocks go forward, and the one on which they go back.
    e("warsaw", "2026-03-27T16:00+01:00", "2026-03-30T10:00+02:00", 7200),
    e("warsaw", "2026-10-23T16:00+02:00", "2026-10-26T10:00+01:00", 7200),
    # Those Sundays under 24/7 have 23 and 25 hours.
    e("warsaw-always", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00", 23 * 3600),
    e("warsaw-always", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", 25 * 3600),
    # Lord Howe changes by half an hour.
    e("lord-howe", "2026-04-05T00:00+11:00", "2026-04-06T00:00+10:30", 88_200),
    e("lord-howe", "2026-10-04T00:00+10:30", "2026-10-05T00:00+11:00", 84_600),
    # Apia went from the 29th to the 31st of December 2011: the two dates are 48 hours, not 72.
    e("apia", "2011-12-29T00:00-10:00", "2012-01-01T00:00+14:00", 48 * 3600),
    # An interval inside the fold happens twice, one inside the gap never.
    e("new-york-fold", "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00", 3600),
    e("new-york-gap", "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00", 0),
    # A full day is due at closing time, one second more on the next morning.
    d("warsaw", "2026-03-02T09:00+01:00", 28_800, "2026-03-02T17:00+01:00"),
    d("warsaw", "2026-03-02T09:00+01:00", 28_801, "2026-03-03T09:00:01+01:00"),
    # Nothing is due at once, even at night.
    d("warsaw", "2026-03-02T23:00+01:00", 0, "2026-03-02T23:00+01:00"),
    # The first of May 2026 is a Friday.
    d("warsaw", "2026-04-30T16:30+02:00", 3600, "2026-05-04T09:30+02:00"),
    # A holiday cuts the night shift at midnight; the early Saturday belongs to Friday's shift and stays.
    e("warsaw-nights", "2026-04-30T20:00+02:00", "2026-05-02T12:00+02:00", 2 * 3600 + 6 * 3600),
    # A part-day holiday on Thursday, a yearly one that beats its override, a Saturday of four hours.
    e("seoul", "2026-10-08T00:00+09:00", "2026-10-12T00:00+09:00", (3 + 2 + 4) * 3600),
    d("seoul", "2026-10-08T14:30+09:00", 3600, "2026-10-10T10:30+09:00"),
    # A pause counts only where it is open; due moves by that much.
    e(
        "warsaw",
        "2026-03-02T09:00+01:00",
        "2026-03-03T17:00+01:00",
        4 * 3600 + 7 * 3600,
        [["2026-03-02T13:00+01:00", "2026-03-03T10:00+01:00"]],
    ),
    d(
        "warsaw",
        "2026-03-02T12:00+01:00",
        7200,
        "2026-03-03T11:00+01:00",
        [["2026-03-02T13:00+01:00", "2026-03-03T10:00+01:00"]],
    ),
    # Never, and once only.
    d("closed", "2026-03-02T12:00+00:00", 1, None),
    d("once", "2026-03-02T00:00+00:00", 3600, "2026-03-02T10:00+00:00"),
    d("once", "2026-03-02T09:00:01+00:00", 3600, None),
    # Back from Monday 09:30 by an hour: Friday 16:30. By a full day: its opening, not the closing before.
    b("warsaw", "2026-03-09T09:30+01:00", 3600, "2026-03-06T16:30+01:00"),
    b("warsaw", "2026-03-09T17:00+01:00", 28_800, "2026-03-09T09:00+01:00"),
]


@pytest.mark.parametrize(("calendar", "vector", "expected"), GOLDEN)
def test_the_golden_sheet(calendar, vector, expected):
    assert same(answer_business_time(CALENDARS[calendar], vector), expected)
