"""Reading agreements: all of them, one version, and why a goal is what it is."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.beginnings import NewAgreementForm
from agreements.models import Agreement, AgreementEvent, Plan, Version
from agreements.readings.agreement_list import agreement_lines
from agreements.readings.agreement_page import agreement_page, version_shown, versions_seen
from agreements.readings.history import history_line
from agreements.readings.plan_page import plan_page
from agreements.readings.standing import first_of_next_month, today_of
from agreements.rights import rights_of
from agreements.services.founding import start_agreement
from agreements.terms import company_zone

AGREEMENTS_A_PAGE, EVENTS_A_PAGE = 20, 15


@page()
def agreements(request: HttpRequest) -> HttpResponse:
    """What is agreed, and what waits for whose signature?"""
    shown = Paginator(Agreement.objects.visible_to(request.user), AGREEMENTS_A_PAGE).get_page(
        request.GET.get("page")
    )
    lines = agreement_lines(list(shown), user=request.user, now=timezone.now())
    return render(request, "agreements/agreements.html", {"shown": shown, "lines": lines})


@page("GET", "POST", allow=lambda rights: rights.may_write_agreements)
def new_agreement(request: HttpRequest) -> HttpResponse:
    """Begin an agreement between a marketing and a sales team."""
    now = timezone.now()
    first = {
        "currency": "EUR",
        "time_zone": company_zone().key,
        "starts_on": first_of_next_month(timezone.localtime(now).date()),
    }
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = NewAgreementForm(given, initial=first, rights=rights_of(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            version = start_agreement(**form.sentence(), now=now, by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The first draft is there. Write what you want to agree on."))
            return redirect("agreements:edit", version.agreement.slug, version.number)
    return render(request, "agreements/new.html", {"form": form})


@page()
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """What is agreed between these teams now?"""
    found = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    now = timezone.now()
    version = version_shown(versions_seen(found, request.user), today_of(found, now))
    if version is None:
        return render(request, "agreements/no_version.html", {"agreement": found})
    return _answer(request, found, version)


@page()
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What does this version say?"""
    found = get_object_or_404(
        Version.objects.visible_to(request.user).select_related("agreement"),
        agreement__slug=slug,
        number=number,
    )
    return _answer(request, found.agreement, found)


@page()
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this goal?"""
    found = get_object_or_404(Plan.objects.visible_to(request.user).select_related("agreement"), pk=pk)
    opened = plan_page(found, month=request.GET.get("month", ""), user=request.user)
    return render(request, "agreements/plan.html", {"page": opened, "plan": found})


def _answer(request: HttpRequest, found: Agreement, version: Version) -> HttpResponse:
    opened = agreement_page(found, version, user=request.user, now=timezone.now())
    events = AgreementEvent.objects.visible_to(request.user).filter(agreement=found).order_by("-pk")
    shown = Paginator(events.select_related("actor", "version"), EVENTS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": opened, "events": shown, "history": [history_line(event) for event in shown]}
    return render(request, "agreements/agreement.html", context)
