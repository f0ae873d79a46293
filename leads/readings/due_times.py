"""Due times before and after the hand-off: what it would be, and which business hours were counted."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import CalendarRevision, Team
from agreements.opening_hours import Reason
from agreements.spans import Kind, Stretch
from agreements.terms import TermsBook
from leads import phrases
from leads.models import HandOff, Lead, Pause
from leads.readings.deadlines import ACCEPTANCE, OUTCOME
from leads.services.hand_offs import put_under_terms, start_clock
from leads.services.re_dating import as_open

MOST_STRETCHES = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What a team would promise for a lead that it is given now."""

    team: Team
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of the time between hand-off and due time. `total` is the business time counted at its end."""

    start: str
    end: str
    own_start: str
    own_end: str
    is_open: bool
    reason: str
    length: str
    total: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A due time with what was counted; `lines` are the first of `n_lines`."""

    sentence: str
    lines: list[Line]
    n_lines: int
    zone: str
    own_zone: str
    at_risk: str

    @property
    def has_other_zone(self) -> bool:
        return self.zone != self.own_zone

    @property
    def n_hidden(self) -> int:
        return self.n_lines - len(self.lines)


def previews(lead: Lead, teams: Iterable[Team], *, now: dt.datetime) -> list[Preview]:
    """Say for each team when its first attempt on the lead would be due, by the code that sets the due time."""
    book = TermsBook()
    found = []
    for team in teams:
        terms = book.terms(at=now, team_id=team.pk, segment_id=lead.segment_id)
        hand_off = HandOff(lead=lead, handed_off_at=now.replace(microsecond=0))
        put_under_terms(hand_off, terms)
        start_clock(hand_off, terms, start_at=hand_off.handed_off_at)
        found.append(Preview(team, due_sentence(hand_off, now=now)))
    return found


def due_sentence(hand_off: HandOff, *, now: dt.datetime) -> str:
    """Say when the first attempt is due, after which allowance, by whose hours, and by when sales accepts."""
    said = _first_attempt(hand_off, now)
    if hand_off.acceptance_due_at is None:
        return said
    zone = zoneinfo.ZoneInfo(hand_off.calendar_revision.time_zone)
    given = {"said": said, "due": phrases.moment(hand_off.acceptance_due_at, now=now, zone=zone)}
    return _("%(said)s; accepted or given back by %(due)s") % given


def _first_attempt(hand_off: HandOff, now: dt.datetime) -> str:
    if hand_off.due_at is None or hand_off.allowance is None:
        if hand_off.version_id is None:
            return _("no clock: no agreement in force promises a time")
        return _("no clock: the agreement promises no time for this")
    revision = hand_off.calendar_revision
    given = {
        "due": phrases.moment(hand_off.due_at, now=now, zone=zoneinfo.ZoneInfo(revision.time_zone)),
        "allowance": phrases.length(hand_off.allowance),
        "calendar": revision.calendar.name,
    }
    return _("first attempt due %(due)s (%(allowance)s business, %(calendar)s)") % given


def explain_due_time(hand_off: HandOff, *, now: dt.datetime, of: str = "") -> Explanation:
    """Show the open and closed time between the hand-off and its due time, in the zone of its calendar.

    One whose clocks an import let count from its own time is shown from then on. `of` names another deadline than the
    first attempt's: acceptance or outcome.
    """
    due_at, allowance = hand_off.due_at, hand_off.allowance
    if of == ACCEPTANCE:
        due_at, allowance = hand_off.acceptance_due_at, hand_off.acceptance_allowance
    elif of == OUTCOME:
        due_at, allowance = hand_off.outcome_due_at, hand_off.outcome_allowance
    revision = hand_off.calendar_revision
    zone, own = zoneinfo.ZoneInfo(revision.time_zone), timezone.get_current_timezone()
    lines: list[Line] = []
    stretches: list[Stretch] = []
    starts_at = _clock_start(hand_off)
    if due_at is not None:
        # A pause holds the clock of the first attempt; deadlines run on.
        is_held = of not in (ACCEPTANCE, OUTCOME)
        pauses = Pause.objects.spans([hand_off.pk]).get(hand_off.pk, ()) if is_held else ()
        stretches = revision.compiled().explain(starts_at, due_at, pauses)
        counted = dt.timedelta(0)
        for stretch in stretches[:MOST_STRETCHES]:
            if stretch.kind is Kind.OPEN:
                counted += stretch.span.length
            lines.append(_line(stretch, counted, revision, zone, own, now))
    return Explanation(
        sentence=_sentence(hand_off, starts_at, due_at, allowance, zone, now),
        lines=lines,
        n_lines=len(stretches),
        zone=zone.key,
        own_zone=str(own),
        at_risk=_written(hand_off.at_risk_at, zone, now)
        if hand_off.at_risk_at and of not in (ACCEPTANCE, OUTCOME)
        else "",
    )


