"""Facts of hand-offs, worked out from their attempts: one statement for one attempt or for a whole import.

Which attempts count. Voided ones never do. One dated before the hand-off is only counted as early; where just
its day is known, the days are compared. One dated after the hand-off was rejected, recycled, cancelled or
excused belongs to no episode any more. Of the rest:

* the first attempt is the earliest by a person whose instant is known, on a hand-off whose instant is known;
* the connection is the earliest by a person with a two-way outcome;
* attempts are counted up to and including the instant of the connection, automated ones only if agreed so;
* the least allowance is what would have been kept by the first attempt, or by the release of who had none;
  the same goes for the time to accept and the time to an outcome (`leads.clock`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction

from agreements.models import CalendarRevision
from agreements.spans import Pauses
from leads import clock
from leads.models import FollowUpAttempt, HandOff, HandOffEvent, Pause

BATCH = 5_000

WORK_OUT = """
WITH touched AS (
    SELECT * FROM leads_handoff WHERE id = ANY(%(ids)s)
), counted AS (
    SELECT a.*, CASE WHEN a.is_date_only THEN a.attempted_on < h.handed_off_on
                     ELSE a.attempted_at < h.handed_off_at END AS is_early
    FROM touched h JOIN leads_followupattempt a ON a.hand_off_id = h.id
    WHERE a.voided_at IS NULL AND NOT (h.closed_as = ANY(%(released)s) AND a.attempted_at > h.closed_at)
), connections AS (
    SELECT hand_off_id, min(attempted_at) AS connected_at FROM counted
    WHERE NOT is_early AND NOT is_automated AND outcome = ANY(%(connecting)s)
    GROUP BY hand_off_id
)
SELECT h.id, h.calendar_revision_id, h.handed_off_at, h.is_date_only, h.assigned_at, h.due_at, h.at_risk_at,
    h.paused_at, h.paused_until, h.closed_as, h.closed_at, h.state AS old_state,
    h.first_attempt_at AS old_first_attempt_at,
    h.first_attempt_business_seconds AS old_first_attempt_business_seconds,
    h.routing_business_seconds AS old_routing_business_seconds,
    h.least_allowance_seconds AS old_least_allowance_seconds, h.connected_at AS old_connected_at,
    h.attempts AS old_attempts, h.early_attempts AS old_early_attempts, h.last_attempt_at AS old_last_attempt_at,
    h.accepted_at, h.acceptance_due_at, h.outcome_due_at, h.acceptance AS old_acceptance, h.outcome AS old_outcome,
    h.least_acceptance_seconds AS old_least_acceptance_seconds,
    h.least_outcome_seconds AS old_least_outcome_seconds,
    CASE WHEN NOT h.is_date_only THEN
        min(a.attempted_at) FILTER (WHERE NOT a.is_early AND NOT a.is_automated AND NOT a.is_date_only)
    END AS first_attempt_at,
    c.connected_at,
    least(32767, count(*) FILTER (
        WHERE NOT a.is_early AND (h.counts_automated OR NOT a.is_automated)
            AND (c.connected_at IS NULL OR a.attempted_at <= c.connected_at)
    )) AS attempts,
    least(32767, count(*) FILTER (WHERE a.is_early)) AS early_attempts,
    max(a.attempted_at) FILTER (WHERE NOT a.is_early) AS last_attempt_at
FROM touched h LEFT JOIN connections c ON c.hand_off_id = h.id LEFT JOIN counted a ON a.hand_off_id = h.id
GROUP BY h.id, h.calendar_revision_id, h.handed_off_at, h.assigned_at, h.due_at, h.at_risk_at, h.paused_at,
    h.paused_until, h.closed_as, h.closed_at, h.state, h.first_attempt_at,
    h.first_attempt_business_seconds, h.routing_business_seconds,
    h.least_allowance_seconds, h.connected_at, h.attempts, h.early_attempts, h.last_attempt_at, h.is_date_only,
    h.counts_automated, h.accepted_at, h.acceptance_due_at, h.outcome_due_at, h.acceptance, h.outcome,
    h.least_acceptance_seconds, h.least_outcome_seconds, c.connected_at
