"""The measured rates of several months, quarters or years beside each other, each by the definitions of
`recalibration_report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from reports.periods import Period
from reports.readings.recalibration import KNOWN, WON
from reports.readings.scope import Scope
from reports.readings.selection import where_leads
from reports.recalibration import is_immature, wilson
from reports.shares import Share, share


@dataclass(frozen=True, slots=True)
class MonthRates:
    """The rates of one month, quarter or year, same-month, and the close rate of the leads qualified in it.

    `is_immature`: these leads are younger than a usual sales cycle.
    """

    month: Period
    marketing_leads: int
    customers: int
    close_rate: Share
    average_deal: Share
    marketing_share: Share
    cohort_customers: int
    cohort_close_rate: Share
    cohort_interval: tuple[Fraction | None, Fraction | None]
    is_immature: bool


MONTHS = "unnest(%(starts)s::date[], %(ends)s::date[]) AS p(starts_on, ends_on)"
LEADS = f"""
SELECT p.starts_on, count(l.id) AS leads FROM {MONTHS}
    JOIN leads_lead l ON l.qualified_on >= p.starts_on AND l.qualified_on < p.ends_on
    LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_at <= %(now)s AND {{condition}}
GROUP BY p.starts_on
"""
SAME_MONTH = f"""
SELECT p.starts_on, count(DISTINCT w.lead_id) FILTER (WHERE w.origin = 'marketing') AS customers,
    count(DISTINCT w.lead_id) FILTER (WHERE w.origin = 'marketing' AND {{known}}) AS paying,
    sum(w.amount) FILTER (WHERE w.origin = 'marketing' AND w.lead_id IS NOT NULL AND {{known}}) AS of_customers,
    sum(w.amount) FILTER (WHERE w.origin = 'marketing' AND {{known}}) AS of_marketing,
    sum(w.amount) FILTER (WHERE {{known}}) AS of_all
FROM {MONTHS} JOIN ({{won}}) w ON w.closed_on >= p.starts_on AND w.closed_on < p.ends_on
GROUP BY p.starts_on
"""
COHORT = f"""
SELECT p.starts_on, count(DISTINCT w.lead_id) AS won
FROM {MONTHS} JOIN ({{won}}) w ON w.qualified_on >= p.starts_on AND w.qualified_on < p.ends_on
WHERE w.origin = 'marketing' AND w.qualified_at <= %(now)s
GROUP BY p.starts_on
"""
TREND = f"""
SELECT coalesce(leads, 0), coalesce(customers, 0), coalesce(paying, 0), coalesce(of_customers, 0),
    coalesce(of_marketing, 0), coalesce(of_all, 0), coalesce(won, 0)
FROM {MONTHS} LEFT JOIN ({LEADS}) came USING (starts_on) LEFT JOIN ({SAME_MONTH}) closed USING (starts_on)
    LEFT JOIN ({COHORT}) cohort USING (starts_on)
ORDER BY starts_on
"""


def monthly_rates(
    scope: Scope, months: Sequence[Period], currency: str, *, usual_cycle_days: Fraction | None = None
) -> list[MonthRates]:
    """Return the rates of each month (or longer period), in order; the filters and the instant are the scope's.

    Amounts in another currency than the one given are left out, as in the report that found it.
    """
    condition, parameters = where_leads(scope.selection)
    texts = {"condition": condition, "won": WON.format(condition=condition), "known": KNOWN}
    parameters |= {
        "starts": [month.start for month in months],
        "ends": [month.end for month in months],
        "now": scope.moment.at,
        "currency": currency,
    }
    with connection.cursor() as cursor:
        cursor.execute(TREND.format(**texts), parameters)
        rows = list(cursor.fetchall())
    rates = []
    for month, row in zip(months, rows, strict=True):
        marketing_leads, customers, paying, of_known, of_marketing, of_all, won = row
        rates.append(
            MonthRates(
                month=month,
                marketing_leads=marketing_leads,
                customers=customers,
                close_rate=share(customers, marketing_leads),
                average_deal=share(of_known, paying),
                marketing_share=share(of_marketing, of_all),
                cohort_customers=won,
                cohort_close_rate=share(won, marketing_leads),
                cohort_interval=wilson(won, marketing_leads),
                is_immature=is_immature(
                    cohort_end=month.end, as_of_day=scope.as_of_day, cycle_p90_days=usual_cycle_days
                ),
            )
        )
    return rates
