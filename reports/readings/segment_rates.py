"""The rates of each segment, two ways, by the definitions of `recalibration_report`; and the leads that sales found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection

from reports.measured_plan import Rates, Way
from reports.readings.recalibration import KNOWN, WON
from reports.readings.scope import Scope
from reports.readings.selection import where_leads


@dataclass(frozen=True, slots=True)
class Measurements:
    """Rates by way and segment (by its id; 0 for leads without one), and how many leads of the time sales found."""

    segments: Mapping[Way, Mapping[int, Rates]]
    sales_leads: int


LEADS = """
SELECT coalesce(l.segment_id, 0) AS segment, count(*) FILTER (WHERE l.origin = 'marketing') AS leads,
    count(*) FILTER (WHERE l.origin <> 'marketing') AS others
FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.qualified_on >= %(start)s AND l.qualified_on < %(end)s AND l.qualified_at <= %(now)s AND {condition}
GROUP BY 1
"""
# A customer is a lead with a won deal, in the time or ever; `paid` one of whose deals the amount is known.
CUSTOMERS = """
SELECT coalesce(l.segment_id, 0) AS segment, count(*) AS customers, count(w.amount) AS paid,
    coalesce(sum(w.amount), 0) AS revenue
FROM (SELECT w.lead_id, sum(w.amount) FILTER (WHERE {known}) AS amount FROM ({won}) w
    WHERE w.origin = 'marketing' AND w.lead_id IS NOT NULL AND {when} GROUP BY w.lead_id) w
    JOIN leads_lead l ON l.id = w.lead_id
GROUP BY 1
"""
CLOSED_THEN = "w.closed_on >= %(start)s AND w.closed_on < %(end)s"
LEAD_OF_THEN = "w.qualified_on >= %(start)s AND w.qualified_on < %(end)s AND w.qualified_at <= %(now)s"
BY_SEGMENT = """
SELECT segment, coalesce(leads.leads, 0), coalesce(leads.others, 0),
    coalesce(closed.customers, 0), coalesce(closed.paid, 0), coalesce(closed.revenue, 0),
    coalesce(ever.customers, 0), coalesce(ever.paid, 0), coalesce(ever.revenue, 0)
FROM ({leads}) leads FULL JOIN ({closed}) closed USING (segment) FULL JOIN ({ever}) ever USING (segment)
"""


def measurements(scope: Scope, currency: str) -> Measurements:
    """Return the rates of the scope's period by segment; amounts in another currency are left out."""
    condition, parameters = where_leads(scope.selection)
    parameters |= {
        "start": scope.period.start,
        "end": scope.period.end,
        "now": scope.moment.at,
        "currency": currency,
    }
    won = WON.format(condition=condition)
    statement = BY_SEGMENT.format(
        leads=LEADS.format(condition=condition),
        closed=CUSTOMERS.format(known=KNOWN, won=won, when=CLOSED_THEN),
        ever=CUSTOMERS.format(known=KNOWN, won=won, when=LEAD_OF_THEN),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = list(cursor.fetchall())
    return Measurements(
        segments={
            Way.SAME_MONTH: {row[0]: _rates(row[1], *row[3:6]) for row in rows},
            Way.COHORT: {row[0]: _rates(row[1], *row[6:9]) for row in rows},
        },
        sales_leads=sum(row[2] for row in rows),
    )


def _rates(leads: int, customers: int, paid: int, revenue: Any) -> Rates:
    return Rates(leads, customers, Fraction(revenue) / paid if paid else None)