ORDER BY h.id
"""

WRITE = """
UPDATE leads_handoff h SET
    state = n.state, first_attempt_at = n.first_attempt_at,
    first_attempt_business_seconds = n.first_attempt_business_seconds,
    routing_business_seconds = n.routing_business_seconds, least_allowance_seconds = n.least_allowance_seconds,
    connected_at = n.connected_at, attempts = n.attempts,
    early_attempts = n.early_attempts, last_attempt_at = n.last_attempt_at,
    acceptance = n.acceptance, outcome = n.outcome, least_acceptance_seconds = n.least_acceptance_seconds,
    least_outcome_seconds = n.least_outcome_seconds
FROM unnest(
    %s::bigint[], %s::text[], %s::timestamptz[], %s::int[], %s::int[], %s::int[], %s::timestamptz[],
    %s::int[], %s::int[], %s::timestamptz[], %s::text[], %s::text[], %s::int[], %s::int[]
) AS n(id, state, first_attempt_at, first_attempt_business_seconds, routing_business_seconds, least_allowance_seconds,
    connected_at, attempts, early_attempts, last_attempt_at, acceptance, outcome, least_acceptance_seconds,
    least_outcome_seconds)
WHERE h.id = n.id
"""

# An attempt falls in the latest episode begun by then, or in the first. Episodes of leads that were merged overlap: of
# those begun and not closed by then it is the latest, and an attempt in one of these stays where it is. Where only its
# day is known, an episode has begun by then that began on that day, and one stays that was open when the other began.
REBIND = """
UPDATE leads_followupattempt a SET hand_off_id = n.hand_off_id
FROM (
    SELECT a.id, h.id AS old_id, e.id AS hand_off_id
    FROM leads_handoff h JOIN leads_followupattempt a ON a.hand_off_id = h.id
        CROSS JOIN LATERAL (
            SELECT e.id, e.handed_off_at FROM leads_handoff e WHERE e.lead_id = h.lead_id
            ORDER BY (CASE WHEN a.is_date_only THEN e.handed_off_on <= a.attempted_on
                           ELSE e.handed_off_at <= a.attempted_at END) DESC,
                (e.closed_at IS NULL OR e.closed_at >= a.attempted_at) DESC,
                CASE WHEN a.is_date_only AND e.handed_off_on <= a.attempted_on
                         OR NOT a.is_date_only AND e.handed_off_at <= a.attempted_at
                     THEN e.number ELSE -e.number END DESC
            LIMIT 1
        ) e
    WHERE h.lead_id = ANY(%(leads)s)
        AND NOT (CASE WHEN a.is_date_only THEN h.handed_off_on <= a.attempted_on
                          AND (h.closed_at IS NULL
                              OR h.closed_at >= a.attempted_at AND h.closed_at > e.handed_off_at)
                      ELSE h.handed_off_at <= a.attempted_at
                          AND (h.closed_at IS NULL OR h.closed_at > a.attempted_at) END)
) n
WHERE a.id = n.id AND a.hand_off_id <> n.hand_off_id
RETURNING a.id, n.old_id, n.hand_off_id
"""

FACTS = (
    "state",
    "first_attempt_at",
    "first_attempt_business_seconds",
    "routing_business_seconds",
    "least_allowance_seconds",
    "connected_at",
    "attempts",
    "early_attempts",
    "last_attempt_at",
    "acceptance",
    "outcome",
    "least_acceptance_seconds",
    "least_outcome_seconds",
)

STEADY = tuple(name for name in FACTS if name not in ("state", "acceptance", "outcome"))

EVENT_OF_STATE = {
    clock.State.MET: HandOffEvent.Kind.MET,
    clock.State.MISSED: HandOffEvent.Kind.MISSED,
    clock.State.OVERDUE: HandOffEvent.Kind.OVERDUE,
    clock.State.AT_RISK: HandOffEvent.Kind.AT_RISK,
    clock.State.RUNNING: HandOffEvent.Kind.REOPENED,
}
# What is noted once a promise with a deadline is broken, by the fact's name.
EVENT_OF_BROKEN = {
    "acceptance": HandOffEvent.Kind.NOT_ACCEPTED,
    "outcome": HandOffEvent.Kind.NO_OUTCOME,
}


@dataclass(slots=True)
class _Facts:
    """One hand-off as stored (`old_…`) and as its attempts say; business lengths in seconds."""

    id: int
    calendar_revision_id: int
    handed_off_at: dt.datetime
    is_date_only: bool
    assigned_at: dt.datetime | None
    due_at: dt.datetime | None
    at_risk_at: dt.datetime | None
    paused_at: dt.datetime | None
    paused_until: dt.datetime | None
    closed_as: str
    closed_at: dt.datetime | None
    old_state: str
    old_first_attempt_at: dt.datetime | None
    old_first_attempt_business_seconds: int | None
    old_routing_business_seconds: int | None
    old_least_allowance_seconds: int | None
    old_connected_at: dt.datetime | None
    old_attempts: int
    old_early_attempts: int
    old_last_attempt_at: dt.datetime | None
    accepted_at: dt.datetime | None
    acceptance_due_at: dt.datetime | None
    outcome_due_at: dt.datetime | None
    old_acceptance: str
    old_outcome: str
    old_least_acceptance_seconds: int | None
    old_least_outcome_seconds: int | None
    first_attempt_at: dt.datetime | None
    connected_at: dt.datetime | None
    attempts: int
    early_attempts: int
    last_attempt_at: dt.datetime | None
    state: str = ""
    first_attempt_business_seconds: int | None = None
    routing_business_seconds: int | None = None
    least_allowance_seconds: int | None = None
    acceptance: str = ""
    outcome: str = ""
    least_acceptance_seconds: int | None = None
    least_outcome_seconds: int | None = None

    def work_out(self, revision: CalendarRevision, pauses: Pauses, now: dt.datetime) -> None:
        self.state = state_of(
            due_at=self.due_at,
            at_risk_at=self.at_risk_at,
            paused_at=self.paused_at,
            paused_until=self.paused_until,
            first_attempt_at=self.first_attempt_at,
            closed_as=self.closed_as,
            closed_at=self.closed_at,
            now=now,
        )
        self._work_out_deadlines(revision, now)
        ended_at = self.first_attempt_at
        if ended_at is None and self.closed_as in HandOff.RELEASED and not self.is_date_only:
            ended_at = self.closed_at
        if ended_at is None:
            return
        elapsed, least_allowance = _arithmetic(revision, pauses)
        start, end = int(self.handed_off_at.timestamp()), int(ended_at.timestamp())
        self.least_allowance_seconds = least_allowance(start, end)
        if self.first_attempt_at is None:
            return
        self.first_attempt_business_seconds = elapsed(start, end)
        if self.assigned_at is not None:
            assigned = min(max(int(self.assigned_at.timestamp()), start), end)
            self.routing_business_seconds = elapsed(start, assigned)

    def _work_out_deadlines(self, revision: CalendarRevision, now: dt.datetime) -> None:
        answered = clock.answered(
            accepted_at=self.accepted_at,
            first_attempt_at=self.first_attempt_at,
            closed_as=self.closed_as,
            closed_at=self.closed_at,
        )
        decided = clock.decided(closed_as=self.closed_as, closed_at=self.closed_at)
        for name, (done_at, aside_at) in (("acceptance", answered), ("outcome", decided)):
            due_at = getattr(self, f"{name}_due_at")
            state = clock.deadline_state(due_at=due_at, now=now, done_at=done_at, set_aside_at=aside_at)
            setattr(self, name, state.value)
            ended_at = done_at or aside_at
            if ended_at is not None and not self.is_date_only:
                span = int(self.handed_off_at.timestamp()), int(ended_at.timestamp())
                least = clock.least_allowance_seconds(revision.compiled(), *span)
                setattr(self, f"least_{name}_seconds", least)

    def differs_in(self, names: Iterable[str]) -> bool:
        return any(getattr(self, name) != getattr(self, f"old_{name}") for name in names)


def _arithmetic(
    revision: CalendarRevision, pauses: Pauses
) -> tuple[Callable[[int, int], int], Callable[[int, int], int]]:
    """Business seconds and least allowance between epoch seconds: in whole numbers where there are no pauses."""
    calendar = revision.compiled()
    if not pauses:
        return calendar.elapsed_seconds, partial(clock.least_allowance_seconds, calendar)

    def instant(seconds: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)

    return (
        lambda start, end: calendar.elapsed(instant(start), instant(end), pauses) // clock.SECOND,
        lambda start, end: clock.least_allowance(calendar, instant(start), instant(end), pauses),
    )


def state_now(hand_off: HandOff, *, now: dt.datetime) -> str:
    """Return the state of a hand-off's clock at `now`: the stored one may lag behind until the next sweep."""
    return state_of(
        due_at=hand_off.due_at,
        at_risk_at=hand_off.at_risk_at,
        paused_at=hand_off.paused_at,
        paused_until=hand_off.paused_until,
        first_attempt_at=hand_off.first_attempt_at,
        closed_as=hand_off.closed_as,
        closed_at=hand_off.closed_at,
        now=now,
    )


