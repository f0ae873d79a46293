"""The SQL of one row per hand-off, and of what a set of them amounts to.

`STORED` gives the rows as their facts stand, `AS_OF` with every fact cut back to what had happened at an instant.
`AGGREGATES` gives the figures over any grouping of them. The stored figures, free filters and reports of the
past are all made of these two, so a figure has one definition.
"""

from __future__ import annotations

from typing import Any, Final

from leads.models import FollowUpAttempt, HandOff
from reports.attempt_days import LAST, LATEST

# An attempt `a` of the hand-off `h` that counts at an instant: up to the connection, and not before the hand-off.
COUNTED_ATTEMPT: Final = """
    a.voided_at IS NULL AND a.attempted_at <= least(h.connected_at, %(now)s)
    AND NOT (CASE WHEN a.is_date_only THEN a.attempted_on < h.handed_off_on ELSE a.attempted_at < h.handed_off_at END)
    AND (h.counts_automated OR NOT a.is_automated)
    AND NOT (h.closed_as = ANY(%(released)s) AND a.attempted_at > h.closed_at)
"""

# Hand-offs as their facts stand. `is_counted`: it counts towards the goal, by the terms it came under. Every hand-off
# has its lead: joined from the left, the planner leaves leads out where nobody asks for what they say.
STORED: Final = """
SELECT h.id, h.agreement_id, h.handed_off_on, h.handed_off_at, h.is_date_only, h.calendar_revision_id,
    coalesce(h.owner_id::text, 'name:' || h.owner_name) AS owner, coalesce(h.segment_id::text, '') AS segment,
    h.owner_id, h.owner_name, h.segment_id,
    coalesce(h.team_id::text, '') AS team, l.source, l.campaign, l.country,
    h.due_at, h.agreed_attempts, h.window_ends_at, coalesce(h.lead_value, 0) AS lead_value,
    h.accepted_at, h.closed_as, h.closed_at, h.rejection_answer = 'disputed' AS is_disputed,
    h.first_attempt_at, h.first_attempt_business_seconds AS business,
    extract(epoch FROM h.first_attempt_at - h.handed_off_at)::bigint AS elapsed,
    h.routing_business_seconds AS routing, h.connected_at, h.attempts,
    (l.origin = 'marketing' OR h.counts_sales_origin) AND (h.number = 1 OR h.counts_recycled) AS is_counted
FROM leads_handoff h
    LEFT JOIN leads_lead l ON l.id = h.lead_id
"""

# The same at an instant: what happened later has not happened. Voided attempts never happened, as known now.
AS_OF: Final = f"""
SELECT h.id, h.agreement_id, h.handed_off_on, h.handed_off_at, h.is_date_only, h.calendar_revision_id,
    coalesce(h.owner_id::text, 'name:' || h.owner_name) AS owner, coalesce(h.segment_id::text, '') AS segment,
    h.owner_id, h.owner_name, h.segment_id,
    coalesce(h.team_id::text, '') AS team, l.source, l.campaign, l.country,
    h.due_at, h.agreed_attempts, h.window_ends_at, coalesce(h.lead_value, 0) AS lead_value,
    CASE WHEN h.accepted_at <= %(now)s THEN h.accepted_at END AS accepted_at,
    CASE WHEN h.closed_at <= %(now)s THEN h.closed_as ELSE '' END AS closed_as,
    CASE WHEN h.closed_at <= %(now)s THEN h.closed_at END AS closed_at,
    EXISTS (SELECT 1 FROM leads_dispute d WHERE d.hand_off_id = h.id AND d.opened_at <= %(now)s
        AND (d.decided_at IS NULL OR d.decided_at > %(now)s)) AS is_disputed,
    CASE WHEN h.first_attempt_at <= %(now)s THEN h.first_attempt_at END AS first_attempt_at,
    CASE WHEN h.first_attempt_at <= %(now)s THEN h.first_attempt_business_seconds END AS business,
    CASE WHEN h.first_attempt_at <= %(now)s
        THEN extract(epoch FROM h.first_attempt_at - h.handed_off_at)::bigint END AS elapsed,
    CASE WHEN greatest(h.first_attempt_at, h.assigned_at) <= %(now)s THEN h.routing_business_seconds END AS routing,
    CASE WHEN h.connected_at <= %(now)s THEN h.connected_at END AS connected_at,
    (SELECT count(*) FROM leads_followupattempt a WHERE a.hand_off_id = h.id AND {COUNTED_ATTEMPT}) AS attempts,
    (l.origin = 'marketing' OR h.counts_sales_origin) AND (h.number = 1 OR h.counts_recycled) AS is_counted
FROM leads_handoff h
    LEFT JOIN leads_lead l ON l.id = h.lead_id
WHERE h.handed_off_at <= %(now)s
"""

