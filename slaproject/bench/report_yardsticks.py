"""Other ways to the same figures of a month: SQL on the tables themselves, a loop over objects, and pandas.

Each returns the same plain figures, worked out from hand-offs and their attempts alone, none from what the product
keeps beside them. Lengths are elapsed seconds: business time would be another bench.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from django.db import connection
from django.db.models import Prefetch

from leads.models import FollowUpAttempt, HandOff
from reports.periods import Period

Filters = dict[str, Any]
"""Conditions on hand-offs: an owner's id, a segment's id, a source."""


class Plain(TypedDict):
    """What is compared: counts, and elapsed seconds to the first attempt."""

    handed_off: int
    attempted: int
    median: float | None
    p90: float | None
    not_connected: int
    attempts: int
    worked: int


BASE = """
WITH chosen AS (
    SELECT h.id, h.handed_off_at, h.closed_as FROM leads_handoff h JOIN leads_lead l ON l.id = h.lead_id
    WHERE h.agreement_id = %(agreement)s AND h.handed_off_on >= %(start)s AND h.handed_off_on < %(end)s
        AND (%(owner)s::bigint IS NULL OR h.owner_id = %(owner)s)
        AND (%(segment)s::bigint IS NULL OR h.segment_id = %(segment)s)
        AND (%(source)s::text IS NULL OR l.source = %(source)s)
), tried AS (
    SELECT a.hand_off_id, count(*) AS attempts, min(a.attempted_at) FILTER (WHERE NOT a.is_automated) AS first_at,
        bool_or(a.outcome = ANY(%(connecting)s)) AS connects
    FROM leads_followupattempt a JOIN chosen c ON c.id = a.hand_off_id WHERE a.voided_at IS NULL GROUP BY 1
)
SELECT count(*), count(first_at),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_at - handed_off_at)::float8),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM first_at - handed_off_at)::float8),
    count(*) FILTER (WHERE connects IS NOT TRUE AND NOT closed_as = ANY(%(without_depth)s)),
    coalesce(sum(attempts) FILTER (WHERE connects IS NOT TRUE AND NOT closed_as = ANY(%(without_depth)s)), 0)::bigint,
    count(attempts) FILTER (WHERE connects IS NOT TRUE AND NOT closed_as = ANY(%(without_depth)s))
FROM chosen c LEFT JOIN tried t ON t.hand_off_id = c.id
"""


def by_sql(agreement: int, period: Period, filters: Filters) -> Plain:
    """Return the figures in one statement on the base tables."""
    given = {
        "agreement": agreement,
        "start": period.start,
        "end": period.end,
        "owner": filters.get("owner"),
        "segment": filters.get("segment"),
        "source": filters.get("source"),
        "connecting": list(FollowUpAttempt.CONNECTING),
        "without_depth": list(HandOff.WITHOUT_DEPTH),
    }
    with connection.cursor() as cursor:
        cursor.execute(BASE, given)
        values = cursor.fetchone() or ()
    found: Plain = dict(zip(Plain.__annotations__, values, strict=True))  # type: ignore[assignment]
    return found


def by_objects(agreement: int, period: Period) -> Plain:
    """Return the figures by going through the objects of the month, as a first version of a page does."""
    standing = Prefetch("follow_up_attempts", FollowUpAttempt.objects.standing(), to_attr="standing")
    chosen = HandOff.objects.filter(
        agreement=agreement, handed_off_on__gte=period.start, handed_off_on__lt=period.end
    ).prefetch_related(standing)
    lengths, found = (
        [],
        Plain(handed_off=0, attempted=0, median=None, p90=None, not_connected=0, attempts=0, worked=0),
    )
    for hand_off in chosen:
        made: list[FollowUpAttempt] = getattr(hand_off, "standing")  # noqa: B009
        found["handed_off"] += 1
        by_people = [one.attempted_at for one in made if not one.is_automated]
        if by_people:
            lengths.append((min(by_people) - hand_off.handed_off_at).total_seconds())
        connects = any(one.outcome in FollowUpAttempt.CONNECTING for one in made)
        if not connects and hand_off.closed_as not in HandOff.WITHOUT_DEPTH:
            found["not_connected"] += 1
            found["attempts"] += len(made)
            found["worked"] += bool(made)
    found["attempted"] = len(lengths)
    found["median"], found["p90"] = _percentile(lengths, 0.5), _percentile(lengths, 0.9)
    return found


def by_pandas(agreement: int, period: Period) -> Plain:
    """Return the figures as an analyst's notebook does: both tables of the month fetched, and grouped in pandas."""
    import pandas

    given = [agreement, period.start, period.end]
    chosen = "agreement_id = %s AND handed_off_on >= %s AND handed_off_on < %s"
    hand_offs = _frame(
        pandas, f"SELECT id, handed_off_at, closed_as FROM leads_handoff WHERE {chosen}", given
    )
    attempts = _frame(
        pandas,
        "SELECT a.hand_off_id, a.attempted_at, a.outcome, a.is_automated FROM leads_followupattempt a"
        f" JOIN leads_handoff h ON h.id = a.hand_off_id WHERE {chosen} AND a.voided_at IS NULL",
        given,
    )
    attempts["connects"] = attempts["outcome"].isin(FollowUpAttempt.CONNECTING)
    tried = attempts.groupby("hand_off_id").agg(attempts=("outcome", "size"), connects=("connects", "any"))
    first = (
        attempts[~attempts["is_automated"]].groupby("hand_off_id")["attempted_at"].min().rename("first_at")
    )
    all_of_them = hand_offs.set_index("id").join(tried).join(first)
    lengths = (all_of_them["first_at"] - all_of_them["handed_off_at"]).dt.total_seconds().dropna()
    waits = ~all_of_them["connects"].eq(True) & ~all_of_them["closed_as"].isin(HandOff.WITHOUT_DEPTH)
    made = all_of_them.loc[waits, "attempts"]
    return Plain(
        handed_off=len(all_of_them),
        attempted=len(lengths),
        median=float(lengths.quantile(0.5)) if len(lengths) else None,
        p90=float(lengths.quantile(0.9)) if len(lengths) else None,
        not_connected=int(waits.sum()),
        attempts=int(made.sum()),
        worked=int(made.notna().sum()),
    )


def _frame(pandas: Any, statement: str, given: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return pandas.DataFrame(
            cursor.fetchall(), columns=[column.name for column in cursor.description or ()]
        )


def _percentile(values: Iterable[float], share: float) -> float | None:
    """Return the percentile by linear interpolation, as PostgreSQL's percentile_cont has it."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
