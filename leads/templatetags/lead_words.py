"""How templates of leads write instants, lengths and telephone numbers."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django import template

from leads import phrases

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
def length(value: dt.timedelta) -> str:
    """Write a length of time."""
    return phrases.length(value)


@register.filter
def seconds_length(value: int) -> str:
    """Write a length of time given in seconds."""
    return phrases.length(dt.timedelta(seconds=value))


@register.filter
def tel(number: str) -> str:
    """Return what a tel: link may hold of a number: its digits, and a plus sign in front."""
    digits = "".join(sign for sign in number if sign in "0123456789")
    return f"+{digits}" if number.strip().startswith("+") else digits