# The agreement %(agreement)s and all that inherit from it, of which there are two levels. Worked out once a statement.
AT_OR_BELOW: Final = """
ARRAY(SELECT a.id FROM agreements_agreement a LEFT JOIN agreements_agreement p ON p.id = a.parent_id
    WHERE %(agreement)s IN (a.id, p.id, p.parent_id))
"""

# Under which agreements a hand-off is counted: its own and those above it; NULL is all hand-offs.
COUNTED_UNDER: Final = """
SELECT a.id AS agreement_id, above.id AS counted_under
FROM agreements_agreement a LEFT JOIN agreements_agreement p ON p.id = a.parent_id
    CROSS JOIN LATERAL (VALUES (a.id), (p.id), (p.parent_id)) above(id)
WHERE above.id IS NOT NULL
UNION ALL SELECT id, NULL FROM agreements_agreement
UNION ALL SELECT 0, NULL
"""

UNANSWERED: Final = (
    "NOT f.is_date_only AND f.first_attempt_at IS NULL AND NOT f.closed_as = ANY(%(released)s)"
)
DEPTH: Final = "f.connected_at IS NULL AND NOT f.closed_as = ANY(%(without_depth)s)"
CONNECTED: Final = "f.connected_at IS NOT NULL AND NOT f.closed_as = ANY(%(without_depth)s)"

# Closed unanswered, and due before that or never: time changes nothing about it any more.
SETTLED: Final = "f.closed_at IS NOT NULL AND (f.due_at IS NULL OR f.due_at < f.closed_at)"
WAITING: Final = f"{UNANSWERED} AND NOT ({SETTLED})"

YOUNG: Final = f"{DEPTH} AND f.closed_at IS NULL AND f.window_ends_at > %(now)s"

