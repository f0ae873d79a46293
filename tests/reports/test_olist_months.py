"""Months of a funnel's two files: what the product says of them is what counting the files by hand says.

Waterfalls and rates are asked of `manage.py report`, landings of what the page reads. `make proof` does so with
Olist's twelve months, and prints them from both sides.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command

from agreements.models import Agreement
from leads.intake.runs import ImportOptions, run_import
from reports import rollups
from reports.forecast import Landing
from reports.periods import month_of
from reports.readings.goals import business_days
from reports.readings.landing import month_landing
from reports.readings.scope import build_scope
from reports.readings.waterfall import waterfall_report
from tests import factories
from tests.oracles.funnel_files import Agreed, Funnel
from tests.worlds.comparison import different

BASE = Path(__file__).resolve().parents[2]
OLIST = BASE.parent / "shared" / "data" / "olist"
MAPPINGS = BASE / "tests" / "leads" / "mappings"
ZONE = "America/Sao_Paulo"
IMPORTED_AT = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
MONTHS = [dt.date(2017 + n // 12, n % 12 + 1, 1) for n in range(5, 17)]
MID_MONTH = 16
"""The day on which a month is looked at by its middle: 15 days of it are over."""
DAYS_OFF = [
    dt.date.fromisoformat(on)
    for on in (
        *("2017-06-15", "2017-09-07", "2017-10-12", "2017-11-02", "2017-11-15", "2017-12-25"),
        *("2018-01-01", "2018-02-12", "2018-02-13", "2018-03-30", "2018-05-01", "2018-05-31"),
    )
]


def promised(months: list[dt.date], *, amended_on: dt.date, by_business_days: bool) -> list[Agreed]:
    """Goals that differ by the month, amended within one of them."""
    first = {month: 300 + 70 * n for n, month in enumerate(months)}
    amended = {month: goal + 250 for month, goal in first.items() if month_of(month).end > amended_on}
    return [Agreed(months[0], first), Agreed(amended_on, amended, by_business_days)]


def load(leads: Path, deals: Path, funnel: Funnel) -> Agreement:
    """Sign what was agreed, import both files under it, and refresh the figures."""
    days_off = sorted(day.isoformat() for day in funnel.days_off)
    hours = factories.calendar("Brazil", tz=ZONE, is_default=True, holidays=days_off)
    agreement = factories.agreement("funnel", time_zone=ZONE, calendar=hours)
    for terms in funnel.agreed:
        profile = "business_days" if terms.by_business_days else "calendar_days"
        factories.signed(
            agreement, starts_on=terms.starts_on, goals=terms.goals, goal_terms={"profile": profile}
        )
    for kind, path in (("leads", leads), ("deals", deals)):
        options = ImportOptions(
            mapping=MAPPINGS / f"olist_{kind}.toml", time_zone=ZONE, agreement=agreement.slug
        )
        result = run_import(kind=kind, stream_or_path=path, options=options, now=IMPORTED_AT)
        assert result.rejected == 0
    rollups.refresh(now=IMPORTED_AT)
    return agreement


def reported(report: str, month: dt.date, *more: str) -> Any:
    """What `manage.py report` prints."""
    out = StringIO()
    period = month_of(month)
    call_command(
        "report",
        report,
        f"--from={period.start}",
        f"--to={period.end}",
        "--agreement=funnel",
        *more,
        stdout=out,
    )
    return json.loads(out.getvalue())


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 15, tzinfo=dt.UTC)


def landing_on(agreement: Agreement, day: dt.date) -> Landing | None:
    scope = build_scope(period=month_of(day), now=noon(day), agreement=agreement)
    return month_landing(scope, "handed_off", business_days(scope))


def differences(agreement: Agreement, funnel: Funnel, month: dt.date) -> Iterator[str]:
    """Every place of a month where the product says something else than the files, with its name."""
    period = month_of(month)
    expected = funnel.waterfall(month, period.end)
    yield from different(reported("waterfall", month)["days"], expected, f"{month} waterfall")
    middle = month.replace(day=MID_MONTH)
    scope = build_scope(period=period, now=noon(middle), agreement=agreement)
    said = waterfall_report(scope).as_json()["days"]
    yield from different(said, funnel.waterfall(month, middle), f"{month} waterfall on {middle}")
    yield from different(
        reported("recalibration", month), funnel.rates(month, IMPORTED_AT), f"{month} recalibration"
    )
    for then in (noon(period.end), noon(period.end + dt.timedelta(days=60))):
        said = reported("recalibration", month, f"--as-of={then.isoformat()}")
        yield from different(said, funnel.rates(month, then), f"{month} recalibration as of {then}")
    for day in period:
        found, landing = landing_on(agreement, day), funnel.landing(day)
        said_ends = found and (found.projected, found.low, found.high, found.checked_months)
        yield from different(said_ends, landing, f"landing on {day}")


def written(folder: Path, months: list[dt.date], seed: int) -> tuple[Path, Path]:
    """Two files of Olist's shape: few leads on weekends, a leap, sources left blank, some won before being leads."""
    random = Random(seed)
    leads, deals = folder / "leads.csv", folder / "deals.csv"
    with leads.open("w", newline="") as of_leads, deals.open("w", newline="") as of_deals:
        rows, won = csv.writer(of_leads), csv.writer(of_deals)
        rows.writerow(["mql_id", "first_contact_date", "landing_page_id", "origin"])
        won.writerow(["mql_id", "seller_id", "sdr_id", "sr_id", "won_date"])
        for month in months:
            for day in month_of(month):
                times = 4 if day >= months[1].replace(day=20) else 1
                for number in range(times * random.randrange(2 if day.weekday() > 4 else 8)):
                    key = f"{day:%Y%m%d}{number:02}"
                    rows.writerow([key, day, "page", random.choice(["social", "unknown", ""])])
                    if random.random() < 0.15:
                        on = day + dt.timedelta(days=random.choice([-1, 0, 3, 20, 45, 90]))
                        won.writerow([key, "seller", "sdr", "sr", f"{on} {random.randrange(24):02}:58:54"])
    return leads, deals


