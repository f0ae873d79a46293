"""The time of a report's figures beside other ways to the same, and of its pages beside a view with one query.

The data is made in a database of its own, which is dropped afterwards: two years of hand-offs with about four attempts
each, and once more a tenth of it, to see whether the time grows with the company.

The product reads what a page asks for, with all that passes with time (what is open, overdue, not yet due): a month,
twenty-four months at once, and two choices that no stored figure knows: one owner's leads of one segment and source,
which are a handful, and everybody's of that segment and source, one in forty-eight. Beside it stand pandas with both
tables fetched, a loop over objects, and SQL on the tables themselves; they tell only some of the figures, and these
must be the same. The loop is slow, and runs once.

A page is asked for as a browser does, from the cookie through all of the middleware to the last byte of the answer;
only the network and the web server are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import quantiles
from time import perf_counter
from typing import Any, Literal

from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from agreements.models import Agreement
from leads.models import HandOff
from reports.periods import Period
from reports.readings.figures import Moment, figures
from reports.readings.figures import Row as FigureRow
from reports.readings.selection import Selection
from slaproject.bench.databases import own_database
from slaproject.bench.history import History, make_reported_history
from slaproject.bench.one_query import requests_a_second
from slaproject.bench.report_yardsticks import Filters, Plain, by_objects, by_pandas, by_sql
from slaproject.bench.rows import Disagreement, Row, compared, interleaved, rate, seconds

LEADS, RUNS, PAGES, LENGTH = 1_000_000, 5, 20, 0.3
SMALLER: int | None = 10
BESIDE_PANDAS, BESIDE_OBJECTS, BESIDE_SQL = 500.0, 5_000.0, round(1 / 0.35, 2)
MONTH_WITHIN, YEARS_WITHIN, PAGE_WITHIN = 0.005, 0.010, 0.025
AS_QUICK_AS_SMALL, BESIDE_VIEW = round(1 / 1.5, 2), 0.15
LENGTHS: tuple[Literal["median"], Literal["p90"]] = ("median", "p90")
PAGES_ASKED = ("reports:waterfall", "reports:speed", "reports:depth")


def run(leads: int | None = None) -> list[Row]:
    """Rows of readings and of pages; Disagreement where two ways come to different figures."""
    size = leads or LEADS
    small = []
    if SMALLER:
        with own_database():
            less = _Readings(make_reported_history(leads=max(size // SMALLER, 1)))
            small = [less.a_second(less.month) for _ in range(RUNS)]
    with own_database():
        history = make_reported_history(leads=size)
        readings = _Readings(history)
        readings.agree()
        by_loop = 1 / seconds(lambda: by_objects(history.company.agreement, readings.last))
        found = interleaved(
            {
                "month": lambda: readings.a_second(readings.month),
                "years": lambda: readings.a_second(readings.years),
                "filtered": lambda: readings.a_second(readings.filtered),
                "sql": lambda: rate(lambda: by_sql(*readings.asked, readings.filters), 1, LENGTH),
                "wide": lambda: readings.a_second(readings.filtered_widely),
                "wide sql": lambda: rate(lambda: by_sql(*readings.asked, readings.wide_filters), 1, LENGTH),
                "pandas": lambda: rate(lambda: by_pandas(*readings.asked), 1),
            },
            RUNS,
        )
        browser = _browser(history)
        web = interleaved(
            {
                **{name: partial(_pages_a_second, browser, name, readings) for name in PAGES_ASKED},
                "view": requests_a_second,
            },
            RUNS,
        )
    view = web.pop("view")
    both: dict[str, Any] = {"leads": size, "unit": "readings/s"}

    def month(name: str, yardstick: list[float], goal: float) -> Row:
        return compared(name, product=found["month"], yardstick=yardstick, goal=goal, **both)

    rows = [
        month("a month, beside pandas", found["pandas"], BESIDE_PANDAS),
        month("a month, beside a loop over objects", [by_loop], BESIDE_OBJECTS),
        month("a month, in 5 ms", [1 / MONTH_WITHIN] * RUNS, 1),
        *([month("a month, beside that of a tenth", small, AS_QUICK_AS_SMALL)] if small else []),
        compared(
            "24 months, in 10 ms", product=found["years"], yardstick=[1 / YEARS_WITHIN] * RUNS, goal=1, **both
        ),
        compared(
            "a free filter, beside SQL on the tables",
            product=found["filtered"],
            yardstick=found["sql"],
            goal=BESIDE_SQL,
            **both,
        ),
        compared(
            "a wide one, beside SQL on the tables",
            product=found["wide"],
            yardstick=found["wide sql"],
            goal=BESIDE_SQL,
            **both,
        ),
    ]
    for name, served in web.items():
        page = name.partition(":")[2]
        at_p95: dict[str, Any] = {"product": served, "leads": size, "unit": "pages/s at p95"}
        rows.append(
            compared(f"{page}, beside a view with one query", yardstick=view, goal=BESIDE_VIEW, **at_p95)
        )
        rows.append(compared(f"{page}, p95 in 25 ms", yardstick=[1 / PAGE_WITHIN] * RUNS, goal=1, **at_p95))
    return rows


class _Readings:
    """What is read of a history: the last whole month, all months, and the month under three filters."""

    def __init__(self, history: History) -> None:
        self.last: Period = history.months[-1]
        self._months = history.months
        self._moment = Moment(history.now)
        self._all = Selection(agreement=Agreement.objects.get(pk=history.company.agreement))
        first = HandOff.objects.filter(handed_off_on__in=list(self.last)).select_related("lead").first()
        if first is None:
            raise Disagreement("nothing was handed over in the last month")
        self.filters: Filters = {
            "owner": first.owner_id,
            "segment": first.segment_id,
            "source": first.lead.source,
        }
        self.wide_filters: Filters = {name: self.filters[name] for name in ("segment", "source")}
        self.asked = (history.company.agreement, self.last)

    def month(self) -> list[FigureRow]:
        return figures([self.last], self._all, self._moment)

    def years(self) -> list[FigureRow]:
        return figures(self._months, self._all, self._moment)

    def filtered(self) -> list[FigureRow]:
        return figures([self.last], replace(self._wide, owner=str(self.filters["owner"])), self._moment)

    def filtered_widely(self) -> list[FigureRow]:
        return figures([self.last], self._wide, self._moment)

    @property
    def _wide(self) -> Selection:
        return replace(self._all, segment=str(self.filters["segment"]), source=self.filters["source"])

    def a_second(self, reading: Callable[[], object]) -> float:
        return rate(reading, 1, LENGTH)

    def agree(self) -> None:
        """Compare the figures of every way; Disagreement where they differ."""
        (month,), (filtered,), (wide,) = self.month(), self.filtered(), self.filtered_widely()
        ways = {
            "SQL": (month, by_sql(*self.asked, {})),
            "pandas": (month, by_pandas(*self.asked)),
            "objects": (month, by_objects(*self.asked)),
            "SQL, filtered": (filtered, by_sql(*self.asked, self.filters)),
            "SQL, filtered widely": (wide, by_sql(*self.asked, self.wide_filters)),
        }
        for way, (ours, theirs) in ways.items():
            if _plain(ours) != _rounded(theirs):
                raise Disagreement(f"{way}: {theirs}, and the product: {_plain(ours)}")


def _plain(row: FigureRow) -> Plain:
    return _rounded(
        Plain(
            handed_off=row["handed_off"],
            attempted=row["attempted"],
            median=row["elapsed_median"],
            p90=row["elapsed_p90"],
            not_connected=row["not_connected"],
            attempts=int(row["attempts"]),
            worked=row["worked"],
        )
    )


def _rounded(found: Plain) -> Plain:
    """To the millisecond: two ways to interpolate differ in the last digit."""
    rounded = found.copy()
    for name in LENGTHS:
        if (length := found[name]) is not None:
            rounded[name] = round(length, 3)
    return rounded


def _pages_a_second(browser: Client, name: str, readings: _Readings) -> float:
    """How many pages a second there would be if each took as long as the slowest of twenty."""
    query = urlencode({"agreement": "bench", "month": f"{readings.last.start:%Y-%m}"})
    lengths = []
    for _ in range(PAGES):
        began = perf_counter()
        answer = browser.get(f"{reverse(name)}?{query}", secure=True)
        page = answer.content
        lengths.append(perf_counter() - began)
        if answer.status_code != 200 or b'type="application/json"' not in page:
            raise Disagreement(f"{name} answered {answer.status_code} without a chart")
    return 1 / quantiles(lengths, n=20)[-1]


def _browser(history: History) -> Client:
    """A browser in which the director of sales is signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(history.director)
    return client
