"""Attempts by business day: the rule by hand, random worlds against a recomputation, and the table on its page."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import BusinessCalendar
from agreements.services.calendars import company_calendar, revise_calendar
from leads.models import ChangedDay, HandOff
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.attempt_days import FARTHEST, LAST, LATEST, AttemptDays, added_up, opening_days_after
from reports.charts.buckets import FEW
from reports.charts.heat import heat_table
from reports.periods import Grain, month_of
from reports.readings.attempt_days import attempt_days_of, count_attempt_days
from reports.readings.depth import depth_report
from reports.readings.scope import build_scope
from tests import factories
from tests.api import programs
from tests.oracles.report_facts import all_facts
from tests.oracles.report_figures import attempts_by_business_day
from tests.oracles.report_world import World
from tests.reports.answers import rows_of, texts
from tests.reports.sample_month import MARCH, NOW
from tests.worlds.comparison import scope_of
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.questions import make_questions
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

N, SEED = 80, 20_261_128
PROOF_N = int(os.environ.get("PROOF_N", "1000"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
IN_MARCH = {"month": "2026-03"}
FRIDAY, MONDAY = dt.date(2026, 3, 6), dt.date(2026, 3, 9)
DAY = dt.timedelta(days=1)


def on_weekdays(day: dt.date) -> bool:
    return day.weekday() < 5


def column_of(handed_off_on: dt.date, attempted_on: dt.date, opens=on_weekdays) -> int:
    """The business day on which PostgreSQL, which counts them, has the attempt."""
    with connection.cursor() as cursor:
        ahead = f"{{{','.join(map(str, opening_days_after(handed_off_on, opens)))}}}"
        cursor.execute("SELECT width_bucket(%s::date, %s::date[])", [attempted_on, ahead])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_weekend_belongs_to_the_friday_before():
    assert [column_of(FRIDAY, FRIDAY + n * DAY) for n in range(5)] == [0, 0, 0, 1, 2]


@pytest.mark.django_db
def test_a_hand_off_on_a_day_off_has_monday_for_its_first_business_day():
    assert [column_of(MONDAY - DAY, MONDAY + n * DAY) for n in (-1, 0, 1)] == [0, 1, 2]


@pytest.mark.django_db
def test_a_holiday_is_no_business_day():
    def opens(day: dt.date) -> bool:
        return on_weekdays(day) and day != MONDAY

    assert column_of(FRIDAY, MONDAY, opens) == 0
    assert column_of(FRIDAY, MONDAY + DAY, opens) == 1


@pytest.mark.django_db
def test_the_day_before_in_another_zone_is_day_0():
    assert column_of(MONDAY, MONDAY - DAY) == 0


@pytest.mark.django_db
def test_the_last_column_has_the_tenth_day_and_all_later_ones():
    assert column_of(MONDAY, MONDAY + 11 * DAY) == 9
    assert column_of(MONDAY, MONDAY + 14 * DAY) == column_of(MONDAY, MONDAY + 900 * DAY) == LATEST


@pytest.mark.django_db
def test_hours_that_never_open_have_no_days_ahead():
    assert opening_days_after(MONDAY, lambda _day: False) == []
    assert column_of(MONDAY, MONDAY + 99 * DAY, lambda _day: False) == 0
    assert opening_days_after(MONDAY, lambda day: day == MONDAY + FARTHEST * DAY) == [MONDAY + FARTHEST * DAY]


def test_tables_with_different_numbers_of_rows_add_up():
    one, none = [1] * (LATEST + 1), [0] * (LATEST + 1)
    rows = added_up([[one, one], [], [one, none, one]])
    assert [row.days[0] for row in rows] == [2, 1, 1] and {row.k for row in rows} == {1, 2, 3}
    assert added_up([]) == []


@given(st.lists(st.integers(0, 40), min_size=LATEST + 1, max_size=LATEST + 1).filter(any))
def test_half_of_them_had_come_by_the_median_and_not_before(days):
    row = AttemptDays(1, tuple(days))
    assert 2 * sum(days[: row.median + 1]) >= row.n
    assert 2 * sum(days[: row.median]) < row.n


def differences_of(seed: int) -> list[str]:
    world, found = make_world(seed), []
    with transaction.atomic():
        loader = Loader(world)
        loader.load()
        rollups.refresh(now=loader.now)
        for question in make_questions(world, 3):
            expected = attempts_by_business_day(world, question)
            for read in (attempt_days_of, count_attempt_days):
                said = read(scope_of(loader, question))
                if [list(row.days) for row in said] != expected:
                    found.append(f"world {seed}: {read.__name__} {said} for {expected} ({question})")
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_attempts_fall_on_the_days_that_a_recomputation_says():
    found = [difference for seed in range(SEED, SEED + N) for difference in differences_of(seed)]
    assert not found, "\n".join(found[:10])


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, 250))
def test_attempts_fall_on_the_days_that_a_recomputation_says_in_many_worlds(start):
    end = min(start + 250, PROOF_SEED + PROOF_N)
    found = [difference for seed in range(start, end) for difference in differences_of(seed)]
    print(f"\nattempts by business day: worlds {start} to {end - 1}, {len(found)} differences")
    assert not found, "\n".join(found[:10])


def test_the_worlds_hold_what_makes_days_go_wrong():
    """Attempts on several days of clocks that change, after days off, at days alone, by machines, and too late."""
    seen = dict.fromkeys(
        ("later day", "day off between", "a day alone", "holiday", "change of the clock", "third"), 0
    )
    for seed in range(SEED, SEED + N):
        world: World = make_world(seed)
        for one in all_facts(world, world.now):
            days = [on for on in one.tried_on if on > one.day]
            between = [one.day + n * DAY for on in days for n in range(1, (on - one.day).days)]
            seen["later day"] += bool(days)
            seen["day off between"] += any(not one.unpaused.is_open_on(day) for day in between)
            seen["a day alone"] += len(one.tried_at) < len(one.tried_on)
            seen["third"] += len(one.tried_on) > 2
            offsets = {at.astimezone(one.unpaused.tz).utcoffset() for at in (one.at, *one.tried_at)}
            holidays = one.unpaused.calendar.get("holidays", ())
            seen["holiday"] += any(day.isoformat() in holidays for day in [*between, *days])
            seen["change of the clock"] += len(offsets) > 1
    assert min(seen.values()) >= 3, seen


@pytest.fixture
def seen_now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_each_row_adds_up_to_the_share_with_at_least_so_many_attempts(company, seen_now):
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    total, rows = depth_report(scope, Grain.WEEK).total, attempt_days_of(scope)
    assert len(rows) == 5
    for row in rows:
        tallies = (total.distribution, total.connected_distribution)
        assert row.n == sum(n for tally in tallies for made, n in tally.items() if made >= row.k)


def test_the_page_has_the_table_with_numbers_a_sentence_and_a_file(client, company, seen_now):
    client.force_login(company.viewer)
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    rows = attempt_days_of(scope)
    assert rows[0].n >= FEW > rows[-1].n
    page = client.get("/depth/", IN_MARCH)
    heat = page.context["contents"].heat
    assert heat.title in texts(page, "h2")
    assert "Day 10 or later" in texts(page, "th")
    assert f"attempt 1 by day {rows[0].median}" in heat.summary and "attempt 5" not in heat.summary
    file = rows_of(client.get("/depth/", IN_MARCH | {"table": "heat", "format": "csv"}))
    columns = [*(f"day_{day}" for day in range(LATEST)), "day_10_or_later"]
    assert [[int(row[name]) for name in columns] for row in file] == [list(row.days) for row in rows]
    assert [int(row["all"]) for row in file] == [row.n for row in rows]
    cells = [text for row in rows for text in map(str, (*row.days, row.n))]
    (section,) = [part for part in page.text.split("<section") if 'id="title-heat"' in part]
    written = section.split("<tbody>")[1].split("</tbody>")[0]
    shown = [
        part.split(">")[1].split("<")[0]
        for part in written.split("<td")[1:]
        for part in [part.split("<data")[1]]
    ]
    assert shown == cells
    asked = {"from": "2026-03-01", "to": "2026-04-01", "agreement": "company", "attempt_days": "true"}
    given = programs.program("reports:read").get("/api/v1/reports/depth/", asked).json()["attempt_days"]
    assert given == [{"k": row.k, "n": row.n, "days": list(row.days), "median": row.median} for row in rows]
    assert [list(map(str, (*one["days"], one["n"]))) for one in given] == [
        cells[start : start + LATEST + 2] for start in range(0, len(cells), LATEST + 2)
    ]


def test_the_title_speaks_of_the_second_attempts_where_there_are_enough():
    def finding(*rows):
        return heat_table([AttemptDays(k, days) for k, days in enumerate(rows, start=1)], subtitle="").title

    def days(**n):
        return tuple(n.get(f"d{day}", 0) for day in range(LATEST + 1))

    plenty = days(d0=FEW)
    assert finding(plenty, days(d0=1, d2=FEW)) == "Half of the second attempts came within 2 business days."
    assert finding(plenty, days(d1=FEW)) == "Half of the second attempts came within 1 business day."
    assert finding(plenty, days(d0=FEW)) == "Half of the second attempts came on the day of the hand-off."
    assert "only after 10 business days" in finding(plenty, days(d10=FEW))
    assert finding(plenty, days(d1=FEW - 1)).startswith("Fewer than 20 second attempts")
    assert finding(days(d1=1)).startswith("Fewer than 20 first attempts")
    assert heat_table([], subtitle="") is None


def test_the_darkest_cell_has_most_and_none_at_all_no_hue():
    row = tuple(range(LATEST + 1))
    (shades,) = heat_table([AttemptDays(1, row)], subtitle="").shades
    assert shades == (0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5)


def test_many_attempts_end_in_one_row_and_one_query_reads_what_is_stored(company, seen_now):
    at = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    hand_off = hand_over(lead=factories.lead(at), now=NOW, at=at, agreement=company.agreement)
    for n in range(LAST + 3):
        log_attempt(
            hand_off=hand_off,
            attempted_at=at + n * dt.timedelta(hours=12),
            channel="call",
            outcome="no_answer",
            now=NOW,
        )
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    rollups.refresh(now=NOW)
    for read, queries in ((attempt_days_of, 1), (count_attempt_days, 3)):
        with CaptureQueriesContext(connection) as captured:
            rows = read(scope)
        assert len(captured) == queries
        assert [row.n for row in rows[5:]] == [1] * (LAST - 6) + [4]


def test_days_that_begin_at_another_hour_are_counted_anew(db):
    """What came under no agreement has the company's days: with another zone an attempt late in the evening moves."""
    monday = dt.datetime(2025, 2, 3, 9, tzinfo=dt.UTC)  # nothing else is there then
    hand_off = hand_over(lead=factories.lead(monday), now=NOW, at=monday)
    late = monday.replace(hour=23, minute=30)
    log_attempt(hand_off=hand_off, attempted_at=late, channel="call", outcome="no_answer", now=NOW)
    weekly = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed")}

    def day() -> int:
        rollups.refresh(now=NOW)
        assert not row_differences(stored_rows(), rebuilt_rows())
        (row,) = attempt_days_of(build_scope(period=month_of(monday.date()), now=NOW))
        return row.days.index(1)

    assert day() == 0
    company = company_calendar()
    revise_calendar(calendar=company, definition={"tz": "Asia/Tokyo", "weekly": weekly}, now=NOW)
    assert day() == 1
    other = factories.calendar("Lisbon", tz="Europe/Lisbon", weekly=weekly)
    BusinessCalendar.objects.filter(pk=company.pk).update(is_default=False)
    BusinessCalendar.objects.filter(pk=other.pk).update(is_default=True)
    assert day() == 0


def test_other_business_hours_of_a_hand_off_are_noted(company, seen_now):
    rollups.refresh(now=NOW)
    hand_off = HandOff.objects.filter(attempts__gt=0, agreement=company.agreement).earliest("handed_off_at")
    other = factories.calendar("Weekend", weekly={"sat": [["09:00", "17:00"]]}).latest_revision()
    HandOff.objects.filter(pk=hand_off.pk).update(calendar_revision=other)
    assert ChangedDay.objects.filter(day_on=hand_off.handed_off_on).exists()
