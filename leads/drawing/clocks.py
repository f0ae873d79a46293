"""A clock as pages draw it: icon, words, and what the script needs to let it count on."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leads import phrases
from leads.drawing.pieces import drawn
from leads.readings.clocks import ClockFace

RESTING = """
<span class="clock clock-{state}">
  <svg class="clock-icon" aria-hidden="true" focusable="false"><use href="{icons}#{state}"></use></svg>
  <span data-clock-text>{text}</span>
</span>
"""
TICKING = """
<span class="clock clock-{state}" data-clock data-state="{state}" data-seconds="{seconds}"
    data-due="{due_seconds}" data-risk="{risk_seconds}" data-spans="{spans}">
  <svg class="clock-icon" aria-hidden="true" focusable="false"><use href="{icons}#{state}"></use></svg>
  <span class="visually-hidden" data-clock-state>{label}</span>
  <span data-clock-text>{text}</span>
</span>
<span>{due} <span class="aside-text">{hours}</span></span>
<span class="aside-text" data-clock-rest{hidden}>{rests}</span>
"""


class ClockDrawing:
    """The clocks of one page, for who reads it at `now`."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._icons = static("slaproject/clocks.svg")
        self._due, self._hours, self._rests = (
            _("due %(due)s"),
            _("hours of %(calendar)s"),
            _("rests until %(opens)s"),
        )

    def clock(self, face: ClockFace, zone: str = "") -> SafeString:
        """Return a clock; its instants name their zone where the reader's is not `zone`, which it counts in."""
        if not face.is_ticking or face.due_at is None:
            return drawn(RESTING, state=face.state, icons=self._icons, text=face.text)
        rests = self._rests % {"opens": self._moment(face.opens_at, zone)} if face.opens_at else ""
        return drawn(
            TICKING,
            state=face.state,
            icons=self._icons,
            label=face.state_label,
            text=face.text,
            seconds=face.seconds,
            due_seconds=int(face.due_at.timestamp()),
            risk_seconds=int(face.at_risk_at.timestamp()) if face.at_risk_at else "",
            spans=face.spans_text,
            due=self._due % {"due": self._moment(face.due_at, zone)},
            hours=self._hours % {"calendar": face.hours_of},
            rests=rests,
            hidden="" if rests else " hidden",
        )

    def _moment(self, instant: dt.datetime, zone: str) -> str:
        return phrases.moment(instant, now=self._now, zone=zoneinfo.ZoneInfo(zone) if zone else None)
