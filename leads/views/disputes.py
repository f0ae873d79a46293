"""A rejection answered: marketing agrees or disputes, a manager of sales decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from leads import acting
from leads.acting import Acting
from leads.life_forms import DecideForm, DisputeForm
from leads.models import Dispute
from leads.services import disputes
from leads.views.actions import person, shown
from leads.views.answers import act_or_ask, find_hand_off, go_on, may_not, typed

Given = Mapping[str, Any]


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a rejection."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_answer_rejections():
        return may_not(request, acting.who_may_answer_rejections(), hand_off.lead)
    if request.method != "POST":  # somebody signed in anew, and comes back to where the button led
        return go_on(request, hand_off.lead)
    try:
        disputes.agree_to_rejection(hand_off=hand_off, now=timezone.now(), by=person(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The rejection of %(lead)s is agreed to.") % {"lead": hand_off.lead})
    return go_on(request, hand_off.lead)


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Dispute a rejection, with a word."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_answer_rejections():
        return may_not(request, acting.who_may_answer_rejections(), hand_off.lead)

    def act(given: Given) -> str:
        disputes.dispute_rejection(
            hand_off=hand_off, words=given["words"], now=timezone.now(), by=person(request)
        )
        return _("The rejection of %(lead)s is disputed; sales decides.") % {"lead": hand_off.lead}

    form = DisputeForm(typed(request))
    context = shown(hand_off) | {"is_idle": not disputes.is_unanswered(hand_off)}
    return act_or_ask(request, form, act, template="leads/dispute.html", context=context)


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Uphold a disputed rejection, or withdraw it."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.manages(hand_off):
        return may_not(request, acting.who_may_decide(hand_off), hand_off.lead)

    def act(given: Given) -> str:
        disputes.decide_dispute(
            hand_off=hand_off,
            outcome=given["outcome"],
            answer=given["answer"],
            now=timezone.now(),
            by=person(request),
            still=acting.still(me.manages, acting.who_may_decide),
        )
        if given["outcome"] == Dispute.Outcome.UPHELD:
            return _("The rejection of %(lead)s stands.") % {"lead": hand_off.lead}
        return _("%(lead)s is with sales again.") % {"lead": hand_off.lead}

    form = DecideForm(typed(request))
    undecided = hand_off.disputes.undecided().select_related("opened_by").first()
    context = shown(hand_off) | {"dispute": undecided, "is_idle": undecided is None}
    return act_or_ask(request, form, act, template="leads/decide_dispute.html", context=context)
