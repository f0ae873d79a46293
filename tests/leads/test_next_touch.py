"""The proposal of the next touch: golden cases of a week, and laws on hard calendars."""

from datetime import UTC, datetime, timedelta
from random import Random

from agreements.business_time import compile_calendar
from leads.next_touch import proposed_next_touch
from tests.factories import NINE_TO_FIVE
from tests.strategies import ZONES, calendar_near, day_near

OFFICE = compile_calendar({"tz": "UTC", "weekly": NINE_TO_FIVE})
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


def propose(at=MONDAY, made=1, agreed=6, window=14 * DAY, **more):
    ends_at = None if window is None else MONDAY + window
    return proposed_next_touch(
        OFFICE, attempted_at=at, made=made, agreed=agreed, window_ends_at=ends_at, **more
    )


def test_attempts_are_spread_over_the_window_with_one_part_to_spare():
    # 14 days ÷ 6 = 2 days and 8 hours: Wednesday 18:00 is after closing, so Thursday 9:00.
    assert propose() == datetime(2026, 3, 5, 9, tzinfo=UTC)
    # On Thursday 9:00, 10 days 1 hour are left for 4: 2 days 12 minutes more is Saturday, so Monday 9:00.
    assert propose(datetime(2026, 3, 5, 9, tzinfo=UTC), made=2) == datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_a_short_window_is_used_within_the_day():
    assert propose(agreed=3, window=timedelta(hours=6)) == MONDAY + timedelta(hours=2)


def test_what_would_open_behind_the_window_is_tried_before_it_closes():
    friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert propose(friday, agreed=2, window=5 * DAY) == datetime(2026, 3, 6, 16, 59, tzinfo=UTC)


def test_without_an_agreed_number_it_is_the_next_business_day():
    assert propose(agreed=None) == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert propose(datetime(2026, 3, 6, 12, tzinfo=UTC), agreed=None) == datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert propose(window=None) == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_nothing_is_proposed_where_nothing_is_left_to_do():
    assert propose(made=6) is None
    assert propose(MONDAY + 14 * DAY) is None
    assert propose(is_connected=True) is None


def test_who_asked_to_be_called_back_is_called_the_next_day():
    assert propose(is_connected=True, asked_for_later=True) == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_proposals_lie_ahead_in_business_hours_and_within_the_window():
    random = Random("touch")
    found = 0
    for _ in range(500):
        zone = random.choice(ZONES)
        around = day_near(random, zone)
        calendar = compile_calendar(calendar_near(random, zone, around))
        at = (
            datetime(around.year, around.month, around.day, tzinfo=UTC)
            + random.randrange(86_400) * MINUTE / 60
        )
        window = random.choice([timedelta(hours=3), DAY, 14 * DAY])
        touch = proposed_next_touch(
            calendar,
            attempted_at=at,
            made=random.randrange(4),
            agreed=random.choice([None, 3, 6]),
            window_ends_at=at + window,
        )
        if touch is None:
            continue
        found += 1
        assert touch > at and calendar.is_open(touch)
        # Behind the window only where it has no business hours left.
        assert touch <= at + window or calendar.elapsed(at, at + window) <= MINUTE or touch - at >= window
    assert found > 300