@pytest.mark.django_db
def test_a_funnels_months_are_what_its_files_say(tmp_path):
    months = MONTHS[6:9]
    leads, deals = written(tmp_path, months, seed=3)
    agreed = promised(months, amended_on=dt.date(2018, 2, 8), by_business_days=True)
    funnel = Funnel.read(leads, deals, zone=ZONE, days_off=DAYS_OFF, agreed=agreed)
    agreement = load(leads, deals, funnel)
    found = [one for month in months for one in differences(agreement, funnel, month)]
    assert not found, "\n".join(found[:20])
    landings = [funnel.landing(month.replace(day=MID_MONTH)) for month in months]
    assert all(one is not None and one[1] < one[0] < one[2] for one in landings)
    assert any(funnel.rates(month, IMPORTED_AT)["cycle_days"]["won_before_qualified"] for month in months)


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.skipif(not OLIST.is_dir(), reason="../shared/data/olist is not here")
def test_olists_twelve_months_are_what_its_files_say():
    leads = OLIST / "olist_marketing_qualified_leads_dataset.csv"
    deals = OLIST / "olist_closed_deals_dataset.csv"
    agreed = promised(MONTHS, amended_on=dt.date(2018, 3, 12), by_business_days=False)
    funnel = Funnel.read(leads, deals, zone=ZONE, days_off=DAYS_OFF, agreed=agreed)
    agreement = load(leads, deals, funnel)
    print("\nOlist: of each month the product's line first, then what the files say\n" + HEADING)
    for month in MONTHS:
        middle = month.replace(day=MID_MONTH)
        found, ends = landing_on(agreement, middle), funnel.landing(middle)
        said_ends = found and (found.projected, found.low, found.high)
        print(line(month, reported("waterfall", month)["days"], reported("recalibration", month), said_ends))
        days, rates = funnel.waterfall(month, month_of(month).end), funnel.rates(month, IMPORTED_AT)
        print(line(month, days, rates, ends and ends[:3]))
    wrong = [one for month in MONTHS for one in differences(agreement, funnel, month)]
    compared = sum(len(month_of(month)) for month in MONTHS)
    print(f"{len(MONTHS)} months, {compared} days and landings: {len(wrong)} differences")
    assert not wrong, "\n".join(wrong[:20])


HEADING = (
    "month   | goal    | came | cohort won of leads, rate, 95 % interval  | same month | cycles, average, median "
    "| landing on the 16th, 80 % interval"
)


def line(
    month: dt.date, days: list[dict[str, Any]], rates: dict[str, Any], ends: tuple[int, int, int] | None
) -> str:
    """One side's figures of a month."""
    cohort, same, cycle = rates["cohort"], rates["same_month"], rates["cycle_days"]
    won, leads, between = cohort["customers"], cohort["marketing_leads"], cohort["close_rate_interval"]
    average, median = (float(cycle[name]) if cycle["n"] else float("nan") for name in ("average", "median"))
    landing = "{}, {} to {}".format(*ends) if ends else "–"
    return (
        f"{month:%Y-%m} | {float(days[-1]['goal_cumulative']):7.2f} | {days[-1]['actual_cumulative']:4} | "
        f"{won:3} of {leads:4}, {won / leads:8.4%}, {float(between['low']):8.4%} to {float(between['high']):8.4%} | "
        f"{same['customers']:3} of {same['marketing_leads']:4} | {cycle['n']:3}, {average:8.3f}, {median:6.1f} | "
        f"{landing}"
    )
