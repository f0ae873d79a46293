"""How a hand-off stands with its deadlines at an instant: accepted or given back in time, at an outcome in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leads import clock, phrases
from leads.models import HandOff
from leads.readings.clocks import ClockFace, zone_of

Deadline = clock.Deadline
ACCEPTANCE, OUTCOME = "acceptance", "outcome"
# Which clock a deadline looks like: its icon and its colour.
LOOKS = {
    Deadline.WAITING: clock.State.RUNNING,
    Deadline.EXPIRED: clock.State.OVERDUE,
    Deadline.KEPT: clock.State.MET,
    Deadline.LATE: clock.State.MISSED,
    Deadline.SET_ASIDE: clock.State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class DeadlineFace:
    """One deadline of a hand-off as pages show it. `of` is its name in an address."""

    of: str
    title: str
    state: clock.Deadline
    face: ClockFace

    @property
    def is_open(self) -> bool:
        return self.state in (Deadline.WAITING, Deadline.EXPIRED)


def live_deadline(hand_off: HandOff, of: str, now: dt.datetime) -> clock.Deadline:
    """How a deadline stands at `now`: what is stored may lag behind until the next sweep."""
    if of == ACCEPTANCE:
        done_at, aside_at = clock.answered(
            accepted_at=hand_off.accepted_at,
            first_attempt_at=hand_off.first_attempt_at,
            closed_as=hand_off.closed_as,
            closed_at=hand_off.closed_at,
        )
        due_at = hand_off.acceptance_due_at
    else:
        done_at, aside_at = clock.decided(closed_as=hand_off.closed_as, closed_at=hand_off.closed_at)
        due_at = hand_off.outcome_due_at
    return clock.deadline_state(due_at=due_at, now=now, done_at=done_at, set_aside_at=aside_at)


def deadline_faces(hand_off: HandOff, now: dt.datetime) -> list[DeadlineFace]:
    """Return the deadlines that a hand-off has; its calendar revision should have been read with it."""
    found = []
    for of, title, due_at in (
        (ACCEPTANCE, _("Accept or give back"), hand_off.acceptance_due_at),
        (OUTCOME, _("Outcome"), hand_off.outcome_due_at),
    ):
        if due_at is None:
            continue
        state = live_deadline(hand_off, of, now)
        text = _text(of, state, phrases.moment(due_at, now=now, zone=zone_of(hand_off)))
        found.append(DeadlineFace(of, title, state, ClockFace(LOOKS[state], text)))
    return found


def deadline_ahead(hand_off: HandOff, now: dt.datetime) -> DeadlineFace | None:
    """Return the deadline to be thought of next on an open hand-off: its acceptance, and once tried its outcome."""
    has_one = hand_off.acceptance_due_at is not None or hand_off.outcome_due_at is not None
    if hand_off.closed_at is not None or not has_one:
        return None
    is_tried = hand_off.first_attempt_at is not None
    wanted = (
        OUTCOME if is_tried or (hand_off.accepted_at is not None and hand_off.due_at is None) else ACCEPTANCE
    )
    return next((one for one in deadline_faces(hand_off, now) if one.of == wanted and one.is_open), None)


def _text(of: str, state: clock.Deadline, due: str) -> str:
    said = {"due": due}
    is_acceptance = of == ACCEPTANCE
    match state:
        case Deadline.WAITING if is_acceptance:
            return _("accept or give back by %(due)s") % said
        case Deadline.WAITING:
            return _("outcome due %(due)s") % said
        case Deadline.EXPIRED if is_acceptance:
            return _("not accepted in time, due %(due)s") % said
        case Deadline.EXPIRED:
            return _("no outcome in time, due %(due)s") % said
        case Deadline.KEPT:
            return _("in time, due %(due)s") % said
        case Deadline.LATE:
            return _("too late, due %(due)s") % said
    return _("not asked any more, due %(due)s") % said
