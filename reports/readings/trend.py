"""The measured rates of several months beside each other, each by the definitions of `recalibration_report`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from reports.periods import Period
from reports.readings.figures import where_leads
from reports.readings.recalibration import KNOWN, WON
from reports.readings.scope import Scope
from reports.shares import Share, share


@dataclass(frozen=True, slots=True)
class MonthRates:
    """One month's rates, same-month, and the close rate of the leads qualified in it."""

    month: Period
    marketing_leads: int
    customers: int
    close_rate: Share
    average_deal: Share
    marketing_share: Share
    cohort_customers: int
    cohort_close_rate: Share


NOTHING = (0, 0, Decimal(0), Decimal(0), Decimal(0))
MONTHS = "unnest(%(starts)s::date[], %(ends)s::date[]) AS p(starts_on, ends_on)"
LEADS = f"""
SELECT p.starts_on, count(l.id) FROM {MONTHS}
    JOIN leads_lead l ON l.qualified_on >= p.starts_on AND l.qualified_on < p.ends_on
    LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_at <= %(now)s AND {{condition}}
GROUP BY p.starts_on
"""
SAME_MONTH = f"""
SELECT p.starts_on, count(DISTINCT w.lead_id) FILTER (WHERE w.origin = 'marketing'),
    count(DISTINCT w.lead_id) FILTER (WHERE w.origin = 'marketing' AND {{known}}),
    coalesce(sum(w.amount) FILTER (WHERE w.origin = 'marketing' AND w.lead_id IS NOT NULL AND {{known}}), 0),
    coalesce(sum(w.amount) FILTER (WHERE w.origin = 'marketing' AND {{known}}), 0),
    coalesce(sum(w.amount) FILTER (WHERE {{known}}), 0)
FROM {MONTHS} JOIN ({{won}}) w ON w.closed_on >= p.starts_on AND w.closed_on < p.ends_on
GROUP BY p.starts_on
"""
COHORT = f"""
SELECT p.starts_on, count(DISTINCT w.lead_id)
FROM {MONTHS} JOIN ({{won}}) w ON w.qualified_on >= p.starts_on AND w.qualified_on < p.ends_on
WHERE w.origin = 'marketing' AND w.qualified_at <= %(now)s
GROUP BY p.starts_on
"""


def monthly_rates(scope: Scope, months: Sequence[Period], currency: str) -> list[MonthRates]:
    """Return the rates of each month, in order; the filters and the instant are the scope's.

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

        def ask(statement: str) -> dict[Any, tuple[Any, ...]]:
            cursor.execute(statement.format(**texts), parameters)
            return {row[0]: row[1:] for row in cursor.fetchall()}

        leads, same, cohorts = ask(LEADS), ask(SAME_MONTH), ask(COHORT)
    rates = []
    for month in months:
        (marketing_leads,) = leads.get(month.start, (0,))
        customers, paying, of_known, of_marketing, of_all = same.get(month.start, NOTHING)
        (won,) = cohorts.get(month.start, (0,))
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
            )
        )
    return rates
