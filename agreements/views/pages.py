"""Reading agreements: all of them, one version, and why a goal is what it is."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.downloads import asked_format, file_answer
from agreements.forms.beginnings import NewAgreementForm
from agreements.forms.register import RegisterForm
from agreements.models import Agreement, AgreementEvent, Plan, Version
from agreements.readings.agreement_page import agreement_page, version_shown, versions_seen
from agreements.readings.beginning import beginning
from agreements.readings.history import history_lines
from agreements.readings.plan_page import plan_page
from agreements.readings.register import register_lines
from agreements.readings.register_file import HEADINGS, register_rows
from agreements.readings.register_query import registered
from agreements.readings.standing import today_of
from agreements.rights import rights_of
from agreements.services.founding import start_agreement

AGREEMENTS_A_PAGE, EVENTS_A_PAGE = 20, 15
LONGEST_CALCULATION = 8_000


@page()
def agreements(request: HttpRequest) -> HttpResponse:
    """What is agreed, how is it kept, and who has to act?"""
    now, form = timezone.now(), RegisterForm(request.GET)
    asked = form.asked()
    found = registered(request.user, asked, now=now)
    if file := asked_format(request.GET):
        rows = register_rows(register_lines(list(found), user=request.user, now=now))
        name = f"agreements-{timezone.localdate(now).isoformat()}"
        return file_answer(file, HEADINGS, rows, name=name)
    shown = Paginator(found, AGREEMENTS_A_PAGE).get_page(request.GET.get("page"))
    lines = register_lines(list(shown), user=request.user, now=now)
    context = {"shown": shown, "lines": lines, "form": form, "is_narrowed": asked.is_narrowed}
    return render(request, "agreements/agreements.html", context)


@page("GET", "POST", allow=lambda rights: rights.may_write_agreements)
def new_agreement(request: HttpRequest) -> HttpResponse:
    """Begin an agreement between a marketing and a sales team."""
    now = timezone.now()
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    calculation = (given or request.GET).get("calculation", "")[:LONGEST_CALCULATION]
    form = NewAgreementForm(
        given,
        initial=beginning(calculation, now=now),
        rights=rights_of(request.user),
        above=Agreement.objects.visible_to(request.user),
    )
    if request.method == "POST" and form.is_valid():
        try:
            version = start_agreement(**form.sentence(), now=now, by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _begun(request, version, calculation)
    return render(request, "agreements/new.html", {"form": form, "calculation": calculation})


def _begun(request: HttpRequest, version: Version, calculation: str) -> HttpResponse:
    """Go on with the draft, or first with the calculation that is to become its goal."""
    slug = version.agreement.slug
    if not calculation:
        messages.success(request, _("The first draft is there. Write what you want to agree on."))
        return redirect("agreements:edit", slug, version.number)
    messages.success(
        request,
        _("The first draft is there. Its goal comes next: “Use as its goal”, below."),
    )
    inputs = QueryDict(calculation, mutable=True)
    inputs["agreement"] = slug
    return redirect(f"{reverse('reports:calculator')}?{inputs.urlencode()}#use")


@page()
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """What is agreed between these teams now?"""
    known = Agreement.objects.visible_to(request.user).select_related("parent", "segment")
    found = get_object_or_404(known, slug=slug)
    versions = versions_seen(found, request.user)
    version = version_shown(versions, today_of(found, timezone.now()))
    if version is None:
        return render(request, "agreements/no_version.html", {"agreement": found})
    return _answer(request, found, version, versions)


@page()
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What does this version say?"""
    found = get_object_or_404(
        Version.objects.visible_to(request.user).select_related("agreement__parent", "agreement__segment"),
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


def _answer(
    request: HttpRequest, found: Agreement, version: Version, versions: list[Version] | None = None
) -> HttpResponse:
    opened = agreement_page(found, version, user=request.user, now=timezone.now(), versions=versions)
    events = AgreementEvent.objects.visible_to(request.user).filter(agreement=found).order_by("-pk")
    shown = Paginator(events.select_related("actor", "version"), EVENTS_A_PAGE).get_page(
        request.GET.get("page")
    )
    history = history_lines(list(shown), found, user=request.user)
    context = {"page": opened, "events": shown, "history": history}
    return render(request, "agreements/agreement.html", context)