# Figures that only change with the rows, each one number. Names are those of PeriodFigure.
SUMS: Final = f"""
    count(f.id) AS handed_off,
    count(f.id) FILTER (WHERE f.is_counted) AS counted,
    count(f.id) FILTER (WHERE f.is_counted AND f.accepted_at IS NOT NULL) AS counted_accepted,
    count(f.id) FILTER (WHERE f.is_counted AND f.closed_as = 'rejected' AND NOT f.is_disputed) AS counted_rejected,
    coalesce(sum(f.lead_value) FILTER (WHERE f.is_counted), 0) AS counted_value,
    count(f.id) FILTER (WHERE NOT f.is_date_only) AS timed,
    count(f.first_attempt_at) AS attempted,
    coalesce(sum(f.business), 0) AS business_seconds,
    (percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY f.business))[1] AS business_median,
    (percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY f.business))[2] AS business_p90,
    coalesce(sum(f.elapsed), 0) AS elapsed_seconds,
    (percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY f.elapsed))[1] AS elapsed_median,
    (percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY f.elapsed))[2] AS elapsed_p90,
    count(f.routing) AS routed,
    coalesce(sum(f.routing), 0) AS routing_seconds,
    coalesce(sum(f.business - f.routing), 0) AS repped_seconds,
    count(f.id) FILTER (WHERE f.first_attempt_at IS NOT NULL AND f.due_at IS NOT NULL) AS answered_with_clock,
    count(f.id) FILTER (WHERE f.first_attempt_at <= f.due_at) AS met,
    count(f.id) FILTER (WHERE f.first_attempt_at IS NULL AND f.closed_as = ANY(%(released)s)
        AND f.closed_at > f.due_at) AS released_late,
    count(f.id) FILTER (WHERE {UNANSWERED} AND {SETTLED}) AS settled_open,
    count(f.due_at) FILTER (WHERE {UNANSWERED} AND {SETTLED}) AS settled_overdue,
    count(f.id) FILTER (WHERE {DEPTH}) AS not_connected,
    coalesce(sum(f.attempts) FILTER (WHERE {DEPTH}), 0) AS attempts,
    count(f.id) FILTER (WHERE {DEPTH} AND f.attempts > 0) AS worked,
    count(f.agreed_attempts) FILTER (WHERE {DEPTH}) AS agreed_on,
    count(f.window_ends_at) FILTER (WHERE {DEPTH}) AS under_terms,
    coalesce(sum(f.attempts) FILTER (WHERE {DEPTH} AND f.window_ends_at IS NOT NULL), 0) AS attempts_under_terms,
    count(f.window_ends_at) FILTER (WHERE {DEPTH} AND f.attempts > 0) AS worked_under_terms,
    count(f.id) FILTER (WHERE {DEPTH} AND f.attempts >= f.agreed_attempts) AS fully_worked,
    count(f.id) FILTER (WHERE {DEPTH} AND f.closed_as = 'unreachable'
        AND f.attempts < f.agreed_attempts) AS stopped_early,
    count(f.id) FILTER (WHERE {DEPTH} AND f.closed_as = 'unreachable'
        AND f.agreed_attempts IS NOT NULL) AS closed_unreachable
"""

# All of them: those, and how many hand-offs got how many attempts.
AGGREGATES: Final = f"""{SUMS.rstrip()},
    array_agg(f.attempts) FILTER (WHERE {DEPTH}) AS attempts_each,
    array_agg(f.attempts) FILTER (WHERE {CONNECTED}) AS attempts_each_connected
"""

# Figures that change as time passes: joined from the few hand-offs they concern when a report is read. Those open are
# the waiting and the settled ones.
PASSING: Final = f"""
    count(f.id) FILTER (WHERE {WAITING}) AS waiting,
    count(f.id) FILTER (WHERE {WAITING} AND f.due_at < %(now)s) AS waiting_overdue,
    count(f.id) FILTER (WHERE {WAITING} AND f.due_at >= %(now)s) AS open_not_yet_due,
    count(f.id) FILTER (WHERE f.first_attempt_at IS NOT NULL AND f.due_at >= %(now)s) AS answered_not_yet_due,
    count(f.id) FILTER (WHERE f.first_attempt_at <= f.due_at AND f.due_at >= %(now)s) AS met_not_yet_due,
    count(f.id) FILTER (WHERE {YOUNG}) AS young,
    coalesce(sum(f.attempts) FILTER (WHERE {YOUNG}), 0) AS young_attempts,
    count(f.id) FILTER (WHERE {YOUNG} AND f.attempts > 0) AS young_worked,
    count(f.agreed_attempts) FILTER (WHERE {YOUNG}) AS young_agreed_on,
    count(f.id) FILTER (WHERE {YOUNG} AND f.attempts >= f.agreed_attempts) AS young_fully_worked
"""

# The hand-offs that PASSING can count are either of these two, each found by a partial index whatever the size of the
# table: those not closed, or closed unanswered before they were due; and the others that are due later.
UNSETTLED: Final = "(f.closed_at IS NULL OR f.first_attempt_at IS NULL AND f.due_at >= f.closed_at)"
DUE_LATER: Final = f"f.due_at >= %(now)s AND NOT {UNSETTLED}"

