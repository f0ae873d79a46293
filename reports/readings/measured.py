"""What a plan may start from: the rates as measured over the last twelve whole months whose leads are old enough.

The leads of a month are old enough once a usual sales cycle (the one that nine deals in ten stay within) has passed
since its end. Where no month is, the youngest whole months serve, and it is said that their leads are still young.
Rates are those of `recalibration_report`; by segment they are the same, each over its own leads.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from django.core.cache import cache
from django.db import connection

from agreements.exact import exact
from agreements.models import Agreement
from agreements.terms import company_zone
from reports.periods import Period
from reports.readings.recalibration import FIRST_WON, KNOWN, USUAL_CYCLE, WON, recalibration_report
from reports.readings.scope import Scope, build_scope
from reports.readings.selection import where_leads
from reports.recalibration import Estimate, bootstrap_ratio, wilson
from reports.shares import share
from reports.speed import Summary

MONTHS = 12
SEGMENT_RESAMPLES = 500
KEPT_SECONDS = 600
"""Rates over a year hardly move in ten minutes; the inputs beside them are moved several times a second."""

NOTHING = Estimate(None, 0, None, None)

FIRST_LEAD = """
SELECT min(l.qualified_on) FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND {condition}
"""
CAME = """
SELECT l.origin, l.source, l.campaign, l.segment_id, count(*)
FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.qualified_on >= %(start)s AND l.qualified_on < %(end)s AND l.qualified_at <= %(now)s AND {condition}
GROUP BY 1, 2, 3, 4
"""
WON_BY_SEGMENT = """
SELECT l.segment_id, sum(w.amount) FILTER (WHERE {known})
FROM ({won}) w JOIN leads_lead l ON l.id = w.lead_id
WHERE w.origin = 'marketing' AND w.qualified_on >= %(start)s AND w.qualified_on < %(end)s
    AND w.qualified_at <= %(now)s
GROUP BY w.lead_id, l.segment_id
"""
ATTEMPTS = """
SELECT count(*), sum(h.attempts)
FROM leads_lead l JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s
    AND l.qualified_at <= %(now)s AND {condition}
"""


@dataclass(frozen=True, slots=True)
class SegmentRates:
    """The rates of one segment's leads; `share` is its part of the revenue from marketing."""

    share: Fraction | None
    average_deal: Estimate
    close_rate: Estimate


@dataclass(frozen=True, slots=True)
class Measured:
    """The rates of a period. `sources` and `campaigns` are marketing leads by name, most first."""

    period: Period
    is_immature: bool
    currency: str
    close_rate: Estimate
    average_deal: Estimate
    marketing_share: Estimate
    cycle_days: Summary
    segments: dict[int, SegmentRates]
    sources: tuple[tuple[str, int], ...]
    campaigns: tuple[tuple[str, int], ...]
    attempts: Estimate
    sales_leads_a_month: Fraction
    revenue_a_month: Fraction
    as_of: dt.datetime

    @property
    def is_empty(self) -> bool:
        return not self.close_rate.n


def measured_rates(agreement: Agreement | None, *, now: dt.datetime) -> Measured:
    """Return the measured rates of an agreement's leads, or of all.

    Their intervals take a second of work, so a process keeps them for a while; `as_of` says since when.
    """
    key = f"measured-rates-{agreement.pk if agreement else 'all'}-{now:%Y-%m-%d}"
    kept: Measured | None = cache.get(key)
    if kept is None:
        kept = _measure(agreement, now)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _measure(agreement: Agreement | None, now: dt.datetime) -> Measured:
    today = now.astimezone(agreement.zone if agreement else company_zone()).date()
    this_month = today.replace(day=1)
    scope = build_scope(period=Period(_before(this_month, MONTHS), this_month), now=now, agreement=agreement)
    scope = _old_enough(scope)
    report = recalibration_report(scope)
    came, won, attempts = _counts(scope, report.currency)
    marketing = [row for row in came if row[0] == "marketing"]
    months = max(1, round(len(scope.period) / 30.4))
    return Measured(
        period=scope.period,
        is_immature=report.cohort.is_immature,
        currency=report.currency,
        close_rate=report.cohort.close_rate,
        average_deal=report.cohort.average_deal,
        marketing_share=report.cohort.marketing_share,
        cycle_days=report.cycle_days,
        segments=_segment_rates(marketing, won),
        sources=_by_name(marketing, 1),
        campaigns=_by_name(marketing, 2),
        attempts=attempts,
        sales_leads_a_month=Fraction(sum(row[4] for row in came if row[0] != "marketing"), months),
        revenue_a_month=Fraction(report.cohort.revenue_all) / months,
        as_of=now,
    )


