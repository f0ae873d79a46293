"""The team of sales in a table: what waits with each now, how the month went, and eight weeks of speed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from agreements.table_files import Cell
from leads.readings.loads import Load, loads_of
from reports.charts import words
from reports.charts.sparklines import Sparkline, sparkline
from reports.charts.tiles import Bar, bar
from reports.models import PeriodFigure
from reports.pages.frame import ReportPage, may_see
from reports.periods import Grain, bucket_of
from reports.readings.at_hand import NOBODY, Waiting, waiting_by_owner
from reports.readings.depth import depth_bucket
from reports.readings.figures import figures_by, no_figures
from reports.readings.numbers import number
from reports.readings.speed import speed_bucket

WEEKS = 8
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One person of sales: what waits with them now, and how the month's hand-offs went; `figures` are the numbers
    behind these words, lengths in seconds, as files have them.
    """

    key: str
    name: str
    now: Waiting
    median: str
    p90: str
    in_time: str
    depth: str
    answered: str
    load: str
    load_bar: Bar | None
    weeks: Sparkline | None
    figures: Mapping[str, Cell]


def team_rows(
    page: ReportPage, people: set[int] | None, *, now: Mapping[str, Waiting] | None = None
) -> list[TeamRow]:
    """Return the people of sales whose figures may be seen (None: everybody's), those with most overdue first.

    `now` is what waits with each owner, if it was read already.
    """
    scope = page.scope
    found = figures_by("owner", scope.period, scope.selection, scope.moment)
    if now is None:
        now = waiting_by_owner(page.agreement, page.now)
    keys = {key for key in {*found, *now} if key != NOBODY and may_see(key, people)}
    loads = loads_of(int(key) for key in keys if key.isdecimal())
    weeks = _medians_by_week(page, keys)
    starts = [f"median_{day.isoformat()}" for day in _week_starts(page)]
    top = max((value for values in weeks.values() for value in values if value is not None), default=0.0)
    rows = []
    for key in keys:
        row = found.get(key) or no_figures()
        speed, depth = speed_bucket(scope.period, row), depth_bucket(scope.period, row)
        load = loads[int(key)] if key.isdecimal() else Load(key.removeprefix(NOBODY))
        answered = _("%(accepted)s / %(rejected)s of %(n)s") % {
            "accepted": words.amount(row["counted_accepted"]),
            "rejected": words.amount(row["counted_rejected"]),
            "n": words.amount(row["counted"]),
        }
        in_time = words.percent(speed.in_time)
        if speed.in_time.denominator:
            in_time = _("%(share)s of %(n)s") % {
                "share": in_time,
                "n": words.amount(speed.in_time.denominator),
            }
        waits = now.get(key, Waiting())
        rows.append(
            TeamRow(
                key=key,
                name=load.name,
                now=waits,
                median=words.duration(speed.median),
                p90=words.duration(speed.p90),
                in_time=in_time,
                depth=words.amount(depth.average),
                answered=answered,
                load=_load_text(load),
                load_bar=_load_bar(load),
                weeks=_line(weeks.get(key), top),
                figures={
                    "rep": load.name,
                    "open": waits.open,
                    "at_risk": waits.at_risk,
                    "overdue": waits.overdue,
                    "median": number(speed.median),
                    "p90": number(speed.p90),
                    "in_time_numerator": number(speed.in_time.numerator),
                    "in_time_denominator": number(speed.in_time.denominator),
                    "attempts_average": number(depth.average),
                    "accepted": number(row["counted_accepted"]),
                    "rejected": number(row["counted_rejected"]),
                    "counted": number(row["counted"]),
                    "all_open": load.held,
                    "cap": load.cap,
                    **dict(zip(starts, weeks.get(key, [None] * WEEKS), strict=True)),
                },
            )
        )
    return sorted(rows, key=lambda one: (-one.now.overdue, -one.now.at_risk, one.name.casefold()))


def _medians_by_week(page: ReportPage, keys: set[str]) -> dict[str, list[float | None]]:
    """Return the median speed of each of these owners in the eight weeks up to now, as stored."""
    starts = _week_starts(page)
    stored = PeriodFigure.objects.filter(
        agreement=page.agreement, dimension="owner", grain="week", starts_on__in=starts, key__in=keys
    )
    found: dict[str, list[float | None]] = {}
    for key, starts_on, median in stored.values_list("key", "starts_on", "business_median"):
        found.setdefault(key, [None] * WEEKS)[starts.index(starts_on)] = median
    return found


def _week_starts(page: ReportPage) -> list[dt.date]:
    this_week = bucket_of(page.scope.as_of_day, Grain.WEEK).start
    return [this_week - n * WEEK for n in reversed(range(WEEKS))]


def _line(values: list[float | None] | None, top: float) -> Sparkline | None:
    if values is None or not any(value is not None for value in values):
        return None
    said = ", ".join(words.duration(value) if value is not None else "–" for value in values)
    text = _("Median speed of the last eight weeks, this one last: %(values)s") % {"values": said}
    return sparkline(values, top=top, text=text)


def _load_text(load: Load) -> str:
    if load.cap is None:
        return words.amount(load.held)
    return _("%(n)s of %(cap)s") % {"n": words.amount(load.held), "cap": words.amount(load.cap)}


def _load_bar(load: Load) -> Bar | None:
    if load.cap is None:
        return None
    full = Fraction(max(load.held, load.cap, 1)) * Fraction(6, 5)
    return bar(Fraction(load.held), Fraction(load.cap), full=full)
