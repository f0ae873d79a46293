"""How templates of leads write instants, lengths and telephone numbers, and draw clocks and rows of the queue."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django import template
from django.utils.safestring import SafeString

from leads import phrases
from leads.drawing.clocks import ClockDrawing
from leads.drawing.queue_rows import QueueRowDrawing
from leads.readings.clocks import ClockFace
from leads.readings.queue import Row

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: Any, instant: dt.datetime, zone: str = "") -> str:
    """Write an instant in the reader's zone, named where it is not `zone`; the page's context has `now`."""
    return phrases.moment(instant, now=context["now"], zone=zoneinfo.ZoneInfo(zone) if zone else None)


@register.simple_tag(takes_context=True)
def day(context: Any, on: dt.date) -> str:
    """Write a local day."""
    return phrases.day(on, today=context["now"].date())


@register.filter
def duration(value: dt.timedelta) -> str:
    """Write a length of time."""
    return phrases.length(value)


@register.filter
def seconds_length(value: int) -> str:
    """Write a length of time given in seconds."""
    return phrases.length(dt.timedelta(seconds=value))


@register.filter
def tel(number: str) -> str:
    """Return what a tel: link may hold of a number."""
    return phrases.dialled(number)


@register.simple_tag(takes_context=True)
def clock(context: Any, face: ClockFace, zone: str = "") -> SafeString:
    """Draw a clock that counts in `zone`; the page's context has `now`."""
    return ClockDrawing(context["now"]).clock(face, zone)


@register.simple_tag(takes_context=True)
def queue_row(context: Any, row: Row) -> SafeString:
    """Draw a row of the queue; the page's context has its `drawing`."""
    drawing: QueueRowDrawing = context["drawing"]
    return drawing.row(row)
