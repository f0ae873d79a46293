"""How well the landing of a month is foretold, beside a straight line: over simulated companies, and over a real one.

Every month is forecast from the end of each of its days from the eighth on, as known then. A row per kind of company
and figure: how many of 100 intervals held what came (80 are meant to, 75 to 85 is the goal), the mean absolute error,
and the mean interval score, both less than the straight line's. That line goes on as the month did so far, by calendar
days; the rows "by business days" are those of a line that knows the days off.

The companies are made by `slaproject.bench.lead_worlds`, which knows nothing of the model; its constants were chosen
on other seeds. What their leads are worth, and so expected revenue, comes from `slaproject.bench.value_worlds`. The
real one is Olist, of which `../shared/data` holds the leads; without it its rows are left out.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from functools import reduce
from importlib import import_module
from operator import add
from pathlib import Path

from reports.back_test import BackTest, Scores, back_test, back_test_values
from slaproject.bench.lead_worlds import WORLDS
from slaproject.bench.rows import Row
from slaproject.bench.value_worlds import MIXES

OLIST = Path(__file__).resolve().parents[3] / "shared/data/olist/olist_marketing_qualified_leads_dataset.csv"
FIRST_ON = dt.date(2023, 1, 1)
OF_A_KIND, OF_A_MIX, SEED = 84, 28, 1000
DAYS, HISTORY_DAYS = 580, 300
MEANS = (2, 7, 25)
"""Leads of a business day, in turn."""
OLIST_HISTORY_DAYS = 17
LEAST, MEANT, MOST = 75, 80, 85


def run(leads: int | None = None) -> list[Row]:
    """Three rows for each kind of company, for all of them, and for Olist, where it is.

    ``leads`` is taken for the sake of the other benches.
    """
    by_kind = {kind: of_kind(kind, OF_A_KIND, SEED) for kind in WORLDS}
    all_kinds = together(by_kind.values())
    rows = [row for kind, found in by_kind.items() for row in _rows(kind, found)]
    rows += _rows(f"all {len(WORLDS) * OF_A_KIND} companies", all_kinds)
    for mix in MIXES:
        of_mix = together(of_kind_in_value(kind, mix, OF_A_MIX, SEED) for kind in WORLDS)
        rows += _rows(f"expected revenue, {mix}, {len(WORLDS) * OF_A_MIX} companies", of_mix, unit="money")
    if OLIST.is_file():
        rows += _rows("Olist", of_olist())
    return rows


def of_kind(kind: str, companies: int, seed: int) -> BackTest:
    """Return the back-test of so many simulated companies of one kind."""
    found = [
        back_test(
            WORLDS[kind](seed + n, FIRST_ON, DAYS, MEANS[n % len(MEANS)]),
            first_on=FIRST_ON,
            is_business_day=_is_weekday,
            history_days=HISTORY_DAYS,
        )
        for n in range(companies)
    ]
    return together(found)


def of_kind_in_value(kind: str, mix: str, companies: int, seed: int) -> BackTest:
    """Return the back-test of what the leads of so many companies of one kind are worth, mixed in one way."""
    return together(
        back_test_values(
            MIXES[mix](seed + n, WORLDS[kind](seed + n, FIRST_ON, DAYS, MEANS[n % len(MEANS)])),
            first_on=FIRST_ON,
            is_business_day=_is_weekday,
            history_days=HISTORY_DAYS,
        )
        for n in range(companies)
    )


def together(found: Iterable[BackTest]) -> BackTest:
    """Add back-tests up; at least one."""
    return reduce(add, found)


def of_olist() -> BackTest:
    """Return the back-test of Olist's leads, all months from July 2017 on: the first has 17 days before it."""
    with OLIST.open(encoding="utf-8", newline="") as file:
        days = Counter(dt.date.fromisoformat(row["first_contact_date"]) for row in csv.DictReader(file))
    first_on, last_on = min(days), max(days)
    length = (last_on - first_on).days + 1
    holidays = import_module("holidays").country_holidays("BR", years=range(first_on.year, last_on.year + 1))
    return back_test(
        [days[first_on + dt.timedelta(days=n)] for n in range(length)],
        first_on=first_on,
        is_business_day=lambda day: _is_weekday(day) and day not in holidays,
        history_days=OLIST_HISTORY_DAYS,
    )


def _rows(name: str, found: BackTest, unit: str = "leads") -> list[Row]:
    line, by_business_days = found.straight_line, found.business_line
    held = 100 * found.landing.mean("held")
    rows = [
        Row(
            name=f"{name}, held of 100 ({LEAST} to {MOST})",
            leads=None,
            product=held,
            yardstick=float(MEANT),
            unit="%",
            ratio=held / MEANT,
            goal=LEAST / MEANT,
            met=LEAST <= held <= MOST,
            runs={"product": [held], "yardstick": [100 * line.mean("held")]},
        )
    ]
    for figure, said in (("absolute_error", "mean absolute error"), ("interval_score", "interval score")):
        rows.append(_less(f"{name}, {said}", found.landing, line, figure, unit))
        rows.append(_less(f"{name}, {said}, by business days", found.landing, by_business_days, figure, unit))
    return rows


def _less(name: str, ours: Scores, theirs: Scores, figure: str, unit: str) -> Row:
    """The row of two sides' figures, of which less is better."""
    product, yardstick = ours.mean(figure), theirs.mean(figure)
    ratio = yardstick / product if product else float("inf")
    return Row(
        name=name,
        leads=None,
        product=product,
        yardstick=yardstick,
        unit=unit,
        ratio=ratio,
        goal=1,
        met=ratio > 1,
        runs={"product": [product], "yardstick": [yardstick]},
    )


def _is_weekday(day: dt.date) -> bool:
    return day.weekday() < 5
