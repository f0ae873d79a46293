"""The lead beside the queue: what one wants to know while the telephone rings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leads import phrases
from leads.acting import Acting
from leads.clock import Deadline
from leads.models import HandOff, Lead
from leads.readings.deadlines import ACCEPTANCE, OUTCOME, live_deadline
from leads.readings.due_times import Explanation, explain_due_time
from leads.readings.lead_page import Entry, Episode, LeadPage, read_lead_page
from leads.readings.reasons import definition_of, definitions_of

MOST_ENTRIES = 15


@dataclass(frozen=True, slots=True)
class Step:
    """One promised step of the follow-up: `state` is done, late or next."""

    text: str
    state: str
    mark: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A lead with its latest hand-off; `explanation` is of its due time."""

    page: LeadPage
    episode: Episode | None
    explanation: Explanation | None
    definition: str
    steps: list[Step]
    entries: list[Entry]


def read_panel(lead: Lead, acting: Acting, *, now: dt.datetime) -> Panel:
    """Return what the panel shows of a lead that this person may know."""
    page = read_lead_page(lead, acting, now=now)
    episode = page.episodes[0] if page.episodes else None
    if episode is None:
        return Panel(page, None, None, "", [], page.timeline[:MOST_ENTRIES])
    hand_off = episode.hand_off
    return Panel(
        page=page,
        episode=episode,
        explanation=explain_due_time(hand_off, now=now),
        definition=definition_of(hand_off, definitions_of([hand_off])),
        steps=_steps(hand_off, now),
        entries=page.timeline[:MOST_ENTRIES],
    )


def _steps(hand_off: HandOff, now: dt.datetime) -> list[Step]:
    """Say what was promised for this hand-off, and what of it is done."""
    steps: list[Step] = []
    if hand_off.acceptance_allowance is not None:
        text = _("Accepted or given back within %(length)s of business time")
        steps += _by_deadline(hand_off, ACCEPTANCE, text, hand_off.acceptance_allowance, now)
    if hand_off.due_at is not None and hand_off.allowance is not None:
        given: dict[str, Any] = {"length": phrases.length(hand_off.allowance)}
        first, due = hand_off.first_attempt_at, hand_off.due_at
        is_late = (first or now) > due
        steps.append(
            _step(_("First attempt within %(length)s of business time") % given, first is not None, is_late)
        )
    if hand_off.agreed_attempts is not None:
        given = {"n": hand_off.attempts, "agreed": hand_off.agreed_attempts}
        enough = hand_off.attempts >= hand_off.agreed_attempts or hand_off.connected_at is not None
        window = hand_off.window_ends_at
        is_late = not enough and window is not None and window < now
        steps.append(_step(_("%(agreed)s attempts unless connected: %(n)s made") % given, enough, is_late))
    steps.append(_step(_("Connected"), hand_off.connected_at is not None, False))
    if hand_off.outcome_allowance is not None:
        text = _("An outcome within %(length)s of business time")
        steps += _by_deadline(hand_off, OUTCOME, text, hand_off.outcome_allowance, now)
    return steps


def _by_deadline(
    hand_off: HandOff, of: str, text: str, allowance: dt.timedelta, now: dt.datetime
) -> Iterator[Step]:
    """Yield the step of a deadline; none where it has none, or where it is not asked any more."""
    said = text % {"length": phrases.length(allowance)}
    match live_deadline(hand_off, of, now):
        case Deadline.WAITING:
            yield _step(said, False, False)
        case Deadline.KEPT:
            yield _step(said, True, False)
        case Deadline.EXPIRED:
            yield _step(said, False, True)
        case Deadline.LATE:
            yield Step(said, "late", _("too late"))


def _step(text: str, is_done: bool, is_late: bool) -> Step:
    if is_done:
        return Step(text, "late", _("done, late")) if is_late else Step(text, "done", _("done"))
    return Step(text, "late", _("late")) if is_late else Step(text, "next", _("to do"))
