"""What people do with a lead: each asks who may, reads a form, calls one service and goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.models import Team
from leads import acting
from leads.acting import Acting
from leads.forms import AssignForm, CloseForm, GiveForm, LogForm, RejectForm, UndoForm
from leads.models import FollowUpAttempt, HandOff, Lead
from leads.phrases import clock_words
from leads.quick import spread_tap
from leads.readings.clocks import clock_face
from leads.readings.due_times import previews
from leads.readings.queue import next_step
from leads.services import attempts, hand_offs
from leads.views.answers import act_or_ask, find_hand_off, go_on, may_not, typed
from leads.views.rows import CONFLICT, act_on_row, asks_for_row, row_answer

Given = Mapping[str, Any]


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a lead to a sales team, seeing for each when its first attempt would be due."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user).select_related("segment"), pk=pk)
    if not Acting(request.user).may_hand_over():
        return may_not(request, acting.who_may_hand_over(), lead)
    now = timezone.now()
    teams = list(Team.objects.filter(function=Team.Function.SALES))
    first = teams[0] if len(teams) == 1 else None

    def act(given: Given) -> str:
        made = hand_offs.hand_over(
            lead=lead, team=given["team"], owner=given["owner"], by=person(request), now=now
        )
        return _("%(lead)s is with %(team)s now.") % {"lead": lead, "team": made.team}

    form = GiveForm(typed(request), initial={"team": first})
    context = {"lead": lead, "previews": previews(lead, teams, now=now)}
    return act_or_ask(request, form, act, template="leads/hand_over.html", context=context)


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an open hand-off to somebody; its clock runs on."""
    hand_off = find_hand_off(request, pk)
    me = Acting(request.user)
    if not me.may_assign(hand_off):
        return may_not(request, acting.who_may_assign(hand_off), hand_off.lead)
    now = timezone.now()

    def act(given: Given) -> str:
        hand_offs.assign(
            hand_off=hand_off,
            owner=given["owner"],
            at=now,
            now=now,
            by=person(request),
            seen=request.POST.get("seen"),
            still=acting.still(me.may_assign, acting.who_may_assign),
        )
        return _("%(lead)s is with %(owner)s now.") % {"lead": hand_off.lead, "owner": given["owner"]}

    own_team = {hand_off.team_id} if hand_off.team_id else set()
    teams = None if me.rights.is_administrator else me.rights.managed | own_team
    form = AssignForm(typed(request), teams=teams, initial={"owner": hand_off.owner_id})
    # A form that was refused shows whose it is now: sending it again is a decision.
    context = shown(hand_off) | {"seen": hand_offs.whose(hand_off)}
    return act_or_ask(request, form, act, template="leads/assign.html", context=context)


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a hand-off; without an owner, take it. Who comes second of the same team is told who was first."""
    me = Acting(request.user)
    seen = HandOff.objects.visible_to(request.user).values("pk")
    reach = HandOff.objects.filter(Q(pk__in=seen) | Q(team__in=me.rights.teams))
    hand_off = get_object_or_404(reach.select_related("lead", "owner", "team"), pk=pk)
    if not me.may_accept(hand_off):
        return may_not(request, acting.who_may_accept(hand_off), hand_off.lead)
    if request.method != "POST":  # somebody signed in anew, and comes back to where the button led
        return go_on(request, hand_off.lead)
    now = timezone.now()
    yours = _("%(lead)s is yours.") % {"lead": hand_off.lead}
    try:
        hand_offs.accept(hand_off=hand_off, at=now, now=now, by=person(request))
    except ValidationError as error:
        if asks_for_row(request):
            return row_answer(request, error.messages[0], hand_off, status=CONFLICT)
        messages.error(request, error.messages[0])
    else:
        if asks_for_row(request):
            return row_answer(request, yours, hand_off)
        messages.success(request, yours)
    return go_on(request, hand_off.lead)


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a lead back to marketing, with the reason."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_reject(hand_off):
        return may_not(request, acting.who_may_reject(hand_off), hand_off.lead)
    now = timezone.now()

    def act(given: Given) -> str:
        hand_offs.close(
            hand_off=hand_off,
            closed_as=HandOff.ClosedAs.REJECTED,
            at=now,
            now=now,
            by=person(request),
            reason=given["reason"],
            reason_text=given["text"],
            still=acting.still(me.may_reject, acting.who_may_reject),
        )
        return _("%(lead)s went back to marketing.") % {"lead": hand_off.lead}

    form = RejectForm(typed(request), reasons=hand_offs.reasons_for(hand_off))
    return act_or_ask(request, form, act, template="leads/reject.html", context=shown(hand_off))


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def log_attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Log one attempt: from the queue in two taps, or from its own form with a time and a note."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_work(hand_off):
        return may_not(request, acting.who_may_work(hand_off), hand_off.lead)
    now = timezone.now()

    def act(given: Given) -> str:
        made = attempts.log_attempt(
            hand_off=hand_off,
            attempted_at=given["attempted_at"],
            channel=given["channel"],
            outcome=given["outcome"],
            note=given["note"],
            key=str(given["key"]),
            now=now,
            by=person(request),
            is_by_hand=True,
            still=acting.still(me.may_work, acting.who_may_work),
        )
        if made.voided_at is not None:
            raise ValidationError(_("This form was used before and its attempt undone: open it anew."))
        return _("Logged on %(lead)s: %(attempt)s.") % {"lead": hand_off.lead, "attempt": made}

    form = LogForm(spread_tap(typed(request)))
    if asks_for_row(request):
        return act_on_row(request, form, act, hand_off)
    return act_or_ask(request, form, act, template="leads/log_attempt.html", context=shown(hand_off))


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how a hand-off ended."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_work(hand_off):
        return may_not(request, acting.who_may_close(hand_off), hand_off.lead)
    now = timezone.now()

    def act(given: Given) -> str:
        closed = hand_offs.close(
            hand_off=hand_off,
            closed_as=given["closed_as"],
            returns_on=given["returns_on"],
            at=now,
            now=now,
            by=person(request),
            still=acting.still(me.may_work, acting.who_may_close),
        )
        how = {"lead": hand_off.lead, "how": closed.get_closed_as_display()}
        return _("%(lead)s is closed as %(how)s.") % how

    form = CloseForm(typed(request))
    return act_or_ask(request, form, act, template="leads/close.html", context=shown(hand_off))


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def undo_attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an attempt: one's own at once, or with a reason an older one or another person's."""
    related = ("hand_off__lead", "hand_off__owner", "hand_off__team")
    seen = FollowUpAttempt.objects.visible_to(request.user).select_related(*related)
    attempt = get_object_or_404(seen, pk=pk)
    me, now, lead = Acting(request.user), timezone.now(), attempt.hand_off.lead
    if not me.may_undo(attempt, now=now):
        return may_not(request, acting.who_may_undo(attempt), lead)

    def act(given: Given) -> str:
        undone = attempts.void_attempt(
            attempt=attempt,
            now=now,
            by=person(request),
            reason=given["reason"],
            still=acting.still(
                lambda hand_off: me.may_undo_own(attempt, now=now) or me.manages(hand_off),
                lambda _hand_off: acting.who_may_undo(attempt),
            ),
        )
        if not undone:
            raise ValidationError(_("This attempt was undone already."))
        return _("Undone: %(attempt)s.") % {"attempt": attempt}

    form = UndoForm(typed(request))
    form.fields["reason"].required = not me.may_undo_own(attempt, now=now)
    if asks_for_row(request):
        return act_on_row(request, form, act, attempt.hand_off)
    context = {"lead": lead, "attempt": attempt}
    return act_or_ask(request, form, act, template="leads/undo_attempt.html", context=context)


def person(request: HttpRequest) -> Any:
    """The person who asks; the door lets nobody else in."""
    assert request.user.is_authenticated
    return request.user


def shown(hand_off: HandOff) -> dict[str, Any]:
    """Return what the page of an action shows above its form."""
    now = timezone.now()
    return {
        "hand_off": hand_off,
        "lead": hand_off.lead,
        "face": clock_face(hand_off, now),
        "next_step": next_step(hand_off),
        "clock_words": clock_words(now),
    }