def state_of(
    *,
    due_at: dt.datetime | None,
    at_risk_at: dt.datetime | None,
    paused_at: dt.datetime | None,
    paused_until: dt.datetime | None,
    first_attempt_at: dt.datetime | None,
    closed_as: str,
    closed_at: dt.datetime | None,
    now: dt.datetime,
) -> str:
    """Return the state of a hand-off's clock at `now`; released after it was due without an attempt is missed."""
    set_aside: clock.State | None = None
    if (
        due_at is not None
        and first_attempt_at is None
        and closed_as in HandOff.RELEASED
        and closed_at is not None
    ):
        if closed_at > due_at:
            return clock.State.MISSED.value
        set_aside = clock.State(closed_as)
    return clock.clock_state(
        due_at=due_at,
        now=now,
        at_risk_at=at_risk_at,
        first_attempt_at=first_attempt_at,
        paused_at=paused_at,
        paused_until=paused_until,
        set_aside_as=set_aside,
    ).value


def refresh_facts(hand_off_ids: Iterable[int], *, now: dt.datetime, actor: Any = None) -> int:
    """Bring the facts and the clock state of these hand-offs in line with their attempts; return how many changed.

    Call it in the transaction that changed the attempts: the hand-offs are locked, in order of id. A clock that
    changed its state leaves an event.
    """
    changed = 0
    ids = sorted(set(hand_off_ids))
    for start in range(0, len(ids), BATCH):
        changed += _refresh_batch(ids[start : start + BATCH], now, actor)
    return changed


