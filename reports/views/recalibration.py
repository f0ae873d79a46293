"""From the measured rates to a draft of the next version, in one click."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.models import Agreement, Segment
from agreements.readings.agreement_page import parties_of
from agreements.readings.standing import may_write, name_list
from agreements.rights import rights_of
from reports.charts.recalibrated import fault_sentence
from reports.forms.filters import read_query
from reports.measured_plan import Way
from reports.pages.frame import ReportPage, open_page
from reports.pages.recalibrated_draft import draft_with_rates
from reports.pages.recalibration import plan_ahead
from reports.readings.recalibration import recalibration_report


@page("POST")
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the measured rates the plan of the next version's draft: new, or the open one that was shown."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    parties = parties_of(agreement)
    if not may_write(parties, rights_of(request.user)):
        teams = name_list([party.team.name for party in parties])
        raise PermissionDenied(
            _("Managers and directors of %(teams)s write this agreement.") % {"teams": teams}
        )
    query = request.POST.copy()
    query["agreement"] = slug
    asked = read_query(query)
    opened = open_page(asked, now=timezone.now(), user=request.user, span=asked.span, filters=())
    address = _draft(request, opened)
    if address is not None:
        return address
    parts = {"month": opened.month_value, "per": opened.span.value, "agreement": slug}
    return redirect(f"{reverse('reports:recalibration')}?{urlencode(parts)}#draft")


def _draft(request: HttpRequest, opened: ReportPage) -> HttpResponse | None:
    """Make the draft and go to it; None, with a message, where it cannot be made."""
    report = recalibration_report(opened.scope)
    found, _open = plan_ahead(opened, report)
    way = request.POST.get("way", "")
    if found is None or way not in set(Way) or opened.agreement is None:
        messages.error(request, _("Choose the rates that the draft is to have."))
        return None
    one = found.ways[Way(way)]
    if one.calculation is None:
        names = dict(Segment.objects.values_list("slug", "name"))
        assert one.fault is not None
        messages.error(request, fault_sentence(one.fault, names))
        return None
    if request.POST.get("leads") != str(one.calculation.leads):
        messages.warning(request, _("The rates have changed since you looked. Here they are as of now."))
        return None
    seen = request.POST.get("draft", "")
    try:
        made = draft_with_rates(
            agreement=opened.agreement,
            found=found,
            report=report,
            way=Way(way),
            seen=int(seen[:9]) if seen.isascii() and seen.isdecimal() else None,
            now=opened.now,
            by=request.user,  # type: ignore[arg-type]
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return None
    said = {"number": made.version.number, "agreement": opened.agreement.name}
    if made.is_there_already:
        messages.info(request, _("Draft %(number)s of %(agreement)s has these rates already.") % said)
    else:
        messages.success(
            request,
            _("The goals of draft %(number)s of %(agreement)s now follow from the measured rates.") % said,
        )
    return redirect("agreements:edit", opened.agreement.slug, made.version.number)
