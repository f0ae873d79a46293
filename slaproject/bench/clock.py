"""The speed of business time against ``businesstimedelta``, on one calendar and the same seeded questions.

The calendar is 9 to 17 from Monday to Friday in Warsaw with Poland's public holidays, the same on both sides.
Each side is asked once beforehand, so that neither pays for laying out years of holidays while it is timed, and
the answers must be equal. Both only compute, so the time of the processor is taken, which other processes do not
draw out.

The yardstick is set up as its documentation does: ``Rules`` of a ``WorkDayRule`` and a ``HolidayRule`` that holds
an object of the ``holidays`` library, in a time zone of ``pytz``; the years of the object are expanded beforehand.
It walks from day to day to the next holiday and asks that object about each, so its speed hangs on the form of
the holidays and on the zone. With ``HolidayRule(set(public))`` it takes about 0.75 of the time; with the calendar
in UTC instead of Warsaw, which is another calendar, about 0.6; with both about 0.4. The ratios fall by as much.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from random import Random
from time import process_time
from typing import Any

from agreements.business_time import Calendar, compile_calendar
from slaproject.bench.rows import Disagreement, Row, compared, interleaved, rate

GOAL_DATETIMES, GOAL_INTEGERS = 150, 500
ZONE = "Europe/Warsaw"
YEARS = range(2024, 2029)
SEED, RUNS, AT_LEAST = 20260301, 7, 0.02
# Name, length of the span, business time that is used up in about that span, questions in a run.
SPANS = (
    ("2 hours", timedelta(hours=2), timedelta(hours=2), 200),
    ("3 days", timedelta(days=3), timedelta(hours=17), 100),
    ("90 days", timedelta(days=90), timedelta(hours=510), 10),
)


def run(leads: int | None = None) -> list[Row]:
    """One row for each of elapsed and due, on each span, with datetimes and with integers.

    ``leads`` is taken for the sake of the other benches: the clock holds no data. Raise ImportError without
    the yardstick (it comes with the development extras), Disagreement when an answer differs.
    """
    holidays, pytz, peer = (import_module(name) for name in ("holidays", "pytz", "businesstimedelta"))
    public = holidays.country_holidays("PL", years=YEARS)
    calendar = compile_calendar(
        {
            "tz": ZONE,
            "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
            "holidays": [day.isoformat() for day in public],
        }
    )
    zone = pytz.timezone(ZONE)
    rules = peer.Rules([peer.WorkDayRule(time(9), time(17), tz=zone), peer.HolidayRule(public, tz=zone)])
    rows: list[Row] = []
    for name, length, open_time, questions in SPANS:
        random = Random(f"{SEED} {name}")
        starts = [
            datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(2 * 365 * 1440))
            for _ in range(questions)
        ]
        rows += _elapsed_rows(f"elapsed, {name}", calendar, rules, starts, length)
        allowance = peer.BusinessTimeDelta(rules, timedelta=open_time)
        rows += _due_rows(f"due, {name}", calendar, allowance, starts, open_time)
    return rows


def _elapsed_rows(
    name: str, calendar: Calendar, rules: Any, starts: list[datetime], length: timedelta
) -> list[Row]:
    spans = [(start, start + length) for start in starts]
    epochs = [(_epoch(start), _epoch(end)) for start, end in spans]

    def yardstick() -> list[timedelta]:
        return [rules.difference(start, end).timedelta for start, end in spans]

    def datetimes() -> list[timedelta]:
        elapsed = calendar.elapsed
        return [elapsed(start, end) for start, end in spans]

    def integers() -> list[int]:
        elapsed_seconds = calendar.elapsed_seconds
        return [elapsed_seconds(start, end) for start, end in epochs]

    if not yardstick() == datetimes() == [timedelta(seconds=seconds) for seconds in integers()]:
        raise Disagreement(f"{name}: the answers differ")
    return _measured(name, len(starts), yardstick, datetimes, integers)


def _due_rows(
    name: str, calendar: Calendar, allowance: Any, starts: list[datetime], open_time: timedelta
) -> list[Row]:
    epochs, seconds = [_epoch(start) for start in starts], open_time // timedelta(seconds=1)

    def yardstick() -> list[datetime]:
        return [start + allowance for start in starts]

    def datetimes() -> list[datetime | None]:
        due = calendar.due
        return [due(start, open_time) for start in starts]

    def integers() -> list[int | None]:
        due_epoch = calendar.due_epoch
        return [due_epoch(start, seconds) for start in epochs]

    if (
        not yardstick()
        == datetimes()
        == [None if at is None else datetime.fromtimestamp(at, UTC) for at in integers()]
    ):
        raise Disagreement(f"{name}: the answers differ")
    return _measured(name, len(starts), yardstick, datetimes, integers)


def _measured(
    name: str,
    questions: int,
    yardstick: Callable[[], object],
    datetimes: Callable[[], object],
    integers: Callable[[], object],
) -> list[Row]:
    figures = interleaved(
        {
            "yardstick": lambda: rate(yardstick, questions, AT_LEAST, process_time),
            "datetimes": lambda: rate(datetimes, questions, AT_LEAST, process_time),
            "integers": lambda: rate(integers, questions, AT_LEAST, process_time),
        },
        RUNS,
    )
    return [
        compared(f"{name}, {kind}", product=figures[kind], yardstick=figures["yardstick"], goal=goal)
        for kind, goal in (("datetimes", GOAL_DATETIMES), ("integers", GOAL_INTEGERS))
    ]


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())
