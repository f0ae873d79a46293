"""New business hours for open hand-offs: what they would change, proposing them, agreeing."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.models import BusinessCalendar, HoursProposal
from agreements.rights import rights_of
from leads.readings.new_hours import asked_of, newest, parties_directed, read_new_hours, read_proposal
from leads.services.new_hours import agree_to_hours, propose_hours, withdraw_hours

CONFLICT = 409


@page("GET", "POST", allow=lambda rights: rights.is_administrator)
def new_hours(request: HttpRequest, slug: str) -> HttpResponse:
    """Shall the newest hours of this calendar count for open hand-offs too?"""
    revision = newest(get_object_or_404(BusinessCalendar, slug=slug))
    if revision is None:
        raise Http404
    now, refusal = timezone.now(), ""
    if request.method == "POST":
        try:
            proposal = propose_hours(revision=revision, now=now, by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(request, _("Proposed. A director of each party is asked to agree."))
            return redirect("leads:hours-proposal", proposal.pk)
    opened = read_new_hours(revision, user=request.user, now=now, number=request.GET.get("page", "1"))
    context = {
        "page": opened,
        "calendar": revision.calendar,
        "waiting": revision.proposals.open().first(),
        "refusal": refusal,
    }
    return render(request, "leads/new_hours.html", context, status=CONFLICT if refusal else None)


@page("GET", "POST")
def hours_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """What would the new hours change, and who has agreed?"""
    seen = HoursProposal.objects.visible_to(request.user).select_related("revision__calendar", "proposed_by")
    proposal = get_object_or_404(seen, pk=pk)
    now, refusal, status = timezone.now(), "", None
    if request.method == "POST":
        try:
            return _answered(request, proposal)
        except ValidationError as error:
            refusal, status = " ".join(error.messages), CONFLICT
    asked, stale = asked_of(proposal, user=request.user, now=now)
    context = {
        "page": read_proposal(proposal, user=request.user, now=now, number=request.GET.get("page", "1")),
        "proposal": proposal,
        "asked": asked,
        "stale": stale,
        "refusal": refusal,
        "may_withdraw": rights_of(request.user).is_administrator,
    }
    return render(request, "leads/hours_proposal.html", context, status=status)


def _answered(request: HttpRequest, proposal: HoursProposal) -> HttpResponse:
    """Give the consent of the party that was named, or withdraw; 403 for who may do neither."""
    now, by = timezone.now(), request.user
    mine = parties_directed(proposal, by)
    if "withdraw" in request.POST and rights_of(by).is_administrator:
        withdraw_hours(proposal=proposal, now=now, by=by)  # type: ignore[arg-type]
        messages.success(request, _("The proposal is withdrawn. Open hand-offs keep their hours."))
        return redirect("leads:hours-proposal", proposal.pk)
    if not mine and not rights_of(by).is_administrator:
        teams = [one.party.team.name for one in proposal.consents.select_related("party__team")]
        raise PermissionDenied(
            _("Only directors of %(teams)s agree to new hours.") % {"teams": get_text_list(teams, _("and"))}
        )
    party = next((one for one in mine if str(one.pk) == request.POST.get("party", "")), None)
    if party is None:
        raise ValidationError(_("Choose for which of your teams you agree."))
    if agree_to_hours(proposal=proposal, party=party, now=now, by=by):  # type: ignore[arg-type]
        messages.success(request, _("All have agreed: the new hours count for open hand-offs from now on."))
    else:
        messages.success(request, _("You have agreed. The hours count once all parties have."))
    return redirect("leads:hours-proposal", proposal.pk)