def rebind_attempts(lead_ids: Iterable[int]) -> set[int]:
    """Move attempts of these leads to the episode that they fall in; return the hand-offs whose facts then change.

    Call it when an episode began or moved: attempts may be older than the note of it.
    """
    return {hand_off_id for _attempt, *pair in attempts_rebound(lead_ids) for hand_off_id in pair}


def attempts_rebound(lead_ids: Iterable[int]) -> list[tuple[int, int, int]]:
    """Do the same; return each attempt that moved, with the hand-off that it was at and the one that it went to."""
    with connection.cursor() as cursor:
        cursor.execute(REBIND, {"leads": list(lead_ids)})
        return [(attempt, was_at, is_at) for attempt, was_at, is_at in cursor.fetchall()]


def rebuild_facts(*, now: dt.datetime) -> int:
    """Work out the facts of every hand-off anew; return how many were wrong, which should be none."""
    ids = list(HandOff.objects.order_by("id").values_list("id", flat=True))
    changed = 0
    for start in range(0, len(ids), BATCH):
        changed += _refresh_batch(ids[start : start + BATCH], now, None)
    return changed


def wrong_facts(hand_off_ids: Sequence[int], *, now: dt.datetime) -> list[int]:
    """Return those hand-offs whose facts are not what their attempts say, which should be none; nothing is written.

    States are left out: they change with time, and lag behind until the next sweep.
    """
    wrong: list[int] = []
    for start in range(0, len(hand_off_ids), BATCH):
        with connection.cursor() as cursor:
            rows = _worked_out(hand_off_ids[start : start + BATCH], now, cursor)
        wrong += [row.id for row in rows if row.differs_in(STEADY)]
    return wrong


