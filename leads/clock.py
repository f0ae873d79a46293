"""The clock of a hand-off: which state it is in at a given instant.

Definitions. The clock starts at the hand-off and is due when the allowance, in business time, is used up
(``agreements.business_time``). It is *met* when the first qualifying attempt is at or before ``due_at``, and
*overdue* once ``due_at`` has passed without one; at ``due_at`` itself it is not yet overdue. It is *at risk*
from ``at_risk_at`` on, the instant at which the agreed share of the allowance is used. A pause stops the
clock, but never hides a miss that came before it. The *least allowance* that an attempt keeps is the least whole
number of seconds d with ``attempt <= due(start, d)``: every allowance from it on is met, every lower one missed.
A *pause* is a span whose business time is not counted; both instants are worked out with all pauses there are, up to
their ends, so ``due_at`` says at any time when the clock would be due if nothing else happened. What was used up
before a pause is not moved by it: a pause never hides a miss that came before it. A hand-off is *paused* from the
start of its last pause up to its end, which is a business of the clock only while that runs.
Instants are aware datetimes; the module reads no clock.

Two more things may be promised with a *deadline*, which has no warning: that sales accepts a hand-off or gives it back,
and that it comes to an outcome. What was promised is *kept* when it happened at or before the deadline, *late* when it
happened after it, and *expired* once the deadline has passed without it. Set aside by the deadline, nothing is asked
any more; set aside only after it, it is late. A hand-off is *answered* when it is accepted, first attempted by a
person, or closed, whichever comes first; cancelled or excused, it is set aside. It *comes to an outcome* when it is
closed as qualified, won, lost or unreachable; closed in another way it is set aside.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from agreements.business_time import Calendar
from agreements.spans import Pauses

SECOND = timedelta(0, 1)
DEFAULT_AT_RISK_SHARE = Decimal("0.75")
# What is noted longer after it happened than this is marked as late: the sweep runs several times a minute.
LATE_AFTER = timedelta(minutes=5)


class State(StrEnum):
    """The states of a hand-off. A clock runs in the first four; the others are final, but for no_clock."""

    RUNNING = "running"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    EXCUSED = "excused"
    REJECTED = "rejected"
    RECYCLED = "recycled"
    CANCELLED = "cancelled"
    NO_CLOCK = "no_clock"  # imported history that is not judged


class Deadline(StrEnum):
    """Where a hand-off stands with a deadline."""

    NONE = ""  # nothing was promised
    WAITING = "waiting"
    EXPIRED = "expired"
    KEPT = "kept"
    LATE = "late"
    SET_ASIDE = "set_aside"


BROKEN = frozenset({Deadline.EXPIRED, Deadline.LATE})
WITHOUT_ANSWER = frozenset({"cancelled", "excused"})
OUTCOMES = frozenset({"qualified", "won", "lost", "unreachable"})
WAITING = frozenset({State.RUNNING, State.AT_RISK, State.OVERDUE, State.PAUSED})
JUDGED = frozenset({State.MET, State.MISSED})
SET_ASIDE = frozenset({State.EXCUSED, State.REJECTED, State.RECYCLED, State.CANCELLED})


def clock_state(
    *,
    due_at: datetime | None,
    now: datetime,
    at_risk_at: datetime | None = None,
    first_attempt_at: datetime | None = None,
    paused_at: datetime | None = None,
    paused_until: datetime | None = None,
    set_aside_as: State | None = None,
) -> State:
    """The state at ``now`` of a hand-off whose allowance is used up at ``due_at``.

    ``due_at`` None means no clock (not judged). ``at_risk_at`` None means that there is no warning.
    ``first_attempt_at`` is the first qualifying attempt; one later than ``now`` has not happened yet.
    The last pause lasts from ``paused_at`` up to ``paused_until``, None: for ever; ``due_at`` counts it already, and
    so a clock that is overdue was so before the pause, and stays so. ``set_aside_as`` is a decision of a person, and
    wins over everything; a state that is no such decision raises ValueError.
    """
    if set_aside_as is not None:
        if set_aside_as not in SET_ASIDE:
            raise ValueError(f"not a way to set a hand-off aside: {set_aside_as}")
        return set_aside_as
    if due_at is None:
        return State.NO_CLOCK
    if first_attempt_at is not None and first_attempt_at <= now:
        return State.MET if first_attempt_at <= due_at else State.MISSED
    if now > due_at:
        return State.OVERDUE
    if paused_at is not None and paused_at <= now and (paused_until is None or now < paused_until):
        return State.PAUSED
    if at_risk_at is not None and now >= at_risk_at:
        return State.AT_RISK
    return State.RUNNING


def deadline_state(
    *,
    due_at: datetime | None,
    now: datetime,
    done_at: datetime | None = None,
    set_aside_at: datetime | None = None,
) -> Deadline:
    """The state at ``now`` of what was promised by ``due_at``; None: nothing was.

    ``done_at`` is when it happened, ``set_aside_at`` when it was no longer asked; later than ``now`` is not yet.
    """
    if due_at is None:
        return Deadline.NONE
    if done_at is not None and done_at <= now:
        return Deadline.KEPT if done_at <= due_at else Deadline.LATE
    if set_aside_at is not None and set_aside_at <= now:
        return Deadline.SET_ASIDE if set_aside_at <= due_at else Deadline.LATE
    return Deadline.EXPIRED if now > due_at else Deadline.WAITING


def answered(
    *,
    accepted_at: datetime | None,
    first_attempt_at: datetime | None,
    closed_as: str,
    closed_at: datetime | None,
) -> tuple[datetime | None, datetime | None]:
    """When a hand-off was answered, and when it was set aside unanswered; one of the two at most."""
    is_answer = bool(closed_as) and closed_as not in WITHOUT_ANSWER
    found = [accepted_at, first_attempt_at, closed_at if is_answer else None]
    answered_at = min((one for one in found if one is not None), default=None)
    return answered_at, closed_at if answered_at is None else None


def decided(*, closed_as: str, closed_at: datetime | None) -> tuple[datetime | None, datetime | None]:
    """When a hand-off came to an outcome, and when it was set aside without one; one of the two at most."""
    return (closed_at, None) if closed_as in OUTCOMES else (None, closed_at)


def warn_after(allowance: timedelta, share: Decimal | Fraction = DEFAULT_AT_RISK_SHARE) -> timedelta:
    """The part of an allowance after which a clock is at risk, rounded up to the microsecond.

    ``share`` is above 0 and at most 1; others raise ValueError.
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share lies above 0 and is at most 1: {share}")
    micros = Fraction(allowance // timedelta(microseconds=1)) * Fraction(share)
    return timedelta(microseconds=-(-micros.numerator // micros.denominator))


def at_risk_at(
    calendar: Calendar,
    handed_off_at: datetime,
    allowance: timedelta,
    share: Decimal | Fraction = DEFAULT_AT_RISK_SHARE,
    pauses: Pauses = (),
) -> datetime | None:
    """The instant at which the share of the allowance is used; None when the calendar never gets there."""
    return calendar.due(handed_off_at, warn_after(allowance, share), pauses)


def under_pauses(
    calendar: Calendar, start: datetime, reached_at: datetime, *, was: Pauses, pauses: Pauses
) -> datetime | None:
    """When a clock that began at ``start`` gets with ``pauses`` to where it got with ``was`` at ``reached_at``.

    ``under_pauses(calendar, start, due(start, d, was), was=was, pauses=pauses) == due(start, d, pauses)``, d > 0: so a
    stored instant is moved without knowing the length that it stands for. None: the calendar never gets there.
    """
    return calendar.due(start, calendar.elapsed(start, reached_at, was), pauses)


def state_after_pause(*, paused_at: datetime, at_risk_at: datetime | None) -> State:
    """The state in which a clock goes on after a pause: at risk where it was so when the pause began."""
    return State.AT_RISK if at_risk_at is not None and at_risk_at <= paused_at else State.RUNNING


def least_allowance(calendar: Calendar, start: datetime, end: datetime, pauses: Pauses = ()) -> int:
    """The least allowance, in whole seconds, that something done at ``end`` would have kept; 0 for a reversed span.

    That is the open time until then, rounded up; and one second more where that was used up before ``end``: in closed
    time, or in a pause, after the allowance has run out at closing time nothing is in time any more.
    """
    used = calendar.elapsed(start, end, pauses)
    seconds = -(-used // SECOND)
    reached = calendar.due(start, timedelta(0, seconds), pauses)
    return seconds if reached is None or end <= reached else seconds + 1


def least_allowance_seconds(calendar: Calendar, start: int, end: int) -> int:
    """The same for epoch seconds, without pauses: for imports in bulk."""
    used = calendar.elapsed_seconds(start, end)
    reached = calendar.due_epoch(start, used)
    return used if reached is None or end <= reached else used + 1


def allowance_for(segment: timedelta | None, default: timedelta) -> timedelta:
    """The allowance of a lead: its segment's at hand-off, else the agreement's default."""
    return default if segment is None else segment


def is_late(*, happened_at: datetime, recorded_at: datetime) -> bool:
    """Whether what happened was noted only long afterwards, as after an outage."""
    return recorded_at - happened_at > LATE_AFTER