# By which channel the attempt was made that stopped the clock of the hand-off `f`.
FIRST_CHANNEL: Final = """
SELECT a.channel FROM leads_followupattempt a
WHERE a.hand_off_id = f.id AND a.voided_at IS NULL AND NOT a.is_automated AND NOT a.is_date_only
    AND a.attempted_at = f.first_attempt_at
ORDER BY a.id LIMIT 1
"""
# The hour of the local day in which it was handed off, in the zone of the parameter that {zone} names; "" where only
# the day is known.
ARRIVAL_HOUR: Final = (
    "CASE WHEN f.is_date_only THEN '' ELSE to_char(f.handed_off_at AT TIME ZONE {zone}, 'HH24') END"
)

# The elapsed seconds between one attempt and the next on each hand-off `f` that has not connected, one row a gap. Those
# with fewer than two attempts are passed over without a look at any.
GAPS: Final = f"""
(SELECT extract(epoch FROM a.attempted_at - lag(a.attempted_at) OVER (ORDER BY a.attempted_at, a.id))::float8 AS gap
    FROM leads_followupattempt a JOIN leads_handoff h ON h.id = a.hand_off_id
    WHERE a.hand_off_id = f.id AND f.attempts > 1 AND {DEPTH} AND a.voided_at IS NULL AND NOT a.is_date_only
        AND a.attempted_at >= f.handed_off_at AND (h.counts_automated OR NOT a.is_automated)
        AND NOT (f.closed_as = ANY(%(released)s) AND a.attempted_at > f.closed_at)
        AND (%(until)s::timestamptz IS NULL OR a.attempted_at <= %(until)s))
"""
SPACING: Final = """
    count(gap) AS gaps, avg(gap)::float8 AS gap_average,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS gap_median
"""

# The attempts on each hand-off `f` that count, connected or not, one row each: which one it was, and on which business
# day it came, by the days on which its hours open (`opening`). Of attempts at one instant those of which only the day
# is known come first. Days are those of the agreement's zone, of what came under none the company's, %(zone)s. The
# attempts are looked up hand-off by hand-off: there are many more of other months.
TRIED: Final = f"""
(SELECT least(row_number() OVER (ORDER BY a.attempted_at, a.is_date_only DESC, a.id), {LAST}) AS k,
    width_bucket(CASE WHEN a.is_date_only THEN a.attempted_on
        ELSE (a.attempted_at AT TIME ZONE coalesce(g.time_zone, %(zone)s))::date END, opening.days) AS business_day
    FROM leads_followupattempt a JOIN leads_handoff h ON h.id = a.hand_off_id
        LEFT JOIN agreements_agreement g ON g.id = h.agreement_id
    WHERE a.hand_off_id = f.id AND f.attempts > 0 AND NOT f.closed_as = ANY(%(without_depth)s) AND {COUNTED_ATTEMPT})
"""
OPENING: Final = """
(SELECT calendar_revision_id, handed_off_on, days::date[] AS days
    FROM unnest(%(hours)s::bigint[], %(handed_off)s::date[], %(opening)s::text[])
        AS o(calendar_revision_id, handed_off_on, days))
"""
BY_BUSINESS_DAY: Final = f"""
    ARRAY[{", ".join(f"count(*) FILTER (WHERE business_day = {day})" for day in range(LATEST + 1))}] AS days
"""

# How long those answered had waited, in business seconds from the shortest on.
WAITS: Final = """
    coalesce(array_agg(f.business ORDER BY f.business) FILTER (WHERE f.business IS NOT NULL), '{}') AS waits
"""

COLUMNS: Final = tuple(
    line.rsplit(" AS ", 1)[1].rstrip(",") for line in AGGREGATES.splitlines() if " AS " in line
)
SUM_COLUMNS: Final = tuple(name for name in COLUMNS if not name.startswith("attempts_each"))
PASSING_COLUMNS: Final = tuple(
    line.rsplit(" AS ", 1)[1].rstrip(",") for line in PASSING.splitlines() if " AS " in line
)


def words() -> dict[str, Any]:
    """Return the parameters that the SQL here names for groups of states and outcomes."""
    return {
        "released": list(HandOff.RELEASED),
        "without_depth": list(HandOff.WITHOUT_DEPTH),
        "connecting": list(FollowUpAttempt.CONNECTING),
    }
