"""Exactly the rows that a waterfall counts: each lead of its days, by name only for who may know it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from agreements.models import Commitment
from leads.models import HandOff, Lead
from reports.hand_off_facts import AS_OF, STORED, words
from reports.periods import Period
from reports.readings.scope import Scope
from reports.readings.selection import where, where_leads

Measure = Commitment.Measure
ROWS_A_PAGE, ROWS_AT_ONCE = 50, 2_000

# Which of the hand-offs that count towards the goal a measure takes, as `hand_off_facts.AGGREGATES` counts them.
TAKEN = {
    Measure.HANDED_OFF: "true",
    Measure.VALUE: "true",
    Measure.ACCEPTED: "f.accepted_at IS NOT NULL",
    Measure.NET: "NOT (f.closed_as = 'rejected' AND NOT f.is_disputed)",
}
HAND_OFFS = """
SELECT f.id, h.lead_id, f.handed_off_on, f.lead_value, count(*) OVER (), sum(f.lead_value) OVER ()
FROM ({relation}) f JOIN leads_handoff h ON h.id = f.id
WHERE {taken} AND f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {condition}
ORDER BY f.handed_off_on, f.id LIMIT %(most)s OFFSET %(before)s
"""
QUALIFIED = """
SELECT h.id, l.id, l.qualified_on, 0, count(*) OVER (), 0
FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s
    AND l.qualified_at <= %(now)s AND {condition}
ORDER BY l.qualified_on, l.id LIMIT %(most)s OFFSET %(before)s
"""


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One lead that counts on a day. `may_know`: whether the reader may know whom it is about."""

    on: dt.date
    lead: Lead
    hand_off: HandOff | None
    value: Decimal
    may_know: bool

    @property
    def owner(self) -> str:
        if self.hand_off is None:
            return ""
        return str(self.hand_off.owner) if self.hand_off.owner else self.hand_off.owner_name


@dataclass(frozen=True, slots=True)
class Counted:
    """One page of the rows, `most` at most. `total` and `value` are of all pages."""

    rows: tuple[CountedRow, ...]
    total: int
    value: Decimal
    number: int
    most: int

    @property
    def has_next(self) -> bool:
        return self.number * self.most < self.total


Found = list[tuple[Any, ...]]


def counted(
    scope: Scope, measure: str, *, days: Period, user: Any, number: int, most: int = ROWS_A_PAGE
) -> Counted:
    """Return a page of the rows that the measure counts on these days; a page that is not there is the first."""
    return one_page(lambda page: _rows(scope, measure, days, page, most), user=user, number=number, most=most)


def one_page(read: Callable[[int], Found], *, user: Any, number: int, most: int) -> Counted:
    """Return a page of rows by its number, as `read` finds them; a page that is not there is the first.

    A row is found as the ids of hand-off and lead, the day, the value, and the number and value of all pages.
    """
    found = read(number)
    if not found and number > 1:
        number, found = 1, read(1)
    return Counted(
        rows=tuple(_told(found, user)),
        total=found[0][4] if found else 0,
        value=Decimal(found[0][5]) if found else Decimal(0),
        number=number,
        most=most,
    )


def all_counted(scope: Scope, measure: str, *, days: Period, user: Any) -> Iterator[CountedRow]:
    """Return all rows that the measure counts on these days."""
    return all_told(_rows(scope, measure, days, 1, None), user=user)


def all_told(found: Found, *, user: Any) -> Iterator[CountedRow]:
    """Return all rows that were found by one statement: what changes meanwhile moves none of them."""
    for first in range(0, len(found), ROWS_AT_ONCE):
        yield from _told(found[first : first + ROWS_AT_ONCE], user)


def _told(found: Found, user: Any) -> Iterator[CountedRow]:
    lead_ids = {lead_id for _id, lead_id, *_rest in found}
    leads = Lead.objects.select_related("segment").in_bulk(lead_ids)
    known = set(Lead.objects.visible_to(user).filter(pk__in=lead_ids).values_list("pk", flat=True))
    ids = [hand_off_id for hand_off_id, *_rest in found if hand_off_id is not None]
    hand_offs = HandOff.objects.select_related("owner", "team", "segment").in_bulk(ids)
    for hand_off_id, lead_id, on, value, _total, _value in found:
        if lead_id in leads:  # else it was deleted in this moment
            yield CountedRow(on, leads[lead_id], hand_offs.get(hand_off_id), value, lead_id in known)


def _rows(scope: Scope, measure: str, days: Period, number: int, most: int | None) -> Found:
    if measure == Measure.QUALIFIED:
        condition, parameters = where_leads(scope.selection)
        return _read(scope, QUALIFIED.format(condition=condition), parameters, days, number, most)
    return hand_off_rows(scope, f"f.is_counted AND {TAKEN[Measure(measure)]}", days, number, most)


def hand_off_rows(scope: Scope, taken: str, days: Period, number: int, most: int | None) -> Found:
    """Find a page of the hand-offs of these days that `taken`, SQL on facts `f`, takes; with no `most` all of them."""
    condition, parameters = where(scope.selection)
    relation = AS_OF if scope.moment.is_past else STORED
    statement = HAND_OFFS.format(relation=relation, taken=taken, condition=condition)
    return _read(scope, statement, parameters, days, number, most)


def _read(
    scope: Scope, statement: str, parameters: dict[str, Any], days: Period, number: int, most: int | None
) -> Found:
    asked = {
        **words(),
        **parameters,
        "now": scope.moment.at,
        "start": days.start,
        "end": days.end,
        "most": most,
        "before": (number - 1) * (most or 0),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found: Found = cursor.fetchall()
    return found