def _clock_start(hand_off: HandOff) -> dt.datetime:
    if hand_off.recorded_by_id is None:
        return hand_off.handed_off_at
    return as_open(hand_off).clock_start(hand_off.calendar_revision.compiled())


def _line(
    stretch: Stretch,
    counted: dt.timedelta,
    revision: CalendarRevision,
    zone: zoneinfo.ZoneInfo,
    own: dt.tzinfo,
    now: dt.datetime,
) -> Line:
    start, end = stretch.span.start, stretch.span.end
    is_open = stretch.kind is Kind.OPEN
    return Line(
        start=_written(start, zone, now),
        end=_written(end, zone, now),
        own_start=_written(start, own, now),
        own_end=_written(end, own, now),
        is_open=is_open,
        reason=_why(stretch, revision),
        length=phrases.length(stretch.span.length),
        total=phrases.length(counted) if is_open else "",
    )


def _written(instant: dt.datetime, zone: dt.tzinfo, now: dt.datetime) -> str:
    local = instant.astimezone(zone)
    given = {
        "day": phrases.day(local.date(), today=now.astimezone(zone).date()),
        "time": f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}",
    }
    return _("%(day)s %(time)s") % given


def _why(stretch: Stretch, revision: CalendarRevision) -> str:
    match stretch.reason:
        case Reason.HOLIDAY:
            name = revision.holiday_names.get(f"{stretch.on:%Y-%m-%d}") if stretch.on else None
            return _("holiday: %(name)s") % {"name": name} if name else _("holiday")
        case Reason.BREAK:
            return _("closed for part of the day")
        case Reason.OVERRIDE:
            return _("special hours of that day")
        case Reason.PAUSE:
            return _("paused")
    return _("business hours") if stretch.kind is Kind.OPEN else _("outside business hours")


def _sentence(
    hand_off: HandOff,
    starts_at: dt.datetime,
    due_at: dt.datetime | None,
    allowance: dt.timedelta | None,
    zone: zoneinfo.ZoneInfo,
    now: dt.datetime,
) -> str:
    lead = {"lead": hand_off.lead}
    if due_at is not None and allowance is not None:
        said = (
            _("Due %(due)s: %(allowance)s of business time (%(calendar)s) after the hand-off, %(start)s.")
            if starts_at == hand_off.handed_off_at
            else _("Due %(due)s: %(allowance)s of business time (%(calendar)s) after the import, %(start)s.")
        )
        return said % {
            "due": phrases.in_zone(due_at, zone, now=now, is_named=True),
            "start": phrases.in_zone(starts_at, zone, now=now),
            "allowance": phrases.length(allowance),
            "calendar": hand_off.calendar_revision.calendar.name,
        }
    if hand_off.is_date_only:
        return _("%(lead)s has no due time: only the day of the hand-off is known.") % lead
    if hand_off.version_id is None:
        return _("%(lead)s has no due time: no agreement was in force for this hand-off.") % lead
    return _("%(lead)s has no due time: the agreement promised none, or it was imported as history.") % lead