def _before(month: dt.date, count: int) -> dt.date:
    index = month.year * 12 + month.month - 1 - count
    return dt.date(index // 12, index % 12 + 1, 1)


def _old_enough(scope: Scope) -> Scope:
    """Return the scope over the last whole months old enough, from the first lead on; else over the last ones."""
    condition, parameters = where_leads(scope.selection)
    parameters |= {"now": scope.moment.at}
    with connection.cursor() as cursor:
        first_won = FIRST_WON.format(won=f"({WON.format(condition=condition)})")
        asked = FIRST_LEAD.format(condition=condition), USUAL_CYCLE.format(first=f"({first_won})")
        cursor.execute("SELECT ({}), ({})".format(*asked), parameters)
        ((first, usual),) = cursor.fetchall()
    if first is None:
        return scope
    last = scope.period.end
    start = first.replace(day=1)
    if usual is not None:
        old = (scope.as_of_day - dt.timedelta(days=max(0, ceil(usual)))).replace(day=1)
        last = old if old > start else last
    if last <= start:  # the first month of all is still running
        return scope_over(scope, Period(start, scope.as_of_day + dt.timedelta(days=1)))
    return scope_over(scope, Period(max(_before(last, MONTHS), start), last))


def scope_over(scope: Scope, period: Period) -> Scope:
    """Return the same scope over another period."""
    return Scope(period, scope.selection, scope.moment, scope.zone)


def _counts(scope: Scope, currency: str) -> tuple[list[Any], list[Any], Estimate]:
    condition, parameters = where_leads(scope.selection)
    texts = {"condition": condition, "won": WON.format(condition=condition), "known": KNOWN}
    parameters |= {
        "start": scope.period.start,
        "end": scope.period.end,
        "now": scope.moment.at,
        "currency": currency,
    }
    with connection.cursor() as cursor:
        cursor.execute(CAME.format(**texts), parameters)
        came = list(cursor.fetchall())
        cursor.execute(WON_BY_SEGMENT.format(**texts), parameters)
        won = list(cursor.fetchall())
        cursor.execute(ATTEMPTS.format(**texts), parameters)
        ((n, made),) = cursor.fetchall()
    return came, won, Estimate(Fraction(made, n), n, None, None) if n else NOTHING


def _by_name(rows: list[Any], column: int) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row[column]] += row[4]
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _segment_rates(came: list[Any], won: list[Any]) -> dict[int, SegmentRates]:
    leads: dict[int, int] = defaultdict(int)
    customers: dict[int, int] = defaultdict(int)
    amounts: dict[int, list[Decimal]] = defaultdict(list)
    for row in came:
        leads[row[3] or 0] += row[4]
    for segment, amount in won:
        customers[segment or 0] += 1
        if amount is not None:
            amounts[segment or 0].append(amount)
    revenue = sum((sum(of_one, Decimal(0)) for of_one in amounts.values()), Decimal(0))
    rates = {}
    for segment, n in leads.items():
        low, high = wilson(min(customers[segment], n), n)
        pairs = [(exact(amount, "amount"), Fraction(1)) for amount in amounts[segment]]
        rates[segment] = SegmentRates(
            share=share(sum(amounts[segment], Decimal(0)), revenue).value,
            average_deal=bootstrap_ratio(pairs, seed=1, resamples=SEGMENT_RESAMPLES),
            close_rate=Estimate(share(customers[segment], n).value, n, low, high),
        )
    return rates
