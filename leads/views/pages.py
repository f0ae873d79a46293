"""The pages that show leads: my queue, the list, one lead, a new one, and why a due time is what it is."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.readings.pulse import pulses_asked
from leads.acting import Acting
from leads.drawing.queue_rows import QueueRowDrawing
from leads.exports.lists import OF_LEADS, Kind
from leads.forms import LogForm, NewLeadForm
from leads.list_form import ListForm, read_asked
from leads.models import FollowUpAttempt, HandOff, Lead
from leads.phrases import clock_words
from leads.quick import spread_tap
from leads.readings.due_times import explain_due_time
from leads.readings.handed_over import read_handed_over
from leads.readings.lead_page import GRADES, possible_duplicates, read_lead_page
from leads.readings.listing import owners, read_listing, sources_seen_by
from leads.readings.panel import read_panel
from leads.readings.queue import ME, read_queue
from leads.services.leads import enter_lead
from leads.views.answers import find_hand_off, may_not, survivor_of, typed
from leads.views.files import asked_file, asked_list


@page("GET", allow=lambda rights: rights.may_work_leads)
def queue(request: HttpRequest) -> HttpResponse:
    """What do I have to work next?"""
    if file := asked_file(request, Kind.QUEUE):
        return file
    now = timezone.now()
    whose = request.GET.get("owner") or ME
    found = read_queue(Acting(request.user), whose=whose, number=_page_number(request), now=now)
    here = request.get_full_path()
    context = {
        "queue": found,
        "unsent": _unsent_attempt(request),
        "now": now,
        "drawing": QueueRowDrawing(request, here=here, now=now),
        "here": here,
        "clock_words": clock_words(now),
        "pulses": pulses_asked(request.user, now=now),
    }
    return render(request, "leads/queue.html", context)


def _page_number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    return max(int(asked), 1) if asked.isascii() and asked.isdecimal() and 1 <= len(asked) <= 4 else 1


@page("GET", allow=lambda rights: rights.is_marketing or rights.is_administrator)
def handed_over(request: HttpRequest) -> HttpResponse:
    """What did sales do with the leads that I handed over?"""
    if file := asked_file(request, Kind.HANDED_OVER):
        return file
    now = timezone.now()
    found = read_handed_over(Acting(request.user), number=_page_number(request), now=now)
    context = {"page": found, "now": now, "clock_words": clock_words(now)}
    return render(request, "leads/handed_over.html", context)


def _unsent_attempt(request: HttpRequest) -> FollowUpAttempt | None:
    """The attempt that was tapped after the session had ended: not logged, to be offered once more."""
    kept = spread_tap(getattr(request, "kept_elsewhere", None))
    pk = kept.get("hand_off", "") if kept else ""
    form = LogForm(kept)
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19 and form.is_valid()):
        return None
    hand_off = HandOff.objects.visible_to(request.user).select_related("lead").filter(pk=pk).first()
    if hand_off is None:
        return None
    given = form.cleaned_data
    return FollowUpAttempt(
        hand_off=hand_off, channel=given["channel"], outcome=given["outcome"], external_id=str(given["key"])
    )


@page("GET", allow=lambda rights: rights.may_work_leads)
def leads(request: HttpRequest) -> HttpResponse:
    """Which leads are there, and where does each stand?"""
    if file := asked_file(request, asked_list(request)):
        return file
    now = timezone.now()
    form = ListForm(request.GET, owners=owners(), sources=sources_seen_by(request.user))
    asked, chips, complaints = read_asked(form)
    context = {
        "form": form,
        "chips": chips,
        "complaints": complaints,
        "lists": OF_LEADS,
        "listing": read_listing(request.user, asked, now=now, is_narrowed=bool(chips)),
        "now": now,
        "clock_words": clock_words(now),
    }
    return render(request, "leads/leads.html", context)


@page("GET", allow=lambda rights: rights.may_work_leads)
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    """How do things stand with this lead? One that was merged leads to the one that goes on."""
    now = timezone.now()
    found = Lead.objects.visible_to(request.user).select_related("segment").filter(pk=pk).first()
    if found is None:
        return redirect("leads:lead", pk=survivor_of(request, pk).pk)
    shown = read_lead_page(found, Acting(request.user), now=now)
    return render(
        request,
        "leads/lead.html",
        {"page": shown, "grades": GRADES, "now": now, "clock_words": clock_words(now)},
    )


@page("GET", allow=lambda rights: rights.may_work_leads)
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What do I have to know of this lead, beside the queue? Opened by itself it is the lead's page."""
    now = timezone.now()
    found = Lead.objects.visible_to(request.user).select_related("segment").filter(pk=pk).first()
    if found is None:
        return redirect("leads:panel", pk=survivor_of(request, pk).pk)
    if request.headers.get("HX-Request") != "true":
        return redirect("leads:lead", pk=pk)
    shown = read_panel(found, Acting(request.user), now=now)
    return render(request, "leads/panel.html", {"panel": shown, "page": shown.page, "now": now})


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def new_lead(request: HttpRequest) -> HttpResponse:
    """Enter a lead by hand; others with the same e-mail address are shown, not refused."""
    if not Acting(request.user).may_hand_over():
        return may_not(request, _("Only people of marketing enter leads here."))
    form = NewLeadForm(typed(request))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        given = form.cleaned_data
        try:
            made = enter_lead(
                **given | {"key": str(given["key"]), "qualified_at": given["qualified_at"] or now, "now": now}
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(lead)s is entered.") % {"lead": made})
            if possible_duplicates(made, request.user):
                messages.warning(request, _("There are other leads with this e-mail address: see below."))
            return redirect("leads:lead", pk=made.pk)
    return render(request, "leads/new_lead.html", {"form": form})


@page("GET", allow=lambda rights: rights.may_work_leads)
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Why is it due then? `?of=acceptance` or `outcome` asks for another deadline than the first attempt's."""
    now = timezone.now()
    hand_off = find_hand_off(request, pk)
    context = {
        "hand_off": hand_off,
        "lead": hand_off.lead,
        "explanation": explain_due_time(hand_off, now=now, of=request.GET.get("of", "")),
        "now": now,
    }
    return render(request, "leads/explain.html", context)