def _refresh_batch(ids: Sequence[int], now: dt.datetime, actor: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM leads_handoff WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(ids)])
        changed = [row for row in _worked_out(ids, now, cursor) if row.differs_in(FACTS)]
        if changed:
            columns = [[getattr(row, name) for row in changed] for name in ("id", *FACTS)]
            cursor.execute(WRITE, columns)
            _note_states(changed, now, actor)
    return len(changed)


def _worked_out(ids: Sequence[int], now: dt.datetime, cursor: Any) -> list[_Facts]:
    parameters: dict[str, Any] = {
        "ids": list(ids),
        "released": list(HandOff.RELEASED),
        "connecting": list(FollowUpAttempt.CONNECTING),
    }
    cursor.execute(WORK_OUT, parameters)
    rows = [_Facts(*row) for row in cursor.fetchall()]
    revisions = CalendarRevision.objects.in_bulk({row.calendar_revision_id for row in rows})
    pauses = Pause.objects.spans(row.id for row in rows if row.paused_at is not None)
    for row in rows:
        row.work_out(revisions[row.calendar_revision_id], pauses.get(row.id, ()), now)
    return rows


def _note_states(rows: Sequence[_Facts], now: dt.datetime, actor: Any) -> None:
    HandOffEvent.objects.bulk_create(
        HandOffEvent(
            hand_off_id=row.id,
            kind=kind,
            happened_at=happened_at,
            recorded_at=now,
            actor=actor,
            data={"from": row.old_state, "to": row.state, **_lateness(kind, happened_at, now)},
        )
        for row in rows
        if row.state != row.old_state
        for kind, happened_at in _noted(row, now)
    )
    HandOffEvent.objects.bulk_create(
        HandOffEvent(
            hand_off_id=row.id,
            kind=kind,
            happened_at=getattr(row, f"{name}_due_at"),
            recorded_at=now,
            actor=actor,
            data={
                "from": getattr(row, f"old_{name}"),
                "to": getattr(row, name),
                **_late(getattr(row, f"{name}_due_at"), now),
            },
        )
        for name, kind in EVENT_OF_BROKEN.items()
        for row in rows
        if getattr(row, name) in clock.BROKEN and getattr(row, f"old_{name}") not in clock.BROKEN
    )


def _noted(row: _Facts, now: dt.datetime) -> Iterator[tuple[HandOffEvent.Kind, dt.datetime]]:
    """What a change of its state is called, and when it happened; the end of a pause that no sweep has noted first."""
    has_gone_on = False
    if row.old_state == clock.State.PAUSED and row.paused_at is not None and row.paused_until is not None:
        stopped_at = row.first_attempt_at or (row.closed_at if row.closed_as in HandOff.RELEASED else None)
        if row.paused_until <= min(now, stopped_at or now):
            yield HandOffEvent.Kind.PAUSE_ENDED, row.paused_until
            after = clock.state_after_pause(paused_at=row.paused_at, at_risk_at=row.at_risk_at)
            has_gone_on = row.state == after
    kind = EVENT_OF_STATE.get(clock.State(row.state))
    if kind is not None and not has_gone_on:
        yield kind, _when(row, now)


def _lateness(kind: HandOffEvent.Kind, happened_at: dt.datetime, now: dt.datetime) -> dict[str, bool]:
    """Mark what nobody could be told of in time; attempts say themselves when they were logged."""
    is_told = kind in (HandOffEvent.Kind.AT_RISK, HandOffEvent.Kind.OVERDUE, HandOffEvent.Kind.PAUSE_ENDED)
    return _late(happened_at, now) if is_told else {}


def _late(happened_at: dt.datetime, now: dt.datetime) -> dict[str, bool]:
    return {"late": True} if clock.is_late(happened_at=happened_at, recorded_at=now) else {}


def _when(row: _Facts, now: dt.datetime) -> dt.datetime:
    if row.state in (clock.State.MET, clock.State.MISSED) and row.first_attempt_at is not None:
        return row.first_attempt_at
    if row.state == clock.State.OVERDUE and row.due_at is not None:
        return row.due_at
    if row.state == clock.State.AT_RISK and row.at_risk_at is not None:
        return row.at_risk_at
    return now
