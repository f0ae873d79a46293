"""Lines of the timeline that tell of pauses and next touches."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from leads import phrases
from leads.models import HandOff, HandOffEvent, Pause
from leads.readings.clocks import zone_of


def life_entry(kind: HandOffEvent.Kind, data: dict[str, Any], hand_off: HandOff, now: dt.datetime) -> str:
    """Say what such an event tells; empty where its name says all."""
    match kind:
        case HandOffEvent.Kind.PAUSED if until := _instant(data.get("until"), hand_off, now):
            reason = data.get("reason")
            said = {
                "until": until,
                "reason": Pause.Reason(reason).label if reason in Pause.Reason.values else "",
            }
            return _("Clock paused until %(until)s: %(reason)s") % said
        case HandOffEvent.Kind.NEXT_TOUCH_PLANNED:
            at = _instant(data.get("planned_for"), hand_off, now)
            return _("Next touch planned for %(at)s") % {"at": at} if at else _("No next touch planned")
    return ""


def _instant(text: Any, hand_off: HandOff, now: dt.datetime) -> str:
    """An instant as events keep it, written for the page; empty for none."""
    if not isinstance(text, str):
        return ""
    return phrases.moment(dt.datetime.fromisoformat(text), now=now, zone=zone_of(hand_off))
