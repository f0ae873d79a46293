"""The plan's inputs as measured: close rate, average deal, marketing share, sales cycle, two ways.

Same-month sets the events of the period side by side; cohort follows the leads qualified in it. Amounts in
another currency than most are left out of revenue and counted as such; so are won deals without an amount.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection

from reports.periods import Period
from reports.readings.numbers import number, share_json
from reports.readings.scope import Scope
from reports.readings.selection import where_leads
from reports.recalibration import (
    Cohort,
    Deal,
    Estimate,
    SameMonth,
    cohort,
    cycle_days,
    is_immature,
    same_month,
)
from reports.shares import share
from reports.speed import Summary


@dataclass(frozen=True, slots=True)
class RecalibrationReport:
    """Measured rates of one period, as of an instant.

    `usual_cycle_days`: nine in ten of all won deals took no longer; None where none was won.
    """

    period: Period
    as_of: dt.datetime
    currency: str
    left_out: int
    same_month: SameMonth
    cohort: Cohort
    cycle_days: Summary
    won_before_qualified: int
    usual_cycle_days: Fraction | None

    def as_json(self) -> dict[str, Any]:
        """Return the report as the `report` command prints it."""
        same, young = self.same_month, self.cohort
        return {
            "from": self.period.start.isoformat(),
            "to": self.period.end.isoformat(),
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "deals_left_out": self.left_out,
            "same_month": {
                "marketing_leads": same.marketing_leads,
                "customers": same.customers,
                "close_rate": share_json(same.close_rate),
                "average_deal": number(same.average_deal.value),
                "marketing_share": share_json(same.marketing_share),
                "revenue_marketing": number(same.revenue_marketing),
                "revenue_all": number(same.revenue_all),
            },
            "cohort": {
                "marketing_leads": young.marketing_leads,
                "customers": young.customers,
                "close_rate": share_json(share(young.customers, young.marketing_leads)),
                "close_rate_interval": _interval(young.close_rate),
                "average_deal": number(young.average_deal.value),
                "average_deal_interval": _interval(young.average_deal),
                "marketing_share": share_json(share(young.revenue_marketing, young.revenue_all)),
                "marketing_share_interval": _interval(young.marketing_share),
                "revenue_marketing": number(young.revenue_marketing),
                "revenue_all": number(young.revenue_all),
                "is_immature": young.is_immature,
            },
            "cycle_days": {
                "n": self.cycle_days.n,
                "average": number(self.cycle_days.average),
                "median": number(self.cycle_days.median),
                "p90": number(self.cycle_days.p90),
                "won_before_qualified": self.won_before_qualified,
            },
        }


def _interval(estimate: Estimate) -> dict[str, Any] | None:
    if estimate.low is None or estimate.high is None:
        return None
    return {"low": number(estimate.low), "high": number(estimate.high), "n": estimate.n}


# A deal with its lead, and what the filters look at. Deals of leads unknown here go by their own origin.
WON = """
SELECT d.closed_on, d.amount, d.currency, l.id AS lead_id, coalesce(l.origin, d.origin) AS origin, l.qualified_on,
    l.qualified_at
FROM leads_deal d LEFT JOIN leads_lead l ON l.id = d.lead_id
    LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE d.is_won AND d.closed_at <= %(now)s AND {condition}
"""
LEADS = """
SELECT count(*) FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s
    AND l.qualified_at <= %(now)s AND {condition}
"""
FIRST_WON = """
SELECT min(w.closed_on) AS closed_on, min(w.closed_on) - min(w.qualified_on) AS days
FROM {won} w WHERE w.origin = 'marketing' AND w.lead_id IS NOT NULL GROUP BY w.lead_id
"""
USUAL_CYCLE = "SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY first.days) FROM {first} first"
KNOWN = "w.amount IS NOT NULL AND w.currency = %(currency)s"
# The currency of most of the deals won.
OF_MOST = """
SELECT p.currency FROM {won} p WHERE p.amount IS NOT NULL GROUP BY p.currency
ORDER BY count(*) DESC, p.currency LIMIT 1
"""
# Amounts are known in the currency of most; nine in ten were won within the cycle that is usual.
MEASURED = f"""
WITH priced AS MATERIALIZED ({{won}}), most AS ({OF_MOST.format(won="priced")}), won AS (
    SELECT p.*, p.origin = 'marketing' AS is_marketing, p.amount IS NOT NULL AND p.currency = most.currency AS is_known
    FROM priced p LEFT JOIN most ON true
), first AS ({FIRST_WON.format(won="won")}), cohort AS (
    SELECT w.is_marketing, sum(w.amount) FILTER (WHERE w.is_known) AS amount
    FROM won w WHERE w.qualified_on >= %(start)s AND w.qualified_on < %(end)s AND w.qualified_at <= %(now)s
    GROUP BY w.lead_id, w.is_marketing
)
SELECT (SELECT currency FROM most), ({USUAL_CYCLE.format(first="first AS")}),
    ARRAY(SELECT days FROM first WHERE closed_on >= %(start)s AND closed_on < %(end)s),
    ARRAY(SELECT amount FROM cohort WHERE is_marketing), ARRAY(SELECT amount FROM cohort WHERE NOT is_marketing),
    ({{leads}}), count(DISTINCT w.lead_id) FILTER (WHERE w.is_marketing),
    count(DISTINCT w.lead_id) FILTER (WHERE w.is_marketing AND w.is_known),
    coalesce(sum(w.amount) FILTER (WHERE w.is_marketing AND w.lead_id IS NOT NULL AND w.is_known), 0),
    coalesce(sum(w.amount) FILTER (WHERE w.is_marketing AND w.is_known), 0),
    coalesce(sum(w.amount) FILTER (WHERE w.is_known), 0),
    count(*) FILTER (WHERE NOT coalesce(w.is_known, false))
FROM won w WHERE w.closed_on >= %(start)s AND w.closed_on < %(end)s
"""


def recalibration_report(scope: Scope) -> RecalibrationReport:
    """Return the measured rates of the scope's period."""
    condition, parameters = where_leads(scope.selection)
    won, leads = (statement.format(condition=condition) for statement in (WON, LEADS))
    parameters |= {"start": scope.period.start, "end": scope.period.end, "now": scope.moment.at}
    with connection.cursor() as cursor:
        cursor.execute(MEASURED.format(won=won, leads=leads), parameters)
        currency, usual, cycles, cohort_marketing, cohort_others, *of_month = cursor.fetchone()
    usual_days = None if usual is None else Fraction(usual)
    marketing_leads, customers, paying, revenue_customers, revenue_marketing, revenue_all, left_out = of_month
    of_cohort = [(amount, True) for amount in cohort_marketing] + [
        (amount, False) for amount in cohort_others
    ]
    return RecalibrationReport(
        period=scope.period,
        as_of=scope.moment.at,
        currency=currency or "",
        left_out=left_out,
        same_month=same_month(
            marketing_leads=marketing_leads,
            customers=customers,
            paying_customers=paying,
            revenue_customers=revenue_customers,
            revenue_marketing=revenue_marketing,
            revenue_all=revenue_all,
        ),
        cohort=cohort(
            marketing_leads=marketing_leads,
            customers=len(cohort_marketing),
            deals=[Deal(amount, is_marketing) for amount, is_marketing in of_cohort if amount is not None],
            is_immature=is_immature(
                cohort_end=scope.period.end,
                as_of_day=scope.as_of_day,
                cycle_p90_days=usual_days,
            ),
        ),
        cycle_days=cycle_days(cycles),
        won_before_qualified=sum(1 for days in cycles if days < 0),
        usual_cycle_days=usual_days,
    )
