"""What the clock of a hand-off shows at an instant: its state, the business time left or late, and when it rests."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.business_time import Calendar
from agreements.models import CalendarRevision
from agreements.spans import Kind
from leads import clock, phrases
from leads.models import HandOff
from leads.services.facts import state_now

# A page that stays open ticks on by itself for so long; then it is time to load it anew.
AHEAD = dt.timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A clock as shown. `length` is business time: what is left, or how late it is; None where nothing runs.

    `open_spans` are the epoch seconds of business hours ahead, by which a page counts on; `opens_at` is when a
    clock that rests outside business hours goes on. `hours_of` names the calendar whose hours these are.
    """

    state: str
    text: str
    length: dt.timedelta | None = None
    due_at: dt.datetime | None = None
    at_risk_at: dt.datetime | None = None
    opens_at: dt.datetime | None = None
    hours_of: str = ""
    open_spans: tuple[tuple[int, int], ...] = ()

    @property
    def is_ticking(self) -> bool:
        return self.length is not None

    @property
    def state_label(self) -> str:
        return _label(self.state, get_language())

    @property
    def seconds(self) -> int:
        return 0 if self.length is None else int(self.length.total_seconds())

    @property
    def spans_text(self) -> str:
        """The open spans as an attribute of the page: 100-200 300-400."""
        return " ".join(f"{start}-{end}" for start, end in self.open_spans)


def live_state(hand_off: HandOff, now: dt.datetime) -> str:
    """The state of the clock at `now`: the stored one may lag behind until the next sweep."""
    return state_now(hand_off, now=now)


def clock_face(hand_off: HandOff, now: dt.datetime) -> ClockFace:
    """Return what its clock shows; the hand-off's calendar revision should have been read with it."""
    state = live_state(hand_off, now)
    due_at = hand_off.due_at
    if due_at is None or hand_off.closed_at is not None or state not in clock.WAITING:
        return ClockFace(state, _label(state, get_language()), due_at=due_at, at_risk_at=hand_off.at_risk_at)
    if state == clock.State.PAUSED and hand_off.paused_until is not None:
        until = phrases.moment(hand_off.paused_until, now=now, zone=zone_of(hand_off))
        text = _("paused until %(until)s") % {"until": until}
        return ClockFace(state, text, due_at=due_at, at_risk_at=hand_off.at_risk_at)
    calendar = hand_off.calendar_revision.compiled()
    opens_at = None
    if state == clock.State.OVERDUE:
        length = calendar.elapsed(due_at, now)
        text = _("late %(length)s") % {"length": phrases.length(length)}
    else:
        length = calendar.elapsed(now, due_at)
        text = _("%(length)s left") % {"length": phrases.length(length)}
        if not calendar.is_open(now):
            opens_at = calendar.next_open(now)
    return ClockFace(
        state,
        text,
        length,
        due_at,
        hand_off.at_risk_at,
        opens_at,
        hours_of=hand_off.calendar_revision.calendar.name,
        open_spans=_open_spans(calendar, now, now + AHEAD),
    )


def with_calendars(hand_offs: Collection[HandOff]) -> None:
    """Read the calendars of these hand-offs once, so that equal ones share their tables."""
    ids = {hand_off.calendar_revision_id for hand_off in hand_offs}
    revisions = CalendarRevision.objects.select_related("calendar").in_bulk(ids)
    for hand_off in hand_offs:
        hand_off.calendar_revision = revisions[hand_off.calendar_revision_id]


def zone_of(hand_off: HandOff) -> zoneinfo.ZoneInfo:
    """The zone that its clock counts in."""
    return zoneinfo.ZoneInfo(hand_off.calendar_revision.time_zone)


@lru_cache
def _label(state: str, language: str | None) -> str:
    """The name of a state in this language, which is the active one."""
    return str(HandOff.State(state).label)


@lru_cache(maxsize=64)
def _open_spans(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> tuple[tuple[int, int], ...]:
    """The open spans ahead as a page needs them: asked for with each of its rows, the same for equal hours."""
    return tuple(
        (int(stretch.span.start.timestamp()), int(stretch.span.end.timestamp()))
        for stretch in calendar.explain(start, end)
        if stretch.kind is Kind.OPEN
    )
