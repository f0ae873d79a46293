"""A row of the queue: why this lead, until when, whom to call, and what to log with two taps.

A page has dozens of them, so what is the same for all is made once: words, addresses, the taps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from leads import phrases
from leads.drawing.clocks import ClockDrawing
from leads.drawing.pieces import drawn, joined
from leads.models import HandOff, Lead
from leads.quick import TAPS
from leads.readings.queue import Row

LONGEST_WHY = 90

ROW = """
<li class="lead-row" id="hand-off-{pk}" data-row="{pk}" data-panel="{panel}">
  <div>
    <h3 class="anywhere" id="lead-{pk}"><a href="{page}"><bdi>{lead}</bdi></a>{company}</h3>
    <p class="lead-clock mt-1">{clock}</p>
    {deadline}
    <p><strong>{next_step}</strong>{next_touch}{whose}</p>
    <p class="aside-text anywhere">{why}</p>
  </div>
  <div>
    {links}
    <div class="taps">{accept}{assign}{log}</div>
    <p class="row-said" data-row-said hidden></p>
  </div>
</li>
"""
COMPANY = ' <span class="aside-text"><bdi>{company}</bdi></span>'
DEADLINE = '<p class="lead-clock mt-1">{clock}</p>'
NEXT_TOUCH = ' · <a href="{address}">{words}<span class="visually-hidden">{change}</span></a>'
LINKS = '<p class="lead-links lead-tools mb-2">{phone}{email}</p>'
PHONE = """
<a class="btn btn-sm" href="tel:{digits}"><span aria-hidden="true">☎&nbsp;</span><bdi class="anywhere">{shown}</bdi></a>
"""
EMAIL = """
<a class="btn btn-sm chip" href="mailto:{address}"><span aria-hidden="true">✉&nbsp;</span><bdi>{shown}</bdi></a>
"""
ACCEPT = """
<form class="p-0" method="post" action="{address}" data-accepts>
  {token}{back}
  <button class="btn btn-sm btn-primary" type="submit">{word}<span class="visually-hidden"> {lead}</span></button>
</form>
"""
ASSIGN = '<a class="btn btn-sm" href="{address}">{word}<span class="visually-hidden"> {lead}</span></a>'
LOG = """
<form class="taps p-0" method="post" action="{address}" data-logs>
  {token}<input type="hidden" name="hand_off" value="{pk}">
  <input type="hidden" name="key" value="{key}">{back}
  <div class="taps" role="group" aria-labelledby="lead-{pk}">{taps}</div>
  <label class="taps-note" hidden>{note}
    <input class="form-control form-control-sm" name="note" maxlength="10000" autocomplete="off" disabled></label>
