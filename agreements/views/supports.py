"""What an agreement rests on: read by everybody who reads the agreement, named by those who write it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.supports import SupportForm
from agreements.models import Agreement, Support
from agreements.readings.agreement_page import parties_of
from agreements.readings.standing import may_write, name_list, today_of
from agreements.readings.supports import chain_of
from agreements.rights import rights_of
from agreements.services.supporting import name_support, remove_support


@page("GET", "POST")
def supports(request: HttpRequest, slug: str) -> HttpResponse:
    """What does this agreement rest on, and which link is the weakest?"""
    seen = Agreement.objects.visible_to(request.user)
    agreement, now = get_object_or_404(seen, slug=slug), timezone.now()
    may = may_write(parties_of(agreement), rights_of(request.user))
    if request.method == "POST" and not may:
        _refuse(agreement)
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = SupportForm(given, others=seen.exclude(pk=agreement.pk))
    if request.method == "POST" and form.is_valid():
        try:
            name_support(agreement=agreement, **form.cleaned_data, now=now, by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("agreements:supports", slug)
    context = {
        "agreement": agreement,
        "chain": chain_of(agreement, user=request.user, today=today_of(agreement, now)),
        "form": form,
        "may_write": may,
    }
    status = 422 if request.method == "POST" else None
    return render(request, "agreements/supports.html", context, status=status)


@page("POST")
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a supporting agreement away."""
    seen = Support.objects.visible_to(request.user).select_related("agreement", "supporter")
    found = get_object_or_404(seen, pk=pk, agreement__slug=slug)
    if not may_write(parties_of(found.agreement), rights_of(request.user)):
        _refuse(found.agreement)
    remove_support(support=found, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("“%(what)s” is taken away.") % {"what": str(found)})
    return redirect("agreements:supports", slug)


def _refuse(agreement: Agreement) -> None:
    teams = name_list([party.team.name for party in parties_of(agreement)])
    raise PermissionDenied(_("Managers and directors of %(teams)s say what it rests on.") % {"teams": teams})
