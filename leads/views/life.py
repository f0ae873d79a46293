"""The life of a hand-off on its pages: its clock paused and resumed, its next touch planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from leads import acting, phrases
from leads.acting import Acting
from leads.life_forms import NextTouchForm, PauseForm
from leads.services import next_touches, pauses
from leads.views.actions import person, shown
from leads.views.answers import act_or_ask, find_hand_off, go_on, may_not, typed

Given = Mapping[str, Any]


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause a clock, as the agreement allows."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_work(hand_off):
        return may_not(request, acting.who_may_pause(hand_off), hand_off.lead)
    now = timezone.now()

    def act(given: Given) -> str:
        made = pauses.pause(
            hand_off=hand_off,
            until=given["until"],
            reason=given["reason"],
            now=now,
            by=person(request),
            still=acting.still(me.may_work, acting.who_may_pause),
        )
        said = {"lead": hand_off.lead, "until": phrases.moment(made.ends_at, now=now)}
        return _("%(lead)s is paused until %(until)s.") % said

    limit = pauses.pause_limit(hand_off)
    left = pauses.pause_left(hand_off, limit)
    context = shown(hand_off) | {"limit": limit, "left": left, "is_idle": limit is None}
    return act_or_ask(request, PauseForm(typed(request)), act, template="leads/pause.html", context=context)


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """End a pause now."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_work(hand_off):
        return may_not(request, acting.who_may_pause(hand_off), hand_off.lead)
    if request.method != "POST":  # somebody signed in anew, and comes back to where the button led
        return go_on(request, hand_off.lead)
    try:
        pauses.resume(
            hand_off=hand_off,
            now=timezone.now(),
            by=person(request),
            still=acting.still(me.may_work, acting.who_may_pause),
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The clock of %(lead)s runs again.") % {"lead": hand_off.lead})
    return go_on(request, hand_off.lead)


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def next_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan when a lead is tried next."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_work(hand_off):
        return may_not(request, acting.who_may_work(hand_off), hand_off.lead)
    now = timezone.now()

    def act(given: Given) -> str:
        planned = next_touches.plan_next_touch(
            hand_off=hand_off,
            at=given["at"],
            now=now,
            by=person(request),
            still=acting.still(me.may_work, acting.who_may_work),
        )
        if planned.next_touch_at is None:
            return _("No next touch of %(lead)s is planned.") % {"lead": hand_off.lead}
        said = {"lead": hand_off.lead, "at": phrases.moment(planned.next_touch_at, now=now)}
        return _("Next touch of %(lead)s: %(at)s.") % said

    form = NextTouchForm(typed(request), initial={"at": hand_off.next_touch_at})
    return act_or_ask(request, form, act, template="leads/next_touch.html", context=shown(hand_off))