</form>
<a class="btn btn-sm" href="{other_address}">{other}<span class="visually-hidden">{other_of}</span></a>
"""
HIDDEN = '<input type="hidden" name="{name}" value="{value}">'


class QueueRowDrawing:
    """The rows of one answer, drawn for who asks for it; their forms and links lead back to `here`."""

    def __init__(self, request: HttpRequest, *, here: str, now: dt.datetime) -> None:
        self._user_id, self._now = request.user.pk, now
        self._clocks = ClockDrawing(now)
        self._back_here = f"?next={quote(here, safe='')}"
        self._forms = {
            "token": drawn(HIDDEN, name="csrfmiddlewaretoken", value=get_token(request)),
            "back": drawn(HIDDEN, name="next", value=here),
        }
        self._taps = _taps(get_language())
        self._address = {
            name: _addresses(f"leads:{name}")
            for name in ("lead", "panel", "next-touch", "accept", "assign", "log-attempt")
        }
        self._words = {
            "touch": _("next touch %(at)s"),
            "change": _(": change it for %(lead)s"),
            "with": _("with %(owner)s"),
            "accept": _("Accept"),
            "assign": _("Give to …"),
            "note": _("Note, if you want"),
            "other": _("Other …"),
            "other_of": _(": log an attempt on %(lead)s"),
        }

    def row(self, row: Row) -> SafeString:
        """Return one row, with what its reader may do."""
        hand_off, lead, allowed = row.hand_off, row.hand_off.lead, row.allowed
        named = {"lead": str(lead)}
        works = allowed.work and not row.is_free
        return drawn(
            ROW,
            **named,
            pk=hand_off.pk,
            panel=self._address["panel"](lead.pk),
            page=self._address["lead"](lead.pk),
            company=drawn(COMPANY, company=lead.company) if lead.name and lead.company else "",
            clock=self._clocks.clock(row.face, hand_off.calendar_revision.time_zone),
            deadline=drawn(DEADLINE, clock=self._clocks.clock(row.deadline.face)) if row.deadline else "",
            next_step=row.next_step,
            next_touch=self._next_touch(hand_off, named) if hand_off.next_touch_at else "",
            whose=self._whose(hand_off),
            why=_why(row.why),
            links=_links(lead),
            accept=self._accept(hand_off, named) if allowed.accept else "",
            assign=self._assign(hand_off, named) if allowed.assign else "",
            log=self._log(row, named) if works else "",
        )

    def _next_touch(self, hand_off: HandOff, named: dict[str, str]) -> SafeString:
        at = phrases.moment(hand_off.next_touch_at, now=self._now) if hand_off.next_touch_at else ""
        return drawn(
            NEXT_TOUCH,
            address=self._address["next-touch"](hand_off.pk) + self._back_here,
            words=self._words["touch"] % {"at": at},
            change=self._words["change"] % named,
        )

    def _whose(self, hand_off: HandOff) -> str:
        """Say with whom it is where that is somebody else."""
        if hand_off.owner_id == self._user_id:
            return ""
        if owner := hand_off.owner or hand_off.owner_name:
            return " · " + self._words["with"] % {"owner": owner}
        return f" · {hand_off.team}" if hand_off.team else ""

    def _accept(self, hand_off: HandOff, named: dict[str, str]) -> SafeString:
        address = self._address["accept"](hand_off.pk)
        return drawn(ACCEPT, address=address, word=self._words["accept"], **named, **self._forms)

    def _assign(self, hand_off: HandOff, named: dict[str, str]) -> SafeString:
        address = self._address["assign"](hand_off.pk) + self._back_here
        return drawn(ASSIGN, address=address, word=self._words["assign"], **named)

    def _log(self, row: Row, named: dict[str, str]) -> SafeString:
        address = self._address["log-attempt"](row.hand_off.pk)
        return drawn(
            LOG,
            address=address,
            pk=row.hand_off.pk,
            key=row.key,
            taps=self._taps,
            note=self._words["note"],
            other_address=address + self._back_here,
            other=self._words["other"],
            other_of=self._words["other_of"] % named,
            **self._forms,
        )


@lru_cache
def _taps(language: str | None) -> SafeString:
    """The buttons that log an attempt, which are the same for every row and reader of a language."""
    return render_to_string("leads/_taps.html", {"taps": TAPS})


def _addresses(name: str) -> Callable[[Any], str]:
    """Return how the addresses of this name are written: looked up once, not for every row."""
    before, after = reverse(name, args=[0]).split("/0/")
    return lambda pk: f"{before}/{pk}/{after}"


def _why(parts: list[str]) -> SafeString:
    short = (part if len(part) <= LONGEST_WHY else Truncator(part).chars(LONGEST_WHY) for part in parts)
    return joined(" · ", "<bdi>{part}</bdi>", short)


def _links(lead: Lead) -> SafeString | str:
    """The links that call and write to a lead."""
    if not lead.phone and not lead.email:
        return ""
    digits = phrases.dialled(lead.phone)
    return drawn(
        LINKS,
        phone=drawn(PHONE, digits=digits, shown=lead.phone) if digits else "",
        email=drawn(EMAIL, address=quote(lead.email, safe="@"), shown=lead.email) if lead.email else "",
    )
